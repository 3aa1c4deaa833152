import { type Request, type RequestHandler } from 'express';

/**
 * Refuses a request that does not prove it comes from this very page: another site that the visitor has open must not
 * click cards. Browsers send `Sec-Fetch-Site` or `Origin` with a POST and let no page forge them; each that is there
 * must agree, and one must be there. https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export const sameOriginOnly: RequestHandler = (request, response, next) => {
  if (provesSameOrigin(request)) next();
  else response.status(403).json({ error: 'Only the Teams page itself may do this.' });
};

function provesSameOrigin(request: Request): boolean {
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  if (site === undefined && origin === undefined) return false;
  const own = `https://${request.get('host') ?? ''}`;
  return (site === undefined || site === 'same-origin') && (origin === undefined || origin === own);
}
