import { Problem, sendProblem } from '@sallyport/service';
import type { Request, RequestHandler } from 'express';

const safeMethods = ['GET', 'HEAD'];

export const isSafe = (request: Request): boolean => safeMethods.includes(request.method);

/**
 * Refuses every state-changing request that does not prove it comes from a page of this console (CSRF). Browsers send
 * `Sec-Fetch-Site` or `Origin` and let no page forge them; each that is there must agree, and one must be there.
 * https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Sec-Fetch-Site
 */
export function sameOriginOnly(publicUrl: URL): RequestHandler {
  return (request, response, next) => {
    if (isSafe(request) || provesSameOrigin(request, publicUrl)) return next();
    const detail = `Send this from a page of the console at ${publicUrl.origin}.`;
    sendProblem(response, new Problem(403, 'crossSite', 'Cross-site request refused', detail));
  };
}

function provesSameOrigin(request: Request, publicUrl: URL): boolean {
  const site = request.get('sec-fetch-site');
  const origin = request.get('origin');
  if (site === undefined && origin === undefined) return false;
  return (
    (site === undefined || site === 'same-origin') && (origin === undefined || origin === publicUrl.origin)
  );
}
