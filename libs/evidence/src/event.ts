import { z } from 'zod';
import { approverRoles, decisionSchema, planSchema, quorumSchema, stepKinds } from './decision';
import { evidenceSchema, riskStates } from './evidence';
import { refusalSchema } from './refusal';
import { endingRefusalSchema, resolutions, reviewReasonSchema } from './review';
import { digestSchema, instantSchema, objectIdSchema, sysIdSchema, untrustedSchema } from './scalar';
import { caseIdSchema, stageSchema } from './stage';
import { triageSchema } from './triage';

const event = <T extends string, S extends z.ZodRawShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), v: z.literal(1), at: instantSchema, ...shape });

/** Which plan of the decision an execution event belongs to. */
export const planSlots = ['immediate', 'proposed'] as const;
export type PlanSlot = (typeof planSlots)[number];

export const caseOpenedSchema = event('case.opened', {
  caseId: caseIdSchema,
  /** ServiceNow instance name: a cloned instance must not speak for production. */
  instance: z.string(),
  ticketSysId: sysIdSchema,
  ticketNumber: z.string(),
  /** Tells risk episodes of one ticket apart; see `caseIdFor` in libs/idempotency. */
  episode: z.string(),
  origin: z.enum(['webhook', 'alert', 'backfill']),
  /** `webhook-id` of the message that opened the case. */
  messageId: z.string(),
});

export const evidenceCollectedSchema = event('evidence.collected', {
  evidence: evidenceSchema,
  evidenceDigest: digestSchema,
  /** The risky user; null where no single one could be resolved. At most one open case per subject. */
  subjectId: objectIdSchema.nullable(),
});

/** This ticket is about a user who already has an open case; that case governs. */
export const caseLinkedSchema = event('case.linked', { primaryCaseId: caseIdSchema });

export const policyDecidedSchema = event('policy.decided', {
  decision: decisionSchema,
  decisionDigest: digestSchema,
  /** The group case that this one belongs to, or leads where `leadCaseId` is its own. Absent: none. */
  group: z.strictObject({ key: digestSchema, leadCaseId: caseIdSchema }).optional(),
});

export const triageWrittenSchema = event('triage.written', { triage: triageSchema });

export const approvalRequestedSchema = event('approval.requested', {
  /** Digest of (evidence, decision, plan): what a vote binds to. */
  proposalDigest: digestSchema,
  plan: planSchema,
  quorum: quorumSchema,
  expiresAt: instantSchema,
  /** Fixed with the question, so that a change of configuration moves nothing that people were told. Absent: never. */
  schedule: z
    .strictObject({
      /** When those who have not answered are asked again. */
      remindAt: z.array(instantSchema).max(3),
      /** When others are told as well. It makes nobody an approver. */
      escalateAt: instantSchema.nullable(),
    })
    .optional(),
});

/** Where a posted message stands, so that it can be updated later. */
export const messageRefSchema = z.strictObject({
  serviceUrl: z.string(),
  conversationId: z.string(),
  activityId: z.string(),
});
export type MessageRef = z.infer<typeof messageRefSchema>;

/**
 * `reminder` and `escalation` repeat an open question; `review` tells that a person must look, `reviewEnded` that one has, `alarm` that a released
 * account is at risk again.
 */
export const noticeKinds = ['proposal', 'reminder', 'escalation', 'review', 'reviewEnded', 'alarm'] as const;
export type NoticeKind = (typeof noticeKinds)[number];

export const noticePostedSchema = event('notice.posted', {
  kind: z.enum(noticeKinds),
  /** Every copy that was posted. */
  messages: z.array(messageRefSchema).max(20),
  /** Set where somebody could not be told in Teams after all attempts; the case goes on and says so. */
  failure: z.string().nullable(),
});

export const voteSchema = z.strictObject({
  voterId: objectIdSchema,
  voterName: untrustedSchema,
  /** Roles the voter held in the directory at the moment of the vote. */
  roles: z.array(z.enum(approverRoles)),
  choice: z.enum(['approve', 'deny']),
  comment: untrustedSchema.nullable(),
});
export type Vote = z.infer<typeof voteSchema>;

