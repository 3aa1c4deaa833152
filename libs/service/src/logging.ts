import type { LoggerService } from '@nestjs/common';
import pino, { type Logger } from 'pino';

export type { Logger };

export const loggerToken = Symbol('logger');

/** Structured logs, one JSON object a line. What could hold a secret or a person is cut out by name. */
export function createLogger(service: string, level: string): Logger {
  return pino({
    base: { service },
    level,
    timestamp: pino.stdTimeFunctions.isoTime,
    serializers: { err: errorWithoutData },
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: [
        'authorization',
        'password',
        'token',
        'secret',
        'headers',
        'body',
        '*.authorization',
        '*.headers',
      ],
      censor: '[cut]',
    },
  });
}

/**
 * What is logged of an error. Not its other properties: a failed SQL statement carries its parameters, and those are
 * the evidence.
 */
export function errorWithoutData(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const { name, message, stack, cause } = error;
  return {
    type: name,
    message,
    ...('code' in error && { code: String(error.code) }),
    stack,
    ...(cause instanceof Error && { cause: errorWithoutData(cause) }),
  };
}

/** Lets Nest's own messages go the same way. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}
  log(message: unknown, ...rest: unknown[]): void {
    this.logger.debug({ context: rest.at(-1) }, String(message));
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.logger.error({ context: rest.at(-1), stack: rest.at(0) }, String(message));
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.logger.warn({ context: rest.at(-1) }, String(message));
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.logger.trace({ context: rest.at(-1) }, String(message));
  }
}
