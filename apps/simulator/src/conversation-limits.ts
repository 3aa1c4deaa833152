/**
 * What one bot may send into one conversation, replies of a channel's message counted with the channel.
 * https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
 */
const limits = [
  { count: 7, withinMs: 1_000 },
  { count: 8, withinMs: 2_000 },
  { count: 60, withinMs: 30_000 },
  { count: 1_800, withinMs: 3_600_000 },
] as const;
const longestMs = 3_600_000;

/** Sliding windows over the machine's clock: a jump of the scenario's clock frees no budget. */
export class ConversationLimits {
  private readonly sent = new Map<string, number[]>();

  /** @param speed how many times faster than documented the windows pass */
  constructor(
    private readonly nowMs: () => number,
    private readonly speed = 1,
  ) {}

  /** Whether one more message is let through; one that is not counts for nothing. */
  take(conversation: string): boolean {
    const thread = conversation.split(';')[0] ?? conversation;
    const now = this.nowMs();
    const recent = (this.sent.get(thread) ?? []).filter((at) => at > now - longestMs / this.speed);
    const isFree = limits.every(({ count, withinMs }) => {
      const earlier = recent[recent.length - count];
      return earlier === undefined || earlier <= now - withinMs / this.speed;
    });
    if (isFree) this.sent.set(thread, [...recent, now]);
    return isFree;
  }
}