/** Where people vote. Rights and rules are the same everywhere. */
export const voteChannels = ['teams', 'console'] as const;
export type VoteChannel = (typeof voteChannels)[number];

export const approvalVotedSchema = event('approval.voted', {
  proposalDigest: digestSchema,
  vote: voteSchema,
  /** Absent: Teams. */
  channel: z.enum(voteChannels).optional(),
  /** The channel's own id of the click. */
  activityId: z.string(),
});

/** Somebody clicked who may not, or not any more. Kept because a wrong click is what an investigation asks about. */
export const voteRefusedSchema = event('vote.refused', {
  /** The proposal that was open, whichever one the card showed. */
  proposalDigest: digestSchema,
  voterId: objectIdSchema,
  choice: z.enum(['approve', 'deny']),
  refusal: refusalSchema,
  channel: z.enum(voteChannels),
  activityId: z.string(),
});

export const approvalDecidedSchema = event('approval.decided', {
  proposalDigest: digestSchema,
  outcome: z.enum(['approved', 'denied', 'expired']),
});

/** The account directly before a call, so that its effect is told from what somebody else did earlier. */
export const accountBeforeSchema = z.strictObject({
  sessionsValidFrom: instantSchema.nullable(),
  lastPasswordChangeAt: instantSchema.nullable(),
  accountEnabled: z.boolean().nullable(),
  /** null where the step does not bear on the risk. */
  riskState: z.enum(riskStates).nullable(),
});
export type AccountBefore = z.infer<typeof accountBeforeSchema>;

/** The intent, committed before the call. */
export const actionStartedSchema = event('action.started', {
  slot: z.enum(planSlots),
  step: z.enum(stepKinds),
  /** Idempotency key of (case, step, plan); the same for every attempt. */
  key: digestSchema,
  attempt: z.int().min(1).max(10),
  /** Absent: it could not be read, and seconds counted. */
  before: accountBeforeSchema.optional(),
  /** `client-request-id` of the one call that it shares with other cases. Absent: its own, which follows from its key. */
  sentAs: z.guid().optional(),
  /** Nothing is called for this intent, now or later. Absent: no. */
  dryRun: z.boolean().optional(),
});

/** What Graph said to the one call: known before its effect is proven, and kept for whoever looks into it. */
export const actionAnsweredSchema = event('action.answered', {
  slot: z.enum(planSlots),
  step: z.enum(stepKinds),
  key: digestSchema,
  attempt: z.int().min(1).max(10),
  /** `ambiguous`: time-out, broken connection, 5xx. The call may or may not have taken effect. */
  answer: z.enum(['accepted', 'ambiguous']),
  detail: z.string().max(500),
  requestId: z.string().nullable(),
});

/**
 * `applied`: proven by reading back. `refused`: a definite no. `throttled`: a definite "not now", nothing happened.
 * `unknown`: it may or may not have happened; never repeated, a person looks. `dryRun`: nothing was called.
 */
export const actionOutcomes = ['applied', 'refused', 'throttled', 'unknown', 'dryRun'] as const;
export type ActionOutcome = (typeof actionOutcomes)[number];

export const actionFinishedSchema = event('action.finished', {
  slot: z.enum(planSlots),
  step: z.enum(stepKinds),
  key: digestSchema,
  attempt: z.int().min(1).max(10),
  outcome: z.enum(actionOutcomes),
  /** What proves or explains the outcome, in plain words without personal data. */
  detail: z.string().max(500),
  requestId: z.string().nullable(),
  /** `throttled` only: when Graph allows the next attempt. */
  notBefore: instantSchema.nullable(),
});

