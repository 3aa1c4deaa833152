const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * The origin of a service that we send tokens to.
 *
 * @throws TypeError unless it is a bare https origin; plain http is accepted on the loopback interface only.
 */
export function originOf(baseUrl: string): string {
  const url = new URL(baseUrl);
  const safe = url.protocol === 'https:' || (url.protocol === 'http:' && loopback.has(url.hostname));
  if (!safe) throw new TypeError(`${url.origin} must use https`);
  if (url.pathname !== '/' || url.search !== '' || url.username !== '') {
    throw new TypeError(`${url.origin}: expected an origin without path, query or user name`);
  }
  return url.origin;
}
