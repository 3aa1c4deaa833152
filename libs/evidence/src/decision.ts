import { z } from 'zod';
import { digestSchema } from './scalar';

/** What policy may permit. `close` is "already remediated: verify and close". */
export const actions = ['contain', 'release', 'close'] as const;
export type Action = (typeof actions)[number];

/** Roles that approve. Who holds one is asked of the directory at click time, never of the card. */
export const approverRoles = ['secops', 'identityOps', 'manager', 'securityLead'] as const;
export type ApproverRole = (typeof approverRoles)[number];

/** AND over roles: each entry needs `count` distinct people, and one person fills one slot. */
export const quorumSchema = z
  .array(z.strictObject({ role: z.enum(approverRoles), count: z.int().min(1).max(5) }))
  .max(approverRoles.length);
export type Quorum = z.infer<typeof quorumSchema>;

export const firedRuleSchema = z.strictObject({
  id: z.string(),
  effect: z.enum(['permit', 'forbid']),
  /** Plain words from the rule's `@reason`. */
  reason: z.string(),
  /** Of a permit to contain: a person looks afterwards, and nothing is released before. Absent: nobody has to. */
  review: z.literal(true).optional(),
});
export type FiredRule = z.infer<typeof firedRuleSchema>;

/** What policy says about one action. */
export const rulingSchema = z.strictObject({
  effect: z.enum(['permit', 'deny']),
  /** Containment that does not wait for people. Never true for release. */
  immediate: z.boolean(),
  quorum: quorumSchema,
  /** Those that decided: the forbids, or where there is none the permits. */
  rules: z.array(firedRuleSchema),
  /** Permits that fired too and that a forbid beat. Absent: none. */
  overruled: z.array(firedRuleSchema).min(1).optional(),
});
export type Ruling = z.infer<typeof rulingSchema>;

export const stepKinds = [
  'revokeSessions',
  'forcePasswordChange',
  'raiseRisk',
  'dismissRisk',
  'enableAccount',
] as const;
export type StepKind = (typeof stepKinds)[number];

/**
 * What keeps whoever has the password out, besides ending the sessions: a password that nobody knows; or a risk raised to
 * the highest, where Conditional Access then asks the user for a secure change.
 */
export const containments = ['forcePasswordChange', 'raiseRisk'] as const satisfies readonly StepKind[];
export type Containment = (typeof containments)[number];

/** A step that we know we cannot do for this account; people are told before they are asked to approve. */
export const manualStepSchema = z.strictObject({
  kind: z.enum(stepKinds),
  reason: z.string(),
  instruction: z.string(),
});
export type ManualStep = z.infer<typeof manualStepSchema>;

export const planSchema = z.strictObject({
  v: z.literal(1),
  action: z.enum(['contain', 'release']),
  steps: z.array(z.enum(stepKinds)),
  manualSteps: z.array(manualStepSchema),
});
export type Plan = z.infer<typeof planSchema>;

/** Roles that a rule may have called at once; a manager confirms who somebody is and is not on call. */
export const pagedRoles = ['securityLead'] as const satisfies readonly ApproverRole[];
export type PagedRole = (typeof pagedRoles)[number];

/** What makes a case one of a group: the kind of detection, and how many people had it within the hour. */
export const campaignFoundSchema = z.strictObject({ kind: z.string().max(200), users: z.int().min(1) });
export type CampaignFound = z.infer<typeof campaignFoundSchema>;

/** A fact as the rules see it: flat and plain. */
export const factValueSchema = z.union([z.boolean(), z.int(), z.string()]);

export const decisionSchema = z.strictObject({
  v: z.literal(1),
  pack: z.string(),
  /** SHA-256 over the pack's rules and schema: which text decided. */
  policySetHash: digestSchema,
  evidenceDigest: digestSchema,
  facts: z.record(z.string(), factValueSchema),
  rulings: z.strictObject({ contain: rulingSchema, release: rulingSchema, close: rulingSchema }),
  /** Policy-engine errors. Any entry here means that nothing is permitted. */
  errors: z.array(z.string()),
  /** What follows. `act`: at least one plan. `hold`: a person must look. */
  course: z.enum(['act', 'close', 'hold']),
  /** Carried out at once. Only ever containment. */
  immediate: planSchema.nullable(),
  /** Carried out after the quorum of its ruling. */
  proposed: planSchema.nullable(),
  /** The kind of detection that so many people share that policy makes them one group case. Absent: none. */
  campaign: campaignFoundSchema.optional(),
  /** What a containment does besides revoking sessions. Absent: `forcePasswordChange`. */
  containment: z.enum(containments).optional(),
  /** Roles whose holders are called at once, whatever the course. Absent: nobody. */
  page: z.array(z.enum(pagedRoles)).min(1).max(pagedRoles.length).optional(),
});
export type Decision = z.infer<typeof decisionSchema>;

/** The rules by which a person looks at the account once it is contained; none where nothing is to be contained. */
export function heldBy({ contain }: Decision['rulings']): FiredRule[] {
  return contain.effect === 'permit' ? contain.rules.filter(({ review }) => review) : [];
}
