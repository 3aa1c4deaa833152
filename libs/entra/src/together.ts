import { AsyncResource } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Digest } from '@sallyport/evidence';
import { clientRequestId } from '@sallyport/idempotency';
import { type Answer, notCalled } from './account-outcomes';
import type { AccountWriter, TogetherKind } from './account-writer';
import type { Place } from './budget/arrivals';
import { systemRuntime } from './retry';

/** Most users of one call. Microsoft states it for dismiss, on the beta page. */
export const togetherMax = 60;
/** Long enough for cases that are ready at the same moment to meet, and nothing beside the wait for the budget. */
const gatherMs = 100;
/** The others of a call wait so long for one whose intent is slow to be written: well within the window of each. */
const intentsMs = 2_000;
/** After a call for several was refused each goes alone for so long: one of them is not to cost the others. */
const aloneMs = 10 * 60_000;

/** One user's part in a call. */
export interface Part {
  subjectId: string;
  /** Idempotency key of the action. */
  key: Digest;
  /**
   * Writes the intent. Where it throws, this user is left out of the call.
   * @param sentAs `client-request-id` of the call where it is one for several; undefined where it follows from the key
   */
  intent: (sentAs: string | undefined) => Promise<void>;
}

interface Waiting extends Part {
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

/**
 * Sends what several cases ask for at the same moment in one call. Each has its own intent, written after the budget is
 * there and before the call, and is left out where that fails: its case has moved.
 */
export class Together {
  private waiting: Waiting[] = [];
  private running = false;
  private aloneUntilMs = 0;

  /**
   * @param callWindowMs a user whose intent is older than this is left out of the call
   * @param max users of one call
   */
  constructor(
    private readonly writer: Pick<AccountWriter, 'prepare' | 'performTogether' | 'unused'>,
    private readonly step: TogetherKind,
    private readonly callWindowMs: number,
    private readonly max: number = togetherMax,
  ) {}

  /**
   * @returns what the one call means for this user
   * @throws what the intent throws, and EntraError with no intent written where the budget cannot be had
   */
  send(part: Part): Promise<Answer> {
    return new Promise((resolve, reject) => {
      // Whoever gathers runs in the context of the first one; each intent belongs to its own case.
      this.waiting.push({ ...part, intent: AsyncResource.bind(part.intent), resolve, reject });
      void this.run();
    });
  }

  private async run(): Promise<void> {
    if (this.running) return;
    this.running = true;
    if (this.max > 1) await systemRuntime.sleep(gatherMs);
    while (this.waiting.length > 0) {
      let place: Place | null;
      try {
        // Whoever comes while the budget is waited for goes along.
        place = await this.writer.prepare(this.step, this.waiting[0]?.subjectId ?? '');
      } catch (error) {
        for (const { reject } of this.waiting.splice(0)) reject(error);
        break;
      }
      const alone = performance.now() < this.aloneUntilMs;
      const group = this.waiting.splice(0, alone ? 1 : this.max);
      // Not waited for: a call that hangs must not hold up those who come next.
      void this.sendGroup(group, place);
    }
    this.running = false;
  }

  /** Settles every member, and so never throws. */
  private async sendGroup(group: readonly Waiting[], place: Place | null): Promise<void> {
    const keys = group.map(({ key }) => key).sort();
    const sentAs = group.length > 1 ? clientRequestId('together', this.step, ...keys) : undefined;
    const ready = await this.written(group, sentAs);
    const inTime = ready.filter(({ member, sinceMs }) => {
      const late = performance.now() - sinceMs > this.callWindowMs;
      if (late) member.resolve(notCalled);
      return !late;
    });
    const [first] = inTime;
    if (!first) return this.writer.unused(this.step, place);
    const members = inTime.map(({ member }) => member);
    try {
      const subjectIds = [...new Set(members.map(({ subjectId }) => subjectId))];
      const id = sentAs ?? clientRequestId(first.member.key);
      const sendByMs = Math.min(...inTime.map(({ sinceMs }) => sinceMs)) + this.callWindowMs;
      const answer = await this.writer.performTogether(this.step, subjectIds, id, place, sendByMs);
      if (members.length > 1 && answer.kind === 'ambiguous' && answer.refused)
        this.aloneUntilMs = performance.now() + aloneMs;
      for (const { resolve } of members) resolve(answer);
    } catch (error) {
      this.writer.unused(this.step, place);
      for (const { reject } of members) reject(error);
    }
  }

  /** Those whose intent is in the log. One that is slow is not waited for, and does not go along once it is there. */
  private async written(group: readonly Waiting[], sentAs: string | undefined) {
    const ready: { member: Waiting; sinceMs: number }[] = [];
    let closed = false;
    const writing = group.map(async (member) => {
      const sinceMs = performance.now();
      try {
        await member.intent(sentAs);
        if (closed) member.resolve(notCalled);
        else ready.push({ member, sinceMs });
      } catch (error) {
        member.reject(error);
      }
    });
    const enough = new AbortController();
    const all = Promise.all(writing).finally(() => enough.abort());
    await Promise.race([all, delay(intentsMs, null, { signal: enough.signal }).catch(() => null)]);
    closed = true;
    return ready;
  }
}
