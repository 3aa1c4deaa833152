import type { Digest, Evidence, Decision, Job, Plan, StepKind, Unadvised } from '@sallyport/evidence';
import { digestOf } from './digest';

/*
 * The only builder of ids and idempotency keys. Each key names its purpose first, so that two kinds of key over the
 * same parts can never be equal.
 */

/** Same instance, ticket and risk episode: same case. A new episode: a new case. */
export function caseIdFor(ticket: { instance: string; ticketSysId: string; episode: string }): string {
  const { instance, ticketSysId, episode } = ticket;
  return `case-${digestOf(['case', instance, ticketSysId, episode]).slice(0, 32)}`;
}

/** The group of cases that share a kind of detection (`riskEventType`). Says nothing about a person. */
export function campaignKey(kind: string): Digest {
  return digestOf(['campaign', kind]);
}

/** One user's risk episode: the same person with the same detections, whichever ticket tells of it. */
export function riskEpisodeKey(subjectId: string, detectionIds: readonly string[]): Digest {
  return digestOf(['episode', subjectId, [...new Set(detectionIds)].sort()]);
}

export function planDigest(plan: Unadvised<Plan>): Digest {
  return digestOf(['plan', plan]);
}

/**
 * Same case, subject, step and plan begun by the same event: same key, on every attempt and after every crash. A plan
 * that the case begins once more later is another one, and so are its calls.
 *
 * @param begunSeq `seq` of the event with which the plan began
 */
export function actionKey(
  caseId: string,
  subjectId: string,
  step: StepKind,
  plan: Plan,
  begunSeq: number,
): Digest {
  return digestOf(['action', caseId, subjectId, step, planDigest(plan), begunSeq]);
}

/** What an approval binds to: whoever votes has seen exactly this evidence, this decision and this plan. */
export function proposalDigest(evidence: Digest, decision: Digest, plan: Unadvised<Plan>): Digest {
  return digestOf(['proposal', evidence, decision, planDigest(plan)]);
}

export const evidenceDigest = (evidence: Evidence): Digest => digestOf(['evidence', evidence]);
export const decisionDigest = (decision: Decision): Digest => digestOf(['decision', decision]);

/** Key of a write outside Graph: a Teams message or a ticket note, one per case, purpose and moment (`seq`). */
export function effectKey(caseId: string, purpose: string, seq: number): Digest {
  return digestOf(['effect', caseId, purpose, seq]);
}

/** One activity of a person on a channel, by the channel's own id of it. The id itself is kept nowhere but in its event. */
export function activityKey(channel: string, activityId: string): Digest {
  return digestOf(['activity', channel, activityId]);
}

/** What an activity says, so that another one under the same id is told from it. */
export function activityDigest(activity: object): Digest {
  // As text, because what came in may hold half a character.
  return digestOf(['activity-body', JSON.stringify(activity)]);
}

/** One alert, as CloudEvents tells alerts apart: by `source` and `id`. Key of the incident that is made of it. */
export function alertKey(instance: string, source: string, id: string): Digest {
  return digestOf(['alert', instance, source, id]);
}

/** Deterministic, so that sending a wake-up again is a no-op. BullMQ forbids `:` and plain integers in job ids. */
export function jobIdFor(job: Job): string {
  return `${job.stage}-${job.caseId}-${job.seq}`;
}

/**
 * A GUID for `client-request-id`, derived from the case and what is asked, so that a call found in Microsoft's logs
 * leads back to the case and the other way round. Shaped as an RFC 9562 version 8 (vendor-specific) UUID.
 */
export function clientRequestId(...parts: readonly (string | number)[]): string {
  const hex = digestOf(['client-request-id', ...parts]);
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Hex digits of the proposal's digest that a card carries: 96 bits, so no two proposals share them. */
export const cardProposalLength = 24;

/** The id a card carries: opaque to people, and enough for us to find the case and the exact proposal. */
export function cardId(caseId: string, proposal: Digest): string {
  return `${caseId}.${proposal.slice(0, cardProposalLength)}`;
}

/** @returns the parts of a card id, or null for anything that is not one. */
export function parseCardId(id: unknown): { caseId: string; proposalPrefix: string } | null {
  const match = typeof id === 'string' ? /^(case-[0-9a-f]{32})\.([0-9a-f]{24})$/.exec(id) : null;
  return match ? { caseId: match[1]!, proposalPrefix: match[2]! } : null;
}

/**
 * For how long an activity can come again, so that it must be known by its key: the gate refuses tokens with which it could come
 * later. Those of the Bot Connector are good for about an hour.
 */
export const activityKeptMs = 2 * 3_600_000;
