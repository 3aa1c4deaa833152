import { logOf, type Step, collected, courses, decided, eventFor, vote } from '@sallyport/case/testing';
import type { CaseEvent, Quorum } from '@sallyport/evidence';
import { sampleId } from '@sallyport/evidence/testing';
import { notAllowed } from '../../../../tools/allowed';
import { type ChaosCase, chaosCase } from './cast';
import { type ChaosReport, reasonsOf } from './chaos';
import { faults, faultsPerHold } from './disruptions';
import { type HandedOver, type Strike, unexplained } from './excuses';
import { emptyVerdict, judgeCase, type SeenCase } from './verdict';

const ada = sampleId(10);
const electorate = { holders: { secops: [ada] }, involved: [] };
const contain: ChaosCase = { ...chaosCase('run', 0), electorate };
const release: ChaosCase = { ...chaosCase('run', 5), electorate };

const containing: Step[] = [collected, (c) => decided(c, courses.contain)];
const step: Step[] = ['action.started', 'action.answered', 'action.finished'];
const contained = logOf(
  ...containing,
  ...step,
  ...step,
  'execution.completed',
  'ticket.updated',
  'case.closed',
);
const approved: Step[] = [
  collected,
  decided,
  'triage.written',
  'approval.requested',
  'notice.posted',
  (c) => eventFor(c, 'approval.voted', { vote: vote({ voterId: ada }) }),
  'approval.decided',
];
const released = logOf(...approved, ...step, ...step, 'execution.completed', 'ticket.updated', 'case.closed');

const once = { asked: 1, applied: 1 };
const ticket = (state: string, ...notes: string[]) => ({
  incident: { state },
  journal: notes.map((note) => ({ element: 'work_notes', value: `${note} sallyport op=1` })),
});
const seenContained: SeenCase = {
  events: contained,
  writes: { revokeSessions: once, forcePasswordChange: once },
  ticket: ticket('2', 'Contained.'),
};
const seenReleased: SeenCase = {
  events: released,
  writes: { dismissRisk: once, enableAccount: once },
  ticket: ticket('6', 'Released.'),
};

function judged(cast: ChaosCase, seen: SeenCase): Partial<Record<string, readonly string[]>> {
  const verdict = emptyVerdict();
  judgeCase(cast, seen, verdict);
  const { lost, duplicated, unapproved, notTerminal, wrong } = verdict;
  return Object.fromEntries(
    Object.entries({ lost, duplicated, unapproved, notTerminal, wrong }).filter(
      ([, found]) => found.length > 0,
    ),
  );
}
/** The same where policy asks two roles. */
function twoRoles(event: CaseEvent): CaseEvent {
  const quorum: Quorum = [
    { role: 'secops', count: 1 },
    { role: 'securityLead', count: 1 },
  ];
  if (event.type === 'approval.requested') return { ...event, quorum };
  if (event.type !== 'policy.decided') return event;
  const { rulings } = event.decision;
  const decision = { ...event.decision, rulings: { ...rulings, release: { ...rulings.release, quorum } } };
  return { ...event, decision };
}
const changed = (events: readonly CaseEvent[], type: CaseEvent['type'], over: object): CaseEvent[] =>
  events.map((event) => (event.type === type ? ({ ...event, ...over } as CaseEvent) : event));

it('finds nothing where all is as it should be', () => {
  expect(judged(contain, seenContained)).toEqual({});
  expect(judged(release, seenReleased)).toEqual({});
});

it('finds a containment that the log tells of and the tenant never saw', () => {
  const { writes } = seenContained;
  const seen = { ...seenContained, writes: { ...writes, revokeSessions: { asked: 1, applied: 0 } } };
  expect(judged(contain, seen).wrong?.[0]).toContain('revokeSessions is said to be applied');
});

it('finds a write that took effect twice, or that nobody announced', () => {
  const twice = {
    ...seenReleased,
    writes: { ...seenReleased.writes, dismissRisk: { asked: 2, applied: 2 } },
  };
  expect(judged(release, twice).duplicated).toHaveLength(1);
  const more = { ...seenReleased, writes: { ...seenReleased.writes, revokeSessions: once } };
  expect(judged(release, more).duplicated).toHaveLength(1);
});

