/** What a chaos run is judged by, from the case log and the simulated tenant alone. */
import { type Case, foldCase } from '@sallyport/case';
import type { CaseLog } from '@sallyport/case-log';
import { type CaseEvent, evidenceParts } from '@sallyport/evidence';
import { findDamage } from '../commands/audit-verify';
import { outcomeOf } from '../rehearse/compare';
import type { SimulatorClient, WriteCounts } from '../stack/simulator-client';
import type { ChaosCase } from './cast';

export interface Verdict {
  /** Cases by how they ended. */
  ends: Record<string, number>;
  lost: string[];
  duplicated: string[];
  unapproved: string[];
  notTerminal: string[];
  /** Wrong tickets, wrong ends, damaged chains. */
  wrong: string[];
  /** The longest that a case stood still while it waited for nobody but the services. */
  slowest: { caseId: string; before: string; at: string; ms: number } | null;
}

export async function judge(
  casts: readonly ChaosCase[],
  log: CaseLog,
  simulator: SimulatorClient,
): Promise<Verdict> {
  const verdict: Verdict = {
    ends: {},
    lost: [],
    duplicated: [],
    unapproved: [],
    notTerminal: [],
    wrong: [],
    slowest: null,
  };
  for (const cast of casts) {
    const events = (await log.read(cast.caseId)).links.map((link) => link.event);
    if (events.length === 0) {
      verdict.lost.push(cast.caseId);
      continue;
    }
    const c = foldCase(events);
    const name = `${cast.caseId} (${cast.kind})`;
    const end = outcomeOf(c);
    const told = `${cast.kind}: ${end}${c.review ? ` (${c.review.reason})` : ''}`;
    verdict.ends[told] = (verdict.ends[told] ?? 0) + 1;
    if (c.phase !== 'closed' && c.phase !== 'inReview') verdict.notTerminal.push(`${name} is ${c.phase}`);
    else if (end !== cast.ends && !needsAPerson(c)) {
      verdict.wrong.push(
        `${name} ended as ${end}${c.review ? `, ${c.review.reason}: ${c.review.detail}` : ''}`,
      );
    }
    judgeWrites(name, events, await simulator.writes(cast.subjectId), verdict);
    await judgeTicket(name, c, cast, simulator, verdict);
    judgePace(cast.caseId, events, verdict);
  }
  const { faults } = await findDamage(log);
  verdict.wrong.push(...faults.map(({ caseId, fault }) => `${caseId}: ${fault}`));
  return verdict;
}

/**
 * Whether trouble, and nothing else, sent the case to a person: a write that nobody can tell the fate of, a service that
 * came to the end of its attempts, or readings that could not be had.
 */
function needsAPerson({ review, evidence }: Case): boolean {
  if (review?.reason === 'actionUnknown' || review?.reason === 'stageFailed') return true;
  return (
    review?.reason === 'policyHold' && evidenceParts.some((part) => evidence?.[part].state === 'unknown')
  );
}

const directoryWrites = ['revokeSessions', 'forcePasswordChange', 'dismissRisk', 'enableAccount'] as const;

function judgeWrites(
  name: string,
  events: readonly CaseEvent[],
  writes: WriteCounts,
  verdict: Verdict,
): void {
  for (const step of directoryWrites) {
    const { asked, applied } = writes[step] ?? { asked: 0, applied: 0 };
    // One that was turned away may come again, each time announced.
    const announced = events.filter((event) => event.type === 'action.started' && event.step === step).length;
    if (asked > announced || applied > 1) {
      verdict.duplicated.push(`${name}: ${step} was called ${asked} times, ${announced} of them announced`);
    }
    if (asked > 0 && !allowed(events, step)) verdict.unapproved.push(`${name}: ${step}`);
  }
}

/** Somebody approved a plan with this step, or policy ordered it at once; and the log announced it. */
function allowed(events: readonly CaseEvent[], step: (typeof directoryWrites)[number]): boolean {
  const announced = events.findLast((event) => event.type === 'action.started' && event.step === step);
  if (announced?.type !== 'action.started') return false;
  if (announced.slot === 'immediate') {
    return events.some(
      (event) => event.type === 'policy.decided' && event.decision.immediate?.steps.includes(step),
    );
  }
  const decided = events.findLast((event) => event.type === 'approval.decided');
  const votes = events.filter((event) => event.type === 'approval.voted');
  const approved = decided?.type === 'approval.decided' && decided.outcome === 'approved';
  return approved && votes.length > 0 && votes.every(({ vote }) => vote.choice === 'approve');
}

async function judgeTicket(
  name: string,
  c: Case,
  { ticketSysId }: ChaosCase,
  simulator: SimulatorClient,
  verdict: Verdict,
): Promise<void> {
  const { journal } = await simulator.incident(ticketSysId);
  const notes = journal.filter((row) => row.element === 'work_notes' && row.value.includes('sallyport op='));
  // A release is told when it is done and when its watch has ended; everything else once.
  if (notes.length > (c.watch ? 2 : 1))
    verdict.duplicated.push(`${name}: ${notes.length} notes on the ticket`);
  if (notes.length === 0) verdict.wrong.push(`${name}: nothing on the ticket`);
  const review = notes.some((row) => row.value.includes('PENDING MANUAL REVIEW'));
  if (notes.length > 0 && review !== (c.phase === 'inReview'))
    verdict.wrong.push(`${name}: the ticket tells another end`);
}

function judgePace(caseId: string, events: readonly CaseEvent[], verdict: Verdict): void {
  let asked = false;
  for (const [at, event] of events.entries()) {
    const before = events[at - 1];
    const ms = before ? Date.parse(event.at) - Date.parse(before.at) : 0;
    const watched = before?.type === 'ticket.updated' && before.purpose === 'watch';
    // While people think, or an account is watched, nobody is late.
    if (before && !asked && !watched && ms > (verdict.slowest?.ms ?? -1)) {
      verdict.slowest = { caseId, before: event.type, at: event.at, ms };
    }
    if (event.type === 'notice.posted' && event.kind === 'proposal') asked = true;
    if (event.type === 'approval.decided') asked = false;
  }
}
