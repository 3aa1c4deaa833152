const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);

/**
 * Whether we may talk to the service at `url`. An entry of `allowedHosts` is a host name, or host and port where
 * only that port is meant. https only; plain http on the loopback interface.
 */
export function isAllowedServiceUrl(url: string, allowedHosts: readonly string[]): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, hostname, host, username } = new URL(url);
  const safe = protocol === 'https:' || (protocol === 'http:' && loopback.has(hostname));
  return safe && username === '' && allowedHosts.some((allowed) => allowed === hostname || allowed === host);
}
