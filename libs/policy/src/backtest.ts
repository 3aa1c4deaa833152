import { type Decision, type Evidence, heldBy, type Instant, type Quorum } from '@sallyport/evidence';
import { decide } from './decide';
import { covers } from './invariants';
import { type Pack } from './pack';

/** A decision that was made, with what it rested on. */
export interface RecordedDecision {
  caseId: string;
  ticketNumber: string;
  at: Instant;
  evidence: Evidence;
  decision: Decision;
}

/** Kinds of change, the gravest first. */
export const outcomeChanges = [
  /** Release becomes possible, is asked of fewer people, or of the same without containing first. */
  'released',
  /** Closed as remediated with nobody looking. */
  'closed',
  /** Contained no more, or only after people. */
  'notContained',
  /** Nobody looks after the containment, nobody is called, or the case is none of a group any more. */
  'unattended',
  /** Contained that was not, or at once. */
  'contained',
  /** Released no more, or asked of more people. */
  'notReleased',
  /** Held or closed otherwise than before. */
  'other',
] as const;
export type OutcomeChange = (typeof outcomeChanges)[number];

export interface ChangedOutcome {
  caseId: string;
  ticketNumber: string;
  at: Instant;
  kind: OutcomeChange;
  before: Decision;
  after: Decision;
}

/** What the decision would be under `pack`, on the same evidence at the same time, contained by the same means. @returns null: the same as it was */
export function redecide(recorded: RecordedDecision, pack: Pack): ChangedOutcome | null {
  const { caseId, ticketNumber, at, evidence, decision: before } = recorded;
  const after = decide(evidence, at, pack, before.evidenceDigest, before.containment);
  if (outcomeWords(before) === outcomeWords(after)) return null;
  return { caseId, ticketNumber, at, kind: kindOf(before, after), before, after };
}

/** The changes with the gravest first, one for each case: a case that was decided twice counts by its worse change. */
export function gravestFirst(changes: readonly ChangedOutcome[]): ChangedOutcome[] {
  const gravity = ({ kind }: ChangedOutcome) => outcomeChanges.indexOf(kind);
  const sorted = [...changes].sort((a, b) => gravity(a) - gravity(b) || (a.at < b.at ? -1 : 1));
  const seen = new Set<string>();
  return sorted.filter(({ caseId }) => !seen.has(caseId) && seen.add(caseId));
}

function kindOf(before: Decision, after: Decision): OutcomeChange {
  const released = compare(asked(before, 'release'), asked(after, 'release'));
  const contained = compare(asked(before, 'contain'), asked(after, 'contain'));
  const uncontained = before.immediate?.action === 'contain' && after.immediate?.action !== 'contain';
  if (released > 0 || (uncontained && asked(after, 'release') !== null)) return 'released';
  if (after.course === 'close' && before.course !== 'close') return 'closed';
  if (contained < 0) return 'notContained';
  if (isUnattended(before, after)) return 'unattended';
  if (contained > 0) return 'contained';
  return released < 0 ? 'notReleased' : 'other';
}

/** Whether somebody who was brought in, beside those who are asked, is so no more. */
function isUnattended(before: Decision, after: Decision): boolean {
  const isHeld = ({ rulings }: Decision) => heldBy(rulings).length > 0;
  return (
    (isHeld(before) && !isHeld(after) && after.course !== 'hold') ||
    (before.page ?? []).some((role) => !after.page?.includes(role)) ||
    (before.campaign !== undefined && after.campaign === undefined)
  );
}

/** Who is asked for the action; null where it is not done at all. */
function asked(decision: Decision, action: 'contain' | 'release'): Quorum | null {
  if (decision.immediate?.action === action) return [];
  return decision.proposed?.action === action ? decision.rulings[action].quorum : null;
}

/** Positive where the action becomes easier in any respect, negative where it only becomes harder. */
function compare(before: Quorum | null, after: Quorum | null): number {
  if (before === null || after === null) return Number(after !== null) - Number(before !== null);
  if (!covers(after, before)) return 1;
  return covers(before, after) ? 0 : -1;
}

/** What a decision comes to, in a few words: what is done, and whom it brings in. */
export function outcomeWords(decision: Decision): string {
  const { campaign, page } = decision;
  const held = decision.course === 'act' && heldBy(decision.rulings).length > 0;
  return [
    ...[courseWords(decision), ...(held ? ['then a person looks'] : [])],
    ...(page ? [`calls ${page.join(', ')}`] : []),
    ...(campaign ? [`group of ${campaign.kind}`] : []),
  ].join(', ');
}

function courseWords(decision: Decision): string {
  if (decision.course !== 'act') return decision.course;
  const people = (quorum: Quorum) => quorum.map(({ role, count }) => `${role}:${count}`).join(', ');
  const { immediate, proposed, rulings } = decision;
  const then = proposed && people(rulings[proposed.action].quorum);
  return [
    ...(immediate ? [`${immediate.action} at once`] : []),
    ...(proposed ? [`${proposed.action} ${then ? `after ${then}` : 'unasked'}`] : []),
  ].join(', ');
}
