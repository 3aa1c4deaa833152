import type { UnknownReason } from '@sallyport/evidence';

/** Thrown inside a reading where the answer is sound but tells nothing; becomes an unknown reading. */
export class Unknowable extends Error {
  override readonly name = 'Unknowable';
  constructor(
    readonly reason: UnknownReason,
    readonly detail: string,
  ) {
    super(`${reason}: ${detail}`);
  }
}
