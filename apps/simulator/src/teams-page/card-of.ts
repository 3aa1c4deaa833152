import { z } from 'zod';

const cardType = 'application/vnd.microsoft.card.adaptive';
const cardSchema = z.looseObject({
  type: z.literal('AdaptiveCard'),
  actions: z.array(z.looseObject({ type: z.string() })).optional(),
  refresh: z.unknown().optional(),
});
const refreshSchema = z.looseObject({
  action: z.looseObject({
    type: z.literal('Action.Execute'),
    verb: z.string(),
    data: z.record(z.string(), z.unknown()),
  }),
  userIds: z.array(z.string()).max(60).optional(),
});
export type Refresh = z.infer<typeof refreshSchema>;
const activitySchema = z.looseObject({
  attachments: z.array(z.looseObject({ contentType: z.string(), content: z.unknown() })).default([]),
});
export type Card = z.infer<typeof cardSchema>;

/** The first Adaptive Card of a message, or null where it is text or something that Teams would not render. */
export function cardOf(activity: Record<string, unknown>): Card | null {
  const parsed = activitySchema.safeParse(activity);
  const attached = parsed.data?.attachments.find(({ contentType }) => contentType === cardType);
  return readCard(attached?.content);
}

export function readCard(value: unknown): Card | null {
  return cardSchema.safeParse(value).data ?? null;
}

/** What a client sends by itself when the card comes into view, or null where it asks for nothing. */
export const refreshOf = (card: Card | null): Refresh | null =>
  refreshSchema.safeParse(card?.refresh).data ?? null;

/** Whether there is still something to decide; a link alone is not. */
export const isOpen = (card: Card | null): boolean =>
  card?.actions?.some(({ type }) => type === 'Action.Execute') ?? false;