export const executionCompletedSchema = event('execution.completed', {
  slot: z.enum(planSlots),
  /**
   * `void`: something changed since the approval, nothing was done. `incomplete`: at least one step is not applied.
   * `dryRun`: at least one step would have been called, and none failed.
   */
  result: z.enum(['done', 'incomplete', 'void', 'dryRun']),
  detail: z.string().max(500),
  /** `void` only: looking again would find the same, so a person decides. Absent: no. */
  handOver: z.boolean().optional(),
  /**
   * A release that is `done` only: how long the account is watched, fixed here so that a change of configuration moves
   * nothing that people were told. Absent: not at all.
   */
  watchUntil: instantSchema.optional(),
});

/** A released account is at risk again: the case starts over from fresh evidence. */
export const watchAlarmedSchema = event('watch.alarmed', {
  /** What was found, in plain words without personal data. */
  detail: z.string().max(500),
});

/** Nothing was found in all the time. */
export const watchEndedSchema = event('watch.ended', {
  /** When the last look was taken, which is at or after the end of the watch. */
  lookedAt: instantSchema,
});

export const ticketUpdatedSchema = event('ticket.updated', {
  key: digestSchema,
  /** What the note reports. */
  purpose: z.enum(['review', 'reviewEnded', 'closing', 'linked', 'watch', 'alarm']),
  /** 0 where the note could not be written. */
  modCount: z.int(),
  /** `review`, `reviewEnded` and `watch` only: why note or fields were refused for good. The case goes on and says so. */
  failure: z.string().optional(),
});

export const caseOutcomes = [
  'released',
  'contained',
  'selfRemediated',
  'linked',
  'resolvedByHand',
  'closedByHand',
] as const;
export type CaseOutcome = (typeof caseOutcomes)[number];
export const caseClosedSchema = event('case.closed', { outcome: z.enum(caseOutcomes) });

export const reviewOpenedSchema = event('review.opened', {
  /** The stage that gave the case to a person. */
  stage: stageSchema,
  reason: reviewReasonSchema,
  detail: z.string().max(1_000),
  checklist: z.array(z.string().max(500)).max(20),
});

/** What a person who looked says of a step that is not proven. */
export const stepStatementSchema = z.strictObject({
  slot: z.enum(planSlots),
  step: z.enum(stepKinds),
  done: z.boolean(),
});
export type StepStatement = z.infer<typeof stepStatementSchema>;

/** Somebody has ended the manual review. */
export const reviewResolvedSchema = event('review.resolved', {
  personId: objectIdSchema,
  personName: untrustedSchema,
  /** Roles that gave the right, held in the directory at that moment. */
  roles: z.array(z.enum(approverRoles)),
  resolution: z.enum(resolutions),
  note: untrustedSchema,
  /** `doneByHand`: one for each open step. `retry`: steps in doubt that have certainly not taken effect. */
  steps: z.array(stepStatementSchema).max(16),
});

/** Somebody tried to end a review who may not. Kept because an investigation asks about it. */
export const resolutionRefusedSchema = event('resolution.refused', {
  personId: objectIdSchema,
  resolution: z.enum(resolutions),
  refusal: endingRefusalSchema,
});

/** Everything that can be written into a case log. */
export const caseEventSchema = z.discriminatedUnion('type', [
  caseOpenedSchema,
  evidenceCollectedSchema,
  caseLinkedSchema,
  policyDecidedSchema,
  triageWrittenSchema,
  approvalRequestedSchema,
  noticePostedSchema,
  approvalVotedSchema,
  voteRefusedSchema,
  approvalDecidedSchema,
  actionStartedSchema,
  actionAnsweredSchema,
  actionFinishedSchema,
  executionCompletedSchema,
  watchAlarmedSchema,
  watchEndedSchema,
  ticketUpdatedSchema,
  caseClosedSchema,
  reviewOpenedSchema,
  reviewResolvedSchema,
  resolutionRefusedSchema,
]);
export type CaseEvent = z.infer<typeof caseEventSchema>;
export type CaseEventType = CaseEvent['type'];
export type EventOf<T extends CaseEventType> = Extract<CaseEvent, { type: T }>;
export const caseEventTypes = caseEventSchema.options.map(
  (option) => option.shape.type.value,
) as CaseEventType[];
