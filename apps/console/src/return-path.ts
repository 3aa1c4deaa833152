/** The cookie that keeps it has 4 KB; no page of the console comes near. */
const maxLength = 1_024;

/**
 * Where to go after sign-in: the page of this console that `path` names, else its front page. Always an absolute URL
 * on `publicUrl`, because a bare path such as `//elsewhere` would be read as another host.
 */
export function returnUrl(path: unknown, publicUrl: URL): URL {
  const home = new URL('/', publicUrl);
  if (typeof path !== 'string' || !path.startsWith('/')) return home;
  if (!URL.canParse(path, publicUrl.href)) return home;
  const url = new URL(path, publicUrl);
  // Measured as encoded, because that is what the cookie keeps.
  return url.origin === publicUrl.origin && url.href.length <= maxLength ? url : home;
}
