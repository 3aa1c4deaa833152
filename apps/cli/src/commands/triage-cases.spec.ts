import { foldCase } from '@sallyport/case';
import { courses, decided, eventFor, logIn, logOf, type Step, vote } from '@sallyport/case/testing';
import { ruling } from '@sallyport/evidence/testing';
import type { CaseEvent, EventOf, Resolution } from '@sallyport/evidence';
import { labelledCases } from './triage-cases';

it('makes one labelled case of each question that people answered', () => {
  const [approved, ...others] = labelledCases('case-1', logIn('executing'));
  expect(others).toEqual([]);
  expect(approved).toMatchObject({
    name: 'case-1 1',
    allowed: ['release'],
    outcome: 'release',
    evidence: { v: 1 },
  });
});

it('takes a no for nothing done, and silence for no answer', () => {
  const asked = [
    'evidence.collected',
    'policy.decided',
    'triage.written',
    'approval.requested',
    'notice.posted',
  ] as const;
  const decided = logIn('executing');
  const denied = decided.map((event) =>
    event.type === 'approval.decided' ? { ...event, outcome: 'denied' as const } : event,
  );
  expect(labelledCases('case-1', denied)).toMatchObject([{ outcome: 'none' }]);
  const expired = logOf(...asked, 'approval.decided');
  expect(expired.at(-1)).toMatchObject({ outcome: 'expired' });
  expect(labelledCases('case-1', expired)).toEqual([]);
  expect(labelledCases('case-1', logIn('stuck'))).toEqual([]);
});

it('takes a no to a release for containment, where the account was contained before', () => {
  const contained: Step[] = [
    'evidence.collected',
    (c) =>
      decided(c, {
        rulings: {
          ...courses.contain.rulings,
          release: ruling({ effect: 'permit', quorum: [{ role: 'secops', count: 1 }] }),
        },
        immediate: courses.contain.immediate,
      }),
    ...Array.from(
      courses.contain.immediate.steps,
      () => ['action.started', 'action.finished'] as const,
    ).flat(),
    'execution.completed',
    'triage.written',
    'approval.requested',
    'notice.posted',
    (c) => eventFor(c, 'approval.voted', { vote: vote({ choice: 'deny' }) }),
    'approval.decided',
  ];
  const denied = logOf(...contained);
  expect(denied.at(-1)).toMatchObject({ outcome: 'denied' });
  expect(labelledCases('case-1', denied)).toMatchObject([
    { allowed: ['contain', 'release'], outcome: 'contain' },
  ]);
  // What the executor could not finish contained nobody.
  const halfDone = denied.map((event) =>
    event.type === 'execution.completed' ? { ...event, result: 'incomplete' as const } : event,
  );
  expect(labelledCases('case-1', halfDone)).toMatchObject([{ outcome: 'none' }]);
});

describe('a review after the answer', () => {
  const told = ['review.opened', 'notice.posted', 'ticket.updated'] as const;
  const denied = logOf(
    'evidence.collected',
    'policy.decided',
    'triage.written',
    'approval.requested',
    'notice.posted',
    (c) => eventFor(c, 'approval.voted', { vote: vote({ choice: 'deny' }) }),
    'approval.decided',
    ...told,
  );
  const ended = (
    resolution: Resolution,
    ...done: boolean[]
  ): Pick<EventOf<'review.resolved'>, 'resolution' | 'steps'> => ({
    resolution,
    steps: done.map((it, n) => ({
      slot: 'proposed',
      step: n === 0 ? 'dismissRisk' : 'enableAccount',
      done: it,
    })),
  });
  const after = (log: typeof denied, end: ReturnType<typeof ended>) =>
    labelledCases('case-1', [
      ...log,
      // Which ends are legal is told elsewhere; here only what they say counts.
      { ...eventFor(foldCase(denied), 'review.resolved'), ...end },
    ]);
  const expired = denied.map((event) =>
    event.type === 'approval.decided' ? { ...event, outcome: 'expired' as const } : event,
  );

  it.each([
    ['released by hand after a no', denied, ended('doneByHand', true, true), ['release']],
    ['left as it was after a no', denied, ended('doneByHand', false, false), ['none']],
    ['half released after a no', denied, ended('doneByHand', true, false), []],
    ['closed after a no', denied, ended('close'), ['none']],
    ['tried again after a no', denied, ended('retry'), []],
    ['released by hand after silence', expired, ended('doneByHand', true, true), ['release']],
    ['closed after silence', expired, ended('close'), ['none']],
  ])('decides: %s', (_what, log, end, outcomes) => {
    expect(after(log, end).map(({ outcome }) => outcome)).toEqual(outcomes);
  });
});

it('takes a review after an approval for what it says of the steps that were left, and of no others', () => {
  const log = logIn('executing');
  const at = foldCase(log);
  const applied: CaseEvent = {
    ...eventFor(foldCase([...log, eventFor(at, 'action.started')]), 'action.finished'),
    slot: 'proposed',
    outcome: 'applied',
  };
  const closed = { ...eventFor(at, 'review.resolved'), resolution: 'close' as const, steps: [] };
  const left = [{ slot: 'proposed' as const, step: 'enableAccount' as const, done: false }];
  const carriedOut = eventFor(at, 'execution.completed', { slot: 'proposed', result: 'done' });
  const labels = (...events: CaseEvent[]) =>
    labelledCases('case-1', [...log, ...events]).map((it) => it.outcome);
  expect(labels(applied, closed)).toEqual([]);
  expect(labels(applied, { ...closed, resolution: 'doneByHand', steps: left })).toEqual([]);
  expect(labels({ ...closed, resolution: 'doneByHand', steps: left })).toEqual(['none']);
  expect(labels(applied, carriedOut, closed)).toEqual(['release']);
});

it('takes an approval that became void for none', () => {
  const log = logIn('executing');
  const done = eventFor(foldCase(log), 'execution.completed');
  expect(labelledCases('case-1', [...log, done])).toMatchObject([{ outcome: 'release' }]);
  expect(labelledCases('case-1', [...log, { ...done, result: 'void' }])).toEqual([]);
});
