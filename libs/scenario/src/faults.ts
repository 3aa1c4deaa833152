import { z } from 'zod';

/** Something that goes wrong between a service and the outside, as a scenario orders it. */
export const faultSchema = z.strictObject({
  on: z.strictObject({
    surface: z.enum(['graph', 'servicenow', 'teams', 'model', 'login']),
    method: z.enum(['GET', 'POST', 'PATCH', 'PUT', 'DELETE']).optional(),
    /** A glob over the whole path (`*` within a segment, `**` across), or a regular expression between slashes. */
    path: z.string().max(300).optional(),
    /** Key or id of a user: the call names this person, or an incident about them, in its path, query or body. */
    user: z.string().max(120).optional(),
  }),
  /**
   * - `status`: this status, nothing happened. `throttle`: 429, with `Retry-After` if `retryAfterSeconds` is given.
   * - `statusAfterEffect`: the effect happened, then this status (default 504).
   * - `resetBefore` / `resetAfter`: the connection breaks, without or with the effect.
   * - `slow`: the effect happens at once, the answer comes after `ms`. `late`: both come after `ms`.
   * - `staleRead`: the answer shows the state of `secondsAgo` seconds ago.
   * - `tokenRevoked`: Graph refuses the token of this call from now on, with a claims challenge; a newer one it takes.
   * - `noEffect`: a success without the effect. `emptyPage`: an empty page with a next link. `html`: a page, not JSON.
   */
  kind: z.enum([
    'status',
    'throttle',
    'tokenRevoked',
    'resetBefore',
    'resetAfter',
    'statusAfterEffect',
    'slow',
    'late',
    'staleRead',
    'noEffect',
    'emptyPage',
    'html',
  ]),
  status: z.number().int().min(200).max(599).optional(),
  retryAfterSeconds: z.number().int().min(0).max(3_600).optional(),
  ms: z.number().int().min(0).max(120_000).default(5_000),
  secondsAgo: z.number().int().min(1).max(86_400).default(60),
  /** How many matching calls it strikes. */
  times: z.union([z.number().int().min(1).max(10_000), z.literal('always')]).default(1),
  /** How many matching calls pass unharmed first. */
  after: z.number().int().min(0).max(10_000).default(0),
});
export type Fault = z.infer<typeof faultSchema>;
export type FaultGiven = z.input<typeof faultSchema>;
