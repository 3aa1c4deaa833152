import { z } from 'zod';
import { instantSchema } from './scalar';

/** Two lists of ten pages; of a reading that takes more, such as one call for each group, the last ones are kept. */
export const earlierCallsMax = 20;

/** Where a reading came from: enough to find the same call in the logs of the system that answered. */
export const sourceSchema = z.strictObject({
  /** The call with placeholders, e.g. `GET /users/{id}`. */
  call: z.string(),
  /** The answering system's own id of the call (`request-id`), or null where it sends none. */
  requestId: z.string().nullable(),
  /** Our id of the call (`client-request-id`), derived from the case; of several the last one's. */
  clientRequestId: z.string(),
  /** Of the calls before it: pages, repetitions and what else the reading took, in order. Absent: there were none. */
  earlierClientRequestIds: z.array(z.string()).max(earlierCallsMax).optional(),
  readAt: instantSchema,
});
export type Source = z.infer<typeof sourceSchema>;

/** Why something is not known. `notFound` is only used where absence itself tells nothing. */
export const unknownReasons = [
  'notFound',
  'ambiguous',
  'forbidden',
  'unavailable',
  'invalid',
  'hidden',
  'notConfigured',
] as const;

/** A reading of one thing: known with its value, or unknown with the reason. Never a default that reads as safe. */
export function readingOf<T extends z.ZodType>(value: T) {
  return z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('known'), value, source: sourceSchema }),
    z.strictObject({
      state: z.literal('unknown'),
      reason: z.enum(unknownReasons),
      detail: z.string().max(500),
      source: sourceSchema,
    }),
  ]);
}
export type UnknownReason = (typeof unknownReasons)[number];
export type Reading<T> =
  | { state: 'known'; value: T; source: Source }
  | { state: 'unknown'; reason: UnknownReason; detail: string; source: Source };
