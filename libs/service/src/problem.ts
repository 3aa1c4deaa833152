import { STATUS_CODES } from 'node:http';
import { type ArgumentsHost, Catch, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { Response } from 'express';
import type { Logger } from './logging';

/** An answer as RFC 9457 problem details. `code` is stable; `detail` says what to do. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(`${status} ${code}: ${detail}`);
  }

  body(): Record<string, unknown> {
    const { status, code, title, detail, extra } = this;
    return { type: `urn:sallyport:problem:${code}`, title, status, detail, code, ...extra };
  }
}

export function sendProblem(response: Response, problem: Problem): void {
  if (response.headersSent) return;
  response.status(problem.status).type('application/problem+json').send(JSON.stringify(problem.body()));
}

/** Every HTTP error leaves as a problem; what we did not foresee says nothing about our insides. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw error;
    sendProblem(host.switchToHttp().getResponse<Response>(), this.problemOf(error));
  }

  private problemOf(error: unknown): Problem {
    if (error instanceof Problem) return error;
    if (error instanceof HttpException && error.getStatus() < 500) {
      return parserProblem(error.cause) ?? requestProblem(error);
    }
    this.logger.error({ err: error }, 'request failed');
    return new Problem(
      500,
      'internal',
      'Internal error',
      'Nothing was changed. Please send the request again.',
    );
  }
}

/** A request that Nest or one of its guards refused, under the name of its status: `forbidden`, `notFound`. */
function requestProblem(error: HttpException): Problem {
  const status = error.getStatus();
  if (status === 404) return new Problem(404, 'notFound', 'Not found', 'There is nothing at this address.');
  const name = STATUS_CODES[status] ?? 'Bad Request';
  const code = name.charAt(0).toLowerCase() + name.slice(1).replaceAll(/[^A-Za-z]/g, '');
  return new Problem(status, code, name.charAt(0) + name.slice(1).toLowerCase(), error.message);
}

/**
 * Nest wraps what Express's body parsers throw, under a message that repeats the body; the cause tells more, mostly by
 * its `type` (https://github.com/expressjs/body-parser#errors).
 */
function parserProblem(cause: unknown): Problem | null {
  if (!(cause instanceof Error) || cause instanceof URIError || !('status' in cause)) return null;
  if ('type' in cause && cause.type === 'entity.too.large') {
    return new Problem(
      413,
      'bodyTooLarge',
      'Body too large',
      'Send identifiers only; the record is read from the source.',
    );
  }
  const detail = 'The body could not be read as sent.';
  return new Problem(Number(cause.status), 'badBody', 'Body not readable', detail);
}
