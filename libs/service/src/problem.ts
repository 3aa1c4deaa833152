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
      return error.getStatus() === 404
        ? new Problem(404, 'notFound', 'Not found', 'There is nothing at this address.')
        : new Problem(error.getStatus(), 'badRequest', 'Bad request', error.message);
    }
    const fromParser = parserProblem(error);
    if (fromParser) return fromParser;
    this.logger.error({ err: error }, 'request failed');
    return new Problem(
      500,
      'internal',
      'Internal error',
      'Nothing was changed. Please send the request again.',
    );
  }
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
