import type { EffectLedger } from '@sallyport/case-log';
import { type Digest, type Instant, type MessageRef, messageRefSchema } from '@sallyport/evidence';
import { effectKey } from '@sallyport/idempotency';
import { FatalError, NotYet, RetryableError } from '@sallyport/queue';
import { asStageError } from '@sallyport/stage';
import { conversationLimit, TeamsError } from '@sallyport/teams';
import { z } from 'zod';

/**
 * How often a message is sent whose delivery nobody confirmed, and how long the question waits for its next copy. A
 * short disturbance of Teams is over by then, and a longer one must not fill the channel.
 */
const pausesBeforeCopyMs = [10_000, 45_000] as const;
const copiesMax = pausesBeforeCopyMs.length + 1;
/** More than every retry of every restart of one post could need; only a fault of ours gets there. */
const attemptsMax = 200;

/** What the ledger keeps of an attempt that ended: where the message stands, or that Teams certainly did not take it. */
const undeliveredSchema = z.strictObject({ undelivered: z.string() });
const endedSchema = z.union([messageRefSchema, undeliveredSchema]);

export interface Posting {
  caseId: string;
  /** Which message, to whom; the same words after a crash. */
  purpose: string;
  seq: number;
  /** @param copy 1 for the first; a later one may be the second that people see */
  send: (copy: number) => Promise<MessageRef>;
}

/**
 * Posts a message at most once per entry of the ledger, and repairs what stays open:
 *
 * - delivered: never again;
 * - certainly not delivered (refused, throttled, not reached): noted, and tried again as if nothing had been sent;
 * - perhaps delivered (no answer, 5xx, a crash in between): never repeated under the same entry. Teams cannot be asked
 *   what it has, so a copy that says what it is goes out after a pause, twice at most; then a person must look.
 *
 * @throws RetryableError, NotYet, FatalError
 */
export async function postOnce(
  effects: EffectLedger,
  now: () => Instant,
  { caseId, purpose, seq, send }: Posting,
): Promise<MessageRef> {
  let unconfirmed = 0;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const key = effectKey(caseId, attempt === 1 ? purpose : `${purpose}-${attempt}`, seq);
    const begun = await effects.begin({ key, caseId, kind: purpose, at: now() });
    if (begun.kind === 'done') {
      const ended = endedSchema.parse(begun.result);
      if (!('undelivered' in ended)) return ended;
    } else if (begun.kind === 'started') {
      unconfirmed += 1;
      if (unconfirmed >= copiesMax) break;
    } else {
      return attemptOf(effects, now, key, unconfirmed, send);
    }
  }
  throw new FatalError(
    'deliveryUnconfirmed',
    `Teams confirmed none of ${unconfirmed} copies of the message.`,
  );
}

async function attemptOf(
  effects: EffectLedger,
  now: () => Instant,
  key: Digest,
  unconfirmed: number,
  send: Posting['send'],
): Promise<MessageRef> {
  let message: MessageRef;
  try {
    message = await send(unconfirmed + 1);
  } catch (error) {
    if (!(error instanceof TeamsError)) throw error;
    if (!error.maybeDelivered) {
      await effects.finish(key, now(), { undelivered: error.code });
      // Our own pace, not a failure: many cases that ask at once are patient, and cost none of their attempts.
      if (error.code === conversationLimit) throw new NotYet(error.code, error.retryAfterMs ?? 0);
      throw asStageError(error);
    }
    const pauseMs = pausesBeforeCopyMs[unconfirmed] ?? 0;
    const retryAfterMs = Math.max(pauseMs, error.retryAfterMs ?? 0);
    throw new RetryableError(error.code, error.message, { cause: error, retryAfterMs });
  }
  await effects.finish(key, now(), message);
  return message;
}