describe('a release that the voters did not allow', () => {
  const write = { slot: 'proposed', step: 'dismissRisk' } as const;
  const asked = released.find((event) => event.type === 'approval.requested');
  const voted = released.find((event) => event.type === 'approval.voted');

  it.each<[string, readonly CaseEvent[], string]>([
    [
      'for another proposal',
      changed(released, 'approval.voted', { proposalDigest: 'f'.repeat(64) }),
      '0 voters',
    ],
    [
      'before policy decided anew',
      changed(released, 'policy.decided', { decisionDigest: 'e'.repeat(64) }),
      'another decision',
    ],
    [
      'on other evidence',
      changed(released, 'evidence.collected', { evidenceDigest: 'e'.repeat(64) }),
      'other evidence',
    ],
    ['too late', changed(released, 'approval.requested', { expiresAt: voted?.at }), 'too late'],
    ['of fewer people', changed(released, 'approval.requested', { quorum: [] }), 'other people'],
    [
      'for a plan without it',
      changed(released, 'approval.requested', { plan: { ...asked, steps: [] } }),
      'without',
    ],
  ])('%s', (_, events, why) => {
    expect(notAllowed(released, write, electorate)).toBeNull();
    expect(notAllowed(events, write, electorate)).toContain(why);
  });

  it('by people without the role, or by one person for two', () => {
    const nobody = { ...release, electorate: { holders: { secops: [] }, involved: [] } };
    expect(judged(nobody, seenReleased).unapproved?.[0]).toContain('1 voters do not fill secops');
    const subject = { ...release, electorate: { ...electorate, involved: [ada] } };
    expect(judged(subject, seenReleased).unapproved?.[0]).toContain('own behalf');
    const two = released.map(twoRoles);
    const both = { holders: { secops: [ada], securityLead: [ada] }, involved: [] };
    expect(notAllowed(two, write, both)).toContain('1 voters do not fill secops + securityLead');
  });
});

it('finds a ticket in the wrong state', () => {
  const seen = { ...seenReleased, ticket: ticket('1', 'Released.') };
  expect(judged(release, seen).wrong?.[0]).toContain('in state 1 instead of 6');
});

describe('a case that a person got', () => {
  const handed: HandedOver = { name: 'case-1', excuse: 'actionUnknown', fromMs: 500_000, untilMs: 520_000 };
  const strike: Strike = {
    name: 'executor is killed',
    sends: { actionUnknown: 1 },
    fromMs: 510_000,
    untilMs: 511_000,
  };

  it.each<[string, HandedOver[], Strike[], number]>([
    ['is explained by what happened meanwhile', [handed], [strike], 0],
    ['is not explained by nothing', [handed], [], 1],
    ['nor by what came afterwards', [handed], [{ ...strike, fromMs: 521_000, untilMs: 522_000 }], 1],
    ['nor by what was long over', [handed], [{ ...strike, fromMs: 0, untilMs: 1_000 }], 1],
    ['nor by trouble of another kind', [handed], [{ ...strike, sends: { policyHold: 1 } }], 1],
    ['and more of them only by more trouble', [handed, handed, handed], [strike], 2],
  ])('%s', (_, cases, strikes, left) => {
    expect(unexplained(cases, strikes)).toHaveLength(left);
  });

  it.each(Object.entries(faults))('%s explains no more holds than it can bring', (_, { fault, sends }) => {
    const times = fault.times === 'always' ? Infinity : (fault.times ?? 1);
    expect((sends.policyHold ?? 0) * faultsPerHold).toBeLessThanOrEqual(times);
  });

  it('asks for an explanation only where trouble can be one', () => {
    const handedOver = (...steps: Step[]) => {
      const events = logOf(collected, ...steps);
      const verdict = emptyVerdict();
      const excuses = judgeCase(
        contain,
        { events, writes: {}, ticket: ticket('2', 'PENDING MANUAL REVIEW') },
        verdict,
      );
      return [excuses.map(({ excuse }) => excuse), verdict.wrong.length];
    };
    const review: Step[] = ['review.opened', 'notice.posted', 'ticket.updated'];
    expect(handedOver(...review)).toEqual([['stageFailed'], 0]);
    expect(handedOver((c) => decided(c, courses.hold), ...review)).toEqual([[], 1]);
  });
});

it('a service that ended by itself breaks a promise', () => {
  const report: ChaosReport = {
    ...emptyVerdict(),
    ...{ cases: 1, elapsedMs: 1, settledMs: 1, disruptions: {}, slowestRestart: null, fell: [] },
  };
  expect(reasonsOf(report)).toEqual([]);
  expect(reasonsOf({ ...report, fell: ['audit ended with 1'] })[0]).toContain('audit ended');
});
