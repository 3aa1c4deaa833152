import type { UnknownReason } from '@sallyport/evidence';
import { ZodError } from 'zod';
import { EntraError, type EntraErrorKind } from './entra-error';
import { Unknowable } from './unknowable';

const reasonByKind: Record<EntraErrorKind, UnknownReason> = {
  throttled: 'unavailable',
  unavailable: 'unavailable',
  forbidden: 'forbidden',
  notFound: 'notFound',
  invalidAnswer: 'invalid',
  rejected: 'invalid',
};

/** Rethrows what is our own mistake. Details name fields and codes, never values: values are personal data. */
export function unknownFrom(error: unknown): { reason: UnknownReason; detail: string } {
  if (error instanceof Unknowable) return { reason: error.reason, detail: error.detail };
  if (error instanceof EntraError) return { reason: reasonByKind[error.kind], detail: error.message };
  if (error instanceof ZodError) {
    const fields = error.issues.slice(0, 5).map((issue) => issue.path.join('.'));
    return { reason: 'invalid', detail: `unexpected answer at ${fields.join(', ')}`.slice(0, 500) };
  }
  throw error;
}
