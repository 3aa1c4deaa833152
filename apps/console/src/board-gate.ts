import { type Logger, Problem, sendProblem } from '@sallyport/service';
import { type Request, type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import { boardPath } from './board';
import type { Person, Role } from './person';
import { isSafe } from './same-origin';
import type { Sessions } from './sessions';

/**
 * All that an operator may change, by method and path below {@link boardPath}: retry, promote and clean, one job or
 * all. Bull Board can also add and edit jobs, which would put what no stage asked for into the store, and pause, empty
 * or obliterate queues, which nothing here needs. What is not listed is refused, so an update of it opens nothing.
 */
const operatorChanges = /^\/api\/queues\/[^/]+\/(promote|(retry|clean)\/[^/]+|[^/]+\/(retry|promote|clean))$/;

/** Bull Board styles its elements inline and sets its own base address. All it loads is served from here. */
const boardHeaders = helmet({
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      'default-src': ["'none'"],
      'script-src': ["'self'"],
      'style-src': ["'self'", "'unsafe-inline'"],
      'img-src': ["'self'", 'data:'],
      'font-src': ["'self'", 'data:'],
      'connect-src': ["'self'"],
      'base-uri': ["'self'"],
      'form-action': ["'none'"],
      'frame-ancestors': ["'none'"],
    },
  },
});

/** The boards behind sign-in, each role its own; what may be changed is decided here and not by hidden buttons. */
export function boardGate(
  sessions: Sessions,
  boards: Readonly<Record<Role, RequestHandler>>,
  logger: Logger,
): RequestHandler {
  return Router().use(boardHeaders, (request, response, next) => {
    const person = sessions.person(request);
    if (person === null) {
      if (isNavigation(request)) {
        return response.redirect(302, `/login?return=${encodeURIComponent(request.originalUrl)}`);
      }
      const detail = 'Load the page again to sign in.';
      return sendProblem(response, new Problem(401, 'signedOut', 'Signed out', detail));
    }
    if (!isSafe(request)) {
      const refusal = refusalFor(person, request);
      if (refusal) return sendProblem(response, refusal);
      logger.info({ by: person.id, method: request.method, path: request.originalUrl }, 'queue changed');
    }
    return boards[person.role](request, response, next);
  });
}

/** A page that a person opened, as against a call by one: only a page can take somebody to sign in. */
function isNavigation(request: Request): boolean {
  return isSafe(request) && !request.path.startsWith('/api/');
}

function refusalFor(person: Person, request: Request): Problem | null {
  if (person.role !== 'operator') {
    const detail = 'Your role is Viewer. Changing queues needs the role Operator.';
    return new Problem(403, 'readOnly', 'Read-only', detail);
  }
  if (request.method === 'PUT' && operatorChanges.test(request.path)) return null;
  const detail = `Jobs can be retried, promoted and cleaned at ${boardPath}; nothing else is changed from here.`;
  return new Problem(403, 'notOffered', 'Not offered', detail);
}
