/** What a chaos run is judged by, from the case log and the simulated tenant alone. */
import { type Case, foldCase } from '@sallyport/case';
import type { CaseLog } from '@sallyport/case-log';
import type { CaseEvent, StepKind } from '@sallyport/evidence';
import { notAllowed, ticketStateOf } from '../../../../tools/allowed';
import { findDamage } from '../commands/audit-verify';
import { outcomeOf } from '../rehearse/compare';
import type { SimulatedIncident, SimulatorClient, WriteCounts } from '../stack/simulator-client';
import type { ChaosCase } from './cast';
import { type HandedOver, handOverOf, type Strike, unexplained } from './excuses';

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

/** What happened to one case. */
export interface SeenCase {
  events: readonly CaseEvent[];
  writes: WriteCounts;
  ticket: SimulatedIncident;
}

export async function judge(
  casts: readonly ChaosCase[],
  log: CaseLog,
  simulator: SimulatorClient,
  strikes: readonly Strike[],
): Promise<Verdict> {
  const verdict = emptyVerdict();
  const handedOver: HandedOver[] = [];
  for (const cast of casts) {
    const events = (await log.read(cast.caseId)).links.map((link) => link.event);
    const writes = await simulator.writes(cast.subjectId);
    const ticket = await simulator.incident(cast.ticketSysId);
    handedOver.push(...judgeCase(cast, { events, writes, ticket }, verdict));
  }
  verdict.wrong.push(...unexplained(handedOver, strikes));
  const { faults } = await findDamage(log);
  verdict.wrong.push(...faults.map(({ caseId, fault }) => `${caseId}: ${fault}`));
  return verdict;
}

export const emptyVerdict = (): Verdict => ({
  ...{ ends: {}, lost: [], duplicated: [], unapproved: [], notTerminal: [], wrong: [] },
  slowest: null,
});

/** @returns the review that only trouble can explain, if the case ended with one */
export function judgeCase(cast: ChaosCase, seen: SeenCase, verdict: Verdict): HandedOver[] {
  const { events } = seen;
  if (events.length === 0) {
    verdict.lost.push(cast.caseId);
    return [];
  }
  const c = foldCase(events);
  const name = `${cast.caseId} (${cast.kind})`;
  const end = outcomeOf(c);
  const why = c.review ? ` (${c.review.reason})` : '';
  const told = `${cast.kind}: ${end}${why}`;
  verdict.ends[told] = (verdict.ends[told] ?? 0) + 1;
  const asItShould = end === cast.ends && (cast.review === undefined || c.review?.reason === cast.review);
  const handedOver = asItShould ? null : handOverOf(name, c, events);
  if (c.phase !== 'closed' && c.phase !== 'inReview') verdict.notTerminal.push(`${name} is ${c.phase}`);
  else if (!asItShould && !handedOver)
    verdict.wrong.push(`${name} ended as ${end}${why}: ${c.review?.detail ?? ''}`);
  judgeWrites(name, cast, seen, asItShould, verdict);
  judgeTicket(name, c, seen, verdict);
  judgePace(cast.caseId, events, verdict);
  return handedOver ? [handedOver] : [];
}

const directoryWrites = [
  'revokeSessions',
  'forcePasswordChange',
  'raiseRisk',
  'dismissRisk',
  'enableAccount',
] as const satisfies readonly StepKind[];

/** The log says of every write what the tenant says, each was allowed when it was announced, and none came twice. */
function judgeWrites(
  name: string,
  cast: ChaosCase,
  { events, writes }: SeenCase,
  asItShould: boolean,
  verdict: Verdict,
): void {
  for (const step of directoryWrites) {
    const { asked, applied } = writes[step] ?? { asked: 0, applied: 0 };
    let announced = 0;
    for (const [at, event] of events.entries()) {
      if (event.type !== 'action.started' || event.step !== step) continue;
      announced += 1;
      const why = notAllowed(events.slice(0, at), event, cast.electorate);
      if (why) verdict.unapproved.push(`${name}: ${step}: ${why}`);
    }
    // One that was turned away may come again, each time announced.
    if (asked > announced || applied > 1) {
      verdict.duplicated.push(
        `${name}: ${step} was called ${asked} times and took effect ${applied} times, ${announced} were announced`,
      );
    }
    const finished = events.filter((event) => event.type === 'action.finished' && event.step === step).at(-1);
    const said = finished?.type === 'action.finished' ? finished.outcome : 'unknown';
    if (said !== 'unknown' && (said === 'applied') !== applied > 0)
      verdict.wrong.push(`${name}: ${step} is said to be ${said} and took effect ${applied} times`);
    if (asItShould && applied !== (cast.writes.includes(step) ? 1 : 0))
      verdict.wrong.push(`${name}: ended as it should, and ${step} took effect ${applied} times`);
  }
}

function judgeTicket(name: string, c: Case, { events, ticket }: SeenCase, verdict: Verdict): void {
  // What the instance refused for good, the log and the console say instead.
  if (events.some((event) => event.type === 'ticket.updated' && event.failure !== undefined)) return;
  const notes = ticket.journal.filter(
    (row) => row.element === 'work_notes' && row.value.includes('sallyport op='),
  );
  // A release is told when it is done and when its watch has ended; everything else once.
  if (notes.length > (c.watch ? 2 : 1))
    verdict.duplicated.push(`${name}: ${notes.length} notes on the ticket`);
  if (notes.length === 0) verdict.wrong.push(`${name}: nothing on the ticket`);
  const review = notes.some((row) => row.value.includes('PENDING MANUAL REVIEW'));
  if (notes.length > 0 && review !== (c.phase === 'inReview'))
    verdict.wrong.push(`${name}: the ticket tells another end`);
  const [state, expected] = [String(ticket.incident['state']), ticketStateOf(c)];
  if (expected !== undefined && state !== expected)
    verdict.wrong.push(`${name}: the ticket is in state ${state} instead of ${expected}`);
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
