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

/**
 * How long a post may be under way in another process: a token, a turn in the conversation and the call itself. Only
 * one that is older is taken for lost.
 */
const underWayMs = 30_000;

/**
 * What the ledger keeps of an attempt that ended: where the message stands, that Teams certainly did not take it, or
 * that nobody knows.
 */
const endedSchema = z.union([
  messageRefSchema,
  z.strictObject({ undelivered: z.string() }),
  z.strictObject({ unconfirmed: z.string() }),
]);

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
 * - perhaps under way in another process: waited for;
 * - perhaps delivered (no answer, 5xx, a crash in between): never repeated under the same entry. Teams cannot be asked
 *   what it has, so a copy that says what it is goes out after a pause, twice at most; then a person must look.
 *
 * @returns where every copy stands of which that is known
 * @throws RetryableError, NotYet, FatalError
 */
export async function postOnce(
  effects: EffectLedger,
  now: () => Instant,
  { caseId, purpose, seq, send }: Posting,
): Promise<MessageRef[]> {
  const keyFor = (attempt: number) => keyOf({ caseId, purpose, seq }, attempt);
  let unconfirmed = 0;
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const key = keyFor(attempt);
    const at = now();
    const begun = await effects.begin({ key, caseId, kind: purpose, at });
    const ended = begun.kind === 'done' ? endedSchema.parse(begun.result) : null;
    if (begun.kind === 'fresh' || (ended && 'activityId' in ended)) {
      if (begun.kind === 'fresh') await attemptOf(effects, now, key, unconfirmed, send);
      // Another process may have had its answer meanwhile.
      const keys = Array.from({ length: attempt + copiesMax }, (_, before) => keyFor(before + 1));
      return delivered(await effects.results(keys));
    }
    if (begun.kind === 'started') {
      const ageMs = Date.parse(at) - Date.parse(begun.startedAt);
      if (Math.abs(ageMs) < underWayMs) throw new NotYet('postUnderWay', underWayMs - Math.max(ageMs, 0));
    }
    if (!ended || 'unconfirmed' in ended) {
      unconfirmed += 1;
      if (unconfirmed >= copiesMax) break;
    }
  }
  throw new FatalError(
    'deliveryUnconfirmed',
    `Teams confirmed none of ${unconfirmed} copies of the message.`,
  );
}

/** Attempts after which a message that people care about has long been delivered, or given up. */
const attemptsLookedAt = 10;

/** Where the copies of a message stand that was posted so. */
export async function whereDelivered(
  effects: EffectLedger,
  { caseId, purpose, seq }: Omit<Posting, 'send'>,
): Promise<MessageRef[]> {
  const keys = Array.from({ length: attemptsLookedAt }, (_, at) => keyOf({ caseId, purpose, seq }, at + 1));
  return delivered(await effects.results(keys));
}

const keyOf = ({ caseId, purpose, seq }: Omit<Posting, 'send'>, attempt: number): Digest =>
  effectKey(caseId, attempt === 1 ? purpose : `${purpose}-${attempt}`, seq);

function delivered(results: readonly unknown[]): MessageRef[] {
  return results.flatMap((result) => {
    const ended = endedSchema.parse(result);
    return 'activityId' in ended ? [ended] : [];
  });
}

async function attemptOf(
  effects: EffectLedger,
  now: () => Instant,
  key: Digest,
  unconfirmed: number,
  send: Posting['send'],
): Promise<void> {
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
    await effects.finish(key, now(), { unconfirmed: error.code });
    const pauseMs = pausesBeforeCopyMs[unconfirmed] ?? 0;
    const retryAfterMs = Math.max(pauseMs, error.retryAfterMs ?? 0);
    throw new RetryableError(error.code, error.message, { cause: error, retryAfterMs });
  }
  await effects.finish(key, now(), message);
}
