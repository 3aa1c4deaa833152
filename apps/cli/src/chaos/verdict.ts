/** What a chaos run is judged by, from the case log and the simulated tenant alone. */
import { type Case, foldCase } from '@sallyport/case';
import type { CaseLog } from '@sallyport/case-log';
import type { CaseEvent } from '@sallyport/evidence';
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
    verdict.ends[`${cast.kind}: ${end}`] = (verdict.ends[`${cast.kind}: ${end}`] ?? 0) + 1;
    if (c.phase !== 'closed' && c.phase !== 'inReview') verdict.notTerminal.push(`${name} is ${c.phase}`);
    else if (end !== cast.ends && end !== 'manualReview') verdict.wrong.push(`${name} ended as ${end}`);
    judgeWrites(name, events, await simulator.writes(cast.subjectId), verdict);
    await judgeTicket(name, c, cast, simulator, verdict);
    judgePace(cast.caseId, events, verdict);
  }
  const { faults } = await findDamage(log);
  verdict.wrong.push(...faults.map(({ caseId, fault }) => `${caseId}: ${fault}`));
  return verdict;
}

const directoryWrites = ['revokeSessions', 'forcePasswordChange', 'dismissRisk', 'enableAccount'] as const;

function judgeWrites(
  name: string,
  events: readonly CaseEvent[],
  writes: WriteCounts,
  verdict: Verdict,
): void {
  for (const step of directoryWrites) {
    const asked = writes[step]?.asked ?? 0;
    if (asked > 1) verdict.duplicated.push(`${name}: ${step} was called ${asked} times`);
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
  if (notes.length > 1) verdict.duplicated.push(`${name}: ${notes.length} notes on the ticket`);
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
    // While people think, nobody is late.
    if (before && !asked && ms > (verdict.slowest?.ms ?? -1)) {
      verdict.slowest = { caseId, before: event.type, at: event.at, ms };
    }
    if (event.type === 'notice.posted' && event.kind === 'proposal') asked = true;
    if (event.type === 'approval.decided') asked = false;
  }
}
