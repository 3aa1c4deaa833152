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
    // Nest wraps what a body parser throws, and gives it a message that repeats the body.
    const fromParser = parserProblem(error instanceof HttpException ? error.cause : error);
    if (fromParser) return fromParser;
    if (error instanceof HttpException && error.getStatus() < 500) return requestProblem(error);
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

/** Errors of Express's body parsers carry a `type` (https://github.com/expressjs/body-parser#errors). */
function parserProblem(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('type' in error) || !('status' in error)) return null;
  const status = Number(error.status);
  if (error.type === 'entity.too.large') {
    return new Problem(
      413,
      'bodyTooLarge',
      'Body too large',
      'Send identifiers only; the record is read from the source.',
    );
  }
  if (!(status >= 400 && status < 500)) return null;
  return new Problem(status, 'badBody', 'Body not readable', 'The body could not be read as sent.');
}
