import { objectIdSchema, untrusted, type Untrusted } from '@sallyport/evidence';
import { z } from 'zod';

/** A click on a card, after the gate. Of the card's data only the opaque id and the comment are kept. */
export interface InvokeActivity {
  activityId: string;
  /** `from.aadObjectId`: an assertion of Microsoft, good once the gate has passed. */
  voterId: string;
  /** For display only. */
  voterName: Untrusted;
  conversationId: string;
  /** The message that holds the card. */
  replyToId: string | null;
  serviceUrl: string;
  verb: string;
  /** Only a `manual` click may decide; Teams makes `automatic` ones by itself when a card scrolls into view. */
  trigger: 'manual' | 'automatic';
  cardId: string;
  comment: Untrusted | null;
}

export const commentMaxLength = 500;

const identifier = z
  .string()
  .min(1)
  .max(1_000)
  .refine((text) => text.isWellFormed(), 'half a character');

/** Loose where Teams may add properties, strict in what is used. Anybody in the conversation can make any `data`. */
export const invokeSchema = z.looseObject({
  type: z.literal('invoke'),
  name: z.literal('adaptiveCard/action'),
  id: identifier,
  channelId: z.literal('msteams'),
  serviceUrl: identifier,
  from: z.looseObject({
    id: identifier,
    name: z.string().max(1_000).nullish(),
    aadObjectId: z.string().max(100).nullish(),
  }),
  conversation: z.looseObject({ id: identifier, tenantId: identifier }),
  channelData: z.looseObject({ tenant: z.looseObject({ id: identifier }) }),
  replyToId: identifier.nullish(),
  value: z.looseObject({
    action: z.looseObject({
      type: z.literal('Action.Execute'),
      verb: z.string().min(1).max(100),
      data: z.looseObject({
        d: z.string().min(1).max(200),
        comment: z.string().max(commentMaxLength).nullish(),
      }),
    }),
    trigger: z.string().max(100).nullish(),
  }),
});

/** @returns null where no directory identity came along, as for anonymous and some federated people. */
export function activityFrom(activity: z.infer<typeof invokeSchema>): InvokeActivity | null {
  const voterId = objectIdSchema.safeParse(activity.from.aadObjectId);
  if (!voterId.success) return null;
  const { action, trigger } = activity.value;
  const comment = action.data.comment?.trim();
  return {
    activityId: activity.id,
    voterId: voterId.data,
    voterName: untrusted(activity.from.name ?? ''),
    conversationId: activity.conversation.id,
    replyToId: activity.replyToId ?? null,
    serviceUrl: activity.serviceUrl,
    verb: action.verb,
    // A client that does not say so was not clicked by a person.
    trigger: trigger === 'manual' ? 'manual' : 'automatic',
    cardId: action.data.d,
    comment: comment ? untrusted(comment.toWellFormed()) : null,
  };
}
