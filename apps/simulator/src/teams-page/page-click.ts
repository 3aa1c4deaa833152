import { z } from 'zod';
import { click } from '../bot-click';
import { type World } from '../world';
import { type Card, readCard } from './card-of';
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
  const { person, conversationId, activityId, verb, data } = given;
  const message = world.conversations.find(conversationId, activityId);
  if (personCalled(person, world) === undefined)
    return { kind: 'refused', text: 'Nobody in the tenant can sign in as this person.' };
  if (message === undefined || !maySee(person, message, world))
    return { kind: 'refused', text: 'This person does not see that message.' };
  let body: unknown;
  try {
    const sent = { person, conversationId, activityId, verb, data, trigger: 'manual', forged: {} } as const;
    ({ body } = await click(sent, world));
  } catch (error) {
    console.error('a click did not reach the bot:', error);
    return { kind: 'error', text: unreachable };
  }
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
