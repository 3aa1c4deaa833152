import { z } from 'zod';

/** Advice for people. No deciding function takes this type; see `libs/policy` and `libs/case`. */
export const triageSchema = z.strictObject({
  v: z.literal(1),
  /** Who wrote it: the built-in template or a named model. Shown beside the text. */
  author: z.strictObject({ kind: z.enum(['template', 'model']), name: z.string() }),
  statements: z.array(z.string().max(400)).max(5),
  recommendation: z.string().max(400),
  openQuestions: z.array(z.string().max(300)).max(5),
});
export type Triage = z.infer<typeof triageSchema>;
