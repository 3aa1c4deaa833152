import { digestSchema } from '@sallyport/evidence';
import { commentMaxLength } from '@sallyport/teams';
import { z } from 'zod';

/** A browser sends line ends as two characters and counts them as one. */
const lineEnds = /\r\n?/g;

/** The fields of the vote form. Anything else, doubled or missing makes the whole of it unreadable. */
const ballotSchema = z.strictObject({
  formToken: z.string().max(64),
  /** Digest of the proposal that the page showed. */
  proposal: digestSchema,
  choice: z.enum(['approve', 'deny']),
  comment: z
    .string()
    .transform((text) => text.replace(lineEnds, '\n').trim())
    .pipe(z.string().max(commentMaxLength)),
});
export type BallotForm = z.output<typeof ballotSchema>;

/** @returns null where this is not a vote form as we serve it */
export function ballotFrom(body: unknown): BallotForm | null {
  const parsed = ballotSchema.safeParse(body);
  return parsed.success ? parsed.data : null;
}
