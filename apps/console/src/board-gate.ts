import { type Logger, Problem, sendProblem } from '@sallyport/service';
import { type Request, type RequestHandler, Router } from 'express';
import helmet from 'helmet';
import type { Person, Role } from './person';
import { isSafe } from './same-origin';
import type { Sessions } from './sessions';

/**
 * All that an operator may change, by path below the board's: retry, promote and clean, one job or all. Bull Board can
 * also add and edit jobs, which would put into the store what no stage asked for, and pause, empty or obliterate
 * queues, which nothing here needs. What is not listed is refused, so that a newer Bull Board opens nothing.
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
      return sendProblem(response, boardProblem(401, 'signedOut', 'Signed out', detail));
    }
    if (!isSafe(request)) {
      const refusal = refusalFor(person, request);
      if (refusal) return sendProblem(response, refusal);
      logger.info(
        { by: person.id, method: request.method, path: request.originalUrl },
        'queue change asked for',
      );
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
    return boardProblem(403, 'readOnly', 'Read-only', detail);
  }
  if (request.method === 'PUT' && operatorChanges.test(request.path)) return null;
  const detail = 'Jobs can be retried, promoted and cleaned. Nothing else is changed from here.';
  return boardProblem(403, 'notOffered', 'Not offered', detail);
}

/** Bull Board shows people what it finds under these two names. */
function boardProblem(status: number, code: string, title: string, detail: string): Problem {
  return new Problem(status, code, title, detail, { error: title, message: detail });
}
