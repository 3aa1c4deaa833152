import { z } from 'zod';

const cardType = 'application/vnd.microsoft.card.adaptive';
const cardSchema = z.looseObject({
  type: z.literal('AdaptiveCard'),
  actions: z.array(z.unknown()).optional(),
});
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

/** Whether there is still something to press. */
export const isOpen = (card: Card | null): boolean => (card?.actions?.length ?? 0) > 0;
