import type { Case } from '@sallyport/case';
import type { CaseEvent } from '@sallyport/evidence';
import { type ExpectedCase, type ExpectedUser, writeKinds } from '@sallyport/scenario';
import type { SimulatedIncident, WriteCounts } from '../stack/simulator-client';

/** One expectation beside what happened. */
export interface Check {
  about: string;
  what: string;
  expected: string;
  actual: string;
  met: boolean;
}

/** What was seen of one case. */
export interface SeenCase {
  case: Case | null;
  events: readonly CaseEvent[];
  ticket: SimulatedIncident;
  cards: number;
  /** Messages about the ticket that are no approval cards. */
  notices: number;
  /** Keys of people who got one of them in a chat. */
  called: readonly string[];
  /** Key of the incident whose case leads the group of this one. */
  group: string | null;
  /** Key of the incident that is the parent of this one. */
  parent: string | null;
}

export interface SeenUser {
  writes: WriteCounts;
  riskState: string | null;
  accountEnabled: boolean;
  mustChangePassword: boolean;
}

/** Every expectation about a case, met or not. */
export function compareCase(about: string, expected: ExpectedCase, seen: SeenCase): Check[] {
  const checks: Check[] = [];
  const check = (what: string, want: unknown, got: unknown) => checks.push(sameCheck(about, what, want, got));
  const c = seen.case;
  check('outcome', expected.outcome, outcomeOf(c));
  if (expected.review) check('review reason', expected.review, c?.review?.reason ?? 'none');
  if (expected.rules) {
    const fired = firedRules(c);
    const missing = expected.rules.filter((rule) => !fired.includes(rule));
    checks.push({
      about,
      what: 'rules that fired',
      expected: expected.rules.join(', '),
      actual: fired.join(', '),
      met: missing.length === 0,
    });
  }
  if (expected.quorum) {
    const asked = Object.fromEntries((c?.proposal?.quorum ?? []).map((slot) => [slot.role, slot.count]));
    check('who was asked', sorted(expected.quorum), sorted(asked));
  }
  if (expected.events) {
    check('events', expected.events.join(' '), seen.events.map((event) => event.type).join(' '));
  }
  if (expected.cards !== undefined) check('cards posted', expected.cards, seen.cards);
  if (expected.notices !== undefined) check('notices posted', expected.notices, seen.notices);
  if (expected.called) check('who was called', [...expected.called].sort(), [...seen.called].sort());
  if (expected.group !== undefined) check('who leads its group', expected.group, seen.group ?? 'nobody');
  const { ticket } = expected;
  if (ticket?.parent !== undefined) check('parent of the ticket', ticket.parent, seen.parent ?? 'none');
  if (ticket?.state !== undefined) check('ticket state', ticket.state, String(seen.ticket.incident['state']));
  const notes = seen.ticket.journal.filter((row) => row.element === 'work_notes').map((row) => row.value);
  const ours = notes.filter((note) => note.includes('sallyport op='));
  if (ticket?.notes !== undefined) check('notes written', ticket.notes, ours.length);
  for (const text of ticket?.notesContain ?? []) {
    const met = ours.some((note) => note.includes(text));
    checks.push({ about, what: 'note contains', expected: text, actual: met ? text : 'not found', met });
  }
  for (const text of ticket?.notesLack ?? []) {
    const met = !ours.some((note) => note.includes(text));
    checks.push({ about, what: 'note lacks', expected: text, actual: met ? text : 'found', met });
  }
  return checks;
}

/** Every expectation about a user, met or not. Writes are compared exactly: a kind that is not named must be 0. */
export function compareUser(about: string, expected: ExpectedUser, seen: SeenUser): Check[] {
  const checks: Check[] = [];
  const check = (what: string, want: unknown, got: unknown) => checks.push(sameCheck(about, what, want, got));
  for (const kind of writeKinds)
    check(`writes: ${kind}`, expected.writes[kind] ?? 0, seen.writes[kind]?.asked ?? 0);
  if (expected.riskState !== undefined) check('risk state', expected.riskState, seen.riskState);
  if (expected.accountEnabled !== undefined)
    check('account enabled', expected.accountEnabled, seen.accountEnabled);
  if (expected.mustChangePassword !== undefined) {
    check('must change password', expected.mustChangePassword, seen.mustChangePassword);
  }
  return checks;
}

/** How a case ended in the words of a scenario. */
export function outcomeOf(c: Case | null): string {
  return c?.phase === 'inReview' ? 'manualReview' : (c?.outcome ?? c?.phase ?? 'not opened');
}

export function sameCheck(about: string, what: string, expected: unknown, actual: unknown): Check {
  const [want, got] = [String(expected), String(actual)];
  return { about, what, expected: want, actual: got, met: want === got };
}

export function firedRules(c: Case | null): string[] {
  const rulings = c?.decision?.rulings;
  if (!rulings) return [];
  const ids = [rulings.contain, rulings.release, rulings.close].flatMap((ruling) =>
    ruling.rules.map((rule) => rule.id),
  );
  return [...new Set(ids)].sort();
}

const sorted = (counts: object): string =>
  Object.entries(counts)
    .map(([role, count]) => `${role}:${count}`)
    .sort()
    .join(', ');
