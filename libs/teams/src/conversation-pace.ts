import type { Runtime } from './runtime';
import { TeamsError } from './teams-error';

/**
 * What Teams lets one bot send into one conversation.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
const limits = [
  { count: 7, withinMs: 1_000 },
  { count: 8, withinMs: 2_000 },
  { count: 60, withinMs: 30_000 },
  { count: 1_800, withinMs: 3_600_000 },
] as const;
const longestMs = 3_600_000;
/** Longer than this a worker is not held: the queue's own retry is cheaper. */
const waitMaxMs = 5_000;
/** As close to each other as the limits allow over half a minute: when those that could not wait should come again. */
const spreadMs = 500;
/** One channel and a chat per manager; those that have been quiet for an hour are forgotten first. */
const conversationsMax = 10_000;

/** Code of the error where a conversation is full: nothing was sent, and nobody refused it. */
export const conversationLimit = 'conversationLimit';

interface Pace {
  /** When each message of the last hour was or will be sent, in order. */
  sentAtMs: number[];
  /** Teams asked for a pause until then. */
  notBeforeMs: number;
  /** When the last one that could not wait was told to come again. */
  againAtMs: number;
}

/**
 * Keeps each conversation under Teams' limits, within this process: every replica counts for itself, and a 429 that
 * comes nevertheless makes all messages to that conversation wait.
 */
export class ConversationPace {
  private readonly conversations = new Map<string, Pace>();

  /** @param factor how many times the documented number of messages is let through */
  constructor(
    private readonly runtime: Runtime,
    private readonly factor = 1,
  ) {}

  /**
   * Waits for the next free place.
   *
   * @throws TeamsError `throttled` where that would take longer than a caller should wait; nothing was sent
   */
  async turn(conversation: string): Promise<void> {
    const nowMs = this.runtime.nowMs();
    const pace = this.paceOf(threadOf(conversation), nowMs);
    const sendAtMs = placeIn(pace, nowMs, this.factor);
    const waitMs = Math.ceil(sendAtMs - nowMs);
    if (waitMs > waitMaxMs) {
      // One after another, or all of them would come back for the same place.
      pace.againAtMs = Math.max(sendAtMs, pace.againAtMs + spreadMs / this.factor);
      throw new TeamsError({
        kind: 'throttled',
        status: null,
        code: conversationLimit,
        retryAfterMs: Math.ceil(pace.againAtMs - nowMs),
      });
    }
    pace.sentAtMs.push(sendAtMs);
    if (waitMs > 0) await this.runtime.sleep(waitMs);
  }

  /** Teams said 429: nothing goes to this conversation before the pause is over. */
  pause(conversation: string, pauseMs: number): void {
    const nowMs = this.runtime.nowMs();
    const pace = this.paceOf(threadOf(conversation), nowMs);
    pace.notBeforeMs = Math.max(pace.notBeforeMs, nowMs + Math.min(pauseMs, longestMs));
  }

  private paceOf(thread: string, nowMs: number): Pace {
    const pace = this.conversations.get(thread) ?? { sentAtMs: [], notBeforeMs: 0, againAtMs: 0 };
    const oldest = pace.sentAtMs.findIndex((atMs) => atMs > nowMs - longestMs);
    pace.sentAtMs.splice(0, oldest === -1 ? pace.sentAtMs.length : oldest);
    // Looked at last stands last, so that the first is the longest quiet.
    this.conversations.delete(thread);
    this.conversations.set(thread, pace);
    const [quiet] = this.conversations.keys();
    if (this.conversations.size > conversationsMax && quiet !== undefined) this.conversations.delete(quiet);
    return pace;
  }
}

/** A reply chain (`19:…;messageid=…`) counts with its channel: stricter than the documentation can be read. */
const threadOf = (conversation: string) => conversation.split(';')[0] ?? conversation;

/** The earliest moment at which one more message breaks no limit; never before one that is already promised. */
function placeIn({ sentAtMs, notBeforeMs }: Pace, nowMs: number, factor: number): number {
  const places = limits.map(({ count, withinMs }) => {
    const inTheWay = sentAtMs[sentAtMs.length - Math.ceil(count * factor)];
    return inTheWay === undefined ? nowMs : inTheWay + withinMs;
  });
  return Math.max(nowMs, notBeforeMs, sentAtMs.at(-1) ?? 0, ...places);
}
