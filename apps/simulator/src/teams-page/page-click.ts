import { teamsUserId } from '@sallyport/scenario';
import { z } from 'zod';
import { click } from '../bot-click';
import { type Message } from '../conversations';
import { type World } from '../world';
import { type Card, cardOf, readCard, refreshOf } from './card-of';
import { maySee } from './conversation-view';
import { personCalled } from './people-view';

/** What a person in Teams can send: no forged token, no automatic trigger. Those are for scenarios, by the admin API. */
export const pageClickSchema = z.strictObject({
  person: z.string().max(100),
  conversationId: z.string().max(300),
  activityId: z.string().max(100),
  verb: z.string().min(1).max(100),
  data: z.record(z.string().max(100), z.unknown()),
});

export type ClickAnswer =
  /** A card for this viewer alone; `revision` is the message's, so that a later update of it wins over the card. */
  | { kind: 'card'; card: Card; revision: number }
  | { kind: 'message'; text: string }
  | { kind: 'error'; text: string }
  /** Not possible in Teams, so that the bot was not asked. */
  | { kind: 'refused'; text: string };

/** What an invoke answers with. https://learn.microsoft.com/microsoftteams/platform/task-modules-and-cards/cards/universal-actions-for-adaptive-cards/work-with-universal-actions-for-adaptive-cards */
const invokeAnswerSchema = z.looseObject({ statusCode: z.number(), type: z.string(), value: z.unknown() });
const errorValueSchema = z.looseObject({ message: z.string() });

/** The words of Teams for a bot that cannot be reached or answers what is no answer. */
const unreachable = 'Unable to reach app. Please try again.';

/** Clicks as the person would: a signed token and a true invoke go to the bot, and its answer comes back. */
export async function pageClick(given: z.infer<typeof pageClickSchema>, world: World): Promise<ClickAnswer> {
  const message = seenMessage(given, world);
  if ('kind' in message) return message;
  return sent({ ...given, trigger: 'manual' }, world);
}

export const pageRefreshSchema = pageClickSchema.pick({
  person: true,
  conversationId: true,
  activityId: true,
});

/**
 * What a client does by itself with a card that comes into view: it sends the card's own refresh action, whatever the
 * visitor may wish, and marks it as automatic.
 */
export async function pageRefresh(
  given: z.infer<typeof pageRefreshSchema>,
  world: World,
): Promise<ClickAnswer> {
  const message = seenMessage(given, world);
  if ('kind' in message) return message;
  const refresh = refreshOf(cardOf(message.activity));
  // The bot may have updated the card since it came into view: then there is nothing to refresh any more.
  if (refresh === null) return { kind: 'message', text: 'This card does not refresh by itself.' };
  if (refresh.userIds?.includes(teamsUserId(given.person)) === false)
    return { kind: 'refused', text: 'This card does not refresh by itself for this person.' };
  const { verb, data } = refresh.action;
  return sent({ ...given, verb, data, trigger: 'automatic' }, world);
}

type Refused = Extract<ClickAnswer, { kind: 'refused' }>;

function seenMessage(
  { person, conversationId, activityId }: z.infer<typeof pageRefreshSchema>,
  world: World,
): Message | Refused {
  if (personCalled(person, world) === undefined)
    return { kind: 'refused', text: 'Nobody in the tenant can sign in as this person.' };
  const message = world.conversations.find(conversationId, activityId);
  if (message !== undefined && maySee(person, message, world)) return message;
  return { kind: 'refused', text: 'This person does not see that message.' };
}

async function sent(
  given: z.infer<typeof pageClickSchema> & { trigger: 'manual' | 'automatic' },
  world: World,
): Promise<ClickAnswer> {
  let body: unknown;
  try {
    ({ body } = await click({ ...given, forged: {} }, world));
  } catch (error) {
    console.error('a click did not reach the bot:', error);
    return { kind: 'error', text: unreachable };
  }
  const { conversationId, activityId } = given;
  const revision = world.conversations.find(conversationId, activityId)?.earlier.length ?? 0;
  return answerOf(body, revision);
}

function answerOf(body: unknown, revision: number): ClickAnswer {
  const answer = invokeAnswerSchema.safeParse(body).data;
  if (answer?.type === 'application/vnd.microsoft.card.adaptive') {
    const card = readCard(answer.value);
    if (card !== null) return { kind: 'card', card, revision };
  }
  if (answer?.type === 'application/vnd.microsoft.activity.message' && typeof answer.value === 'string')
    return { kind: 'message', text: answer.value };
  return { kind: 'error', text: errorValueSchema.safeParse(answer?.value).data?.message ?? unreachable };
}
