import { stableSysId } from '@sallyport/scenario';

/** A card or text that a bot posted, with everything it has been. */
export interface Message {
  conversationId: string;
  activityId: string;
  /** Base address the bot used; a click comes back from the same. */
  serviceUrl: string;
  channelId: string | null;
  postedAt: string;
  updatedAt: string | null;
  /** As it is shown now. */
  activity: Record<string, unknown>;
  /** What it was before each update, oldest first. */
  earlier: Record<string, unknown>[];
}

/** Enough for every scenario of a run; the oldest are forgotten first. */
const maxMessages = 5_000;

/** Conversations of the bot and what was posted in them. */
export class Conversations {
  private readonly messages = new Map<string, Message>();
  /** Personal conversations: id to the user's id. */
  private readonly personal = new Map<string, string>();
  private lastActivity = 0;

  /** The conversation between the bot and this person; asking again gives the same one. */
  personalConversation(userId: string): string {
    const id = `a:${stableSysId('conversation', userId)}`;
    this.personal.set(id, userId);
    return id;
  }

  personIn(conversationId: string): string | undefined {
    return this.personal.get(conversationId);
  }

  /** Activity ids look like times in milliseconds and never repeat. */
  newActivityId(now: Date): string {
    this.lastActivity = Math.max(this.lastActivity + 1, now.getTime());
    return String(this.lastActivity);
  }

  post(message: Message): void {
    this.messages.set(`${message.conversationId}\n${message.activityId}`, message);
    const oldest = this.messages.keys().next();
    if (this.messages.size > maxMessages && !oldest.done) this.messages.delete(oldest.value);
  }

  find(conversationId: string, activityId: string): Message | undefined {
    return this.messages.get(`${conversationId}\n${activityId}`);
  }

  update(message: Message, activity: Record<string, unknown>, at: Date): void {
    this.post({
      ...message,
      activity,
      updatedAt: at.toISOString(),
      earlier: [...message.earlier, message.activity],
    });
  }

  list(conversationId: string | undefined, contains: string | undefined): Message[] {
    return [...this.messages.values()].filter(
      (message) =>
        (conversationId === undefined || message.conversationId === conversationId) &&
        (contains === undefined || JSON.stringify(message.activity).includes(contains)),
    );
  }
}
