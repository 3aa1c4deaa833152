import { type TenantUser } from '@sallyport/scenario';
import { type Message } from '../conversations';
import { type World } from '../world';
import { type Card, cardOf, isOpen } from './card-of';

/** What a page can show and a visitor can read; older messages stay in the simulator. */
const maxMessagesShown = 40;

export interface MessageView {
  conversationId: string;
  activityId: string;
  postedAt: string;
  updatedAt: string | null;
  /** Counts the updates: a page draws a message again when this changes, and only then. */
  revision: number;
  card: Card | null;
  text: string;
}
export interface ConversationView {
  id: string;
  kind: 'channel' | 'chat';
  name: string;
  /** Messages with something to press. */
  open: number;
  /** Oldest first. */
  messages: MessageView[];
}

/** Every channel, and the viewer's own chat with the bot. Nobody sees the chats of others. */
export function conversationsOf(viewer: TenantUser | null, world: World): ConversationView[] {
  const all = world.conversations.list(undefined, undefined);
  const channels = [...world.state.channels].map(([id, name]) =>
    viewOf(
      id,
      'channel',
      name,
      all.filter(({ channelId }) => channelId === id),
    ),
  );
  if (viewer === null) return channels;
  const own = all.filter((message) => isInChatOf(viewer.id, message, world));
  return [...channels, viewOf(`chat:${viewer.id}`, 'chat', 'Sallyport', own)];
}

/** Whether Teams would show this message to the person: whatever is in a channel, and what is in the own chat. */
export function maySee(personId: string, message: Message, world: World): boolean {
  return message.channelId !== null || isInChatOf(personId, message, world);
}

const isInChatOf = (personId: string, message: Message, { conversations }: World): boolean =>
  conversations.personIn(message.conversationId) === personId;

function viewOf(
  id: string,
  kind: ConversationView['kind'],
  name: string,
  messages: readonly Message[],
): ConversationView {
  // An update moves a message to the end of the store, but not in Teams.
  const ordered = [...messages].sort((a, b) => Number(a.activityId) - Number(b.activityId));
  const views = ordered.slice(-maxMessagesShown).map(messageView);
  return { id, kind, name, open: views.filter(({ card }) => isOpen(card)).length, messages: views };
}

function messageView(message: Message): MessageView {
  const { conversationId, activityId, postedAt, updatedAt, activity, earlier } = message;
  const card = cardOf(activity);
  const words = activity['text'] ?? activity['summary'];
  return {
    conversationId,
    activityId,
    postedAt,
    updatedAt,
    revision: earlier.length,
    card,
    text: typeof words === 'string' ? words : '',
  };
}
