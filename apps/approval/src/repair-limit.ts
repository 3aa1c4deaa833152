import type { MessageRef } from '@sallyport/evidence';

/** One repair is enough for whoever looks; another is due only where Teams has lost that one as well. */
const windowMs = 60_000;
/** Teams lets a bot send 60 messages in half a minute into a conversation, and questions must not wait for repairs. */
const perConversationMax = 10;
/** Copies repaired within the window, in all conversations. Beyond it, each person who looks still sees the truth. */
const copiesMax = 1_000;

/**
 * Keeps those who look at cards from using up what Teams lets us send: anybody in a channel can look, and click, as often
 * as they like.
 */
export class RepairLimit {
  /** When each copy was repaired last, the longest ago first. */
  private readonly recent = new Map<string, { thread: string; atMs: number }>();

  /** @returns whether this copy may be repaired now */
  takes(
    { conversationId, activityId }: Pick<MessageRef, 'conversationId' | 'activityId'>,
    nowMs: number,
  ): boolean {
    for (const [key, { atMs }] of this.recent) {
      // A clock that was set back must not make anything wait for longer.
      if (nowMs >= atMs && nowMs - atMs < windowMs) break;
      this.recent.delete(key);
    }
    const key = JSON.stringify([conversationId, activityId]);
    if (this.recent.has(key) || this.recent.size >= copiesMax) return false;
    // What stands below a message counts with its channel, as Teams' limits do.
    const thread = conversationId.split(';')[0] ?? conversationId;
    const beside = [...this.recent.values()].filter((one) => one.thread === thread).length;
    if (beside >= perConversationMax) return false;
    this.recent.set(key, { thread, atMs: nowMs });
    return true;
  }
}
