import { sampleInstant } from '@sallyport/evidence/testing';
import { type Case, type Phase, phases } from './case';
import { headOf } from './head';
import { nextStage } from './next-stage';
import { after, caseIn, courses, decided, eventFor, retried, vote } from './testing/a-case';

const expiry = 'when the time to answer has passed';

/** Who acts next. `-`: nobody until a person does, or never again. */
const expected: Readonly<Record<Phase, string>> = {
  opened: 'context now',
  collected: 'policy now',
  linked: 'audit now',
  containing: 'executor now',
  advising: 'triage now',
  asking: 'approval now',
  posting: 'approval now',
  voting: `approval ${expiry}`,
  tallied: 'approval now',
  executing: 'executor now',
  watchOpened: 'audit now',
  watching: 'context now',
  alarmed: 'approval now',
  alarmPosted: 'audit now',
  stuck: 'policy now',
  settled: 'audit now',
  recorded: 'audit now',
  reviewOpened: 'approval now',
  reviewPosted: 'audit now',
  inReview: '-',
  reviewEnded: 'approval now',
  reviewEndPosted: 'audit now',
  rechecking: 'executor now',
  closed: '-',
};

describe('the next stage', () => {
  it.each(phases)('of a case in phase %s', (phase) => {
    const c = caseIn(phase);
    const next = nextStage(c);
    const due =
      next?.dueAt === c.updatedAt
        ? 'now'
        : next?.dueAt === c.proposal?.expiresAt
          ? expiry
          : 'at another time';
    expect(next ? `${next.stage} ${due}` : '-').toBe(expected[phase]);
  });

  it('forgets no case: only one that waits for a person or is closed has none', () => {
    const silent = phases.filter((phase) => nextStage(caseIn(phase)) === null);
    expect(silent).toEqual(['inReview', 'closed']);
  });

  it.each([
    ['approval', after(caseIn('voting'), 'approval.decided')],
    ['executor', after(caseIn('executing'), 'execution.completed')],
    ['policy', caseIn('stuck')],
  ])('of a stuck case is the stage that found it: %s', (stage, c) => {
    expect(c.phase).toBe('stuck');
    expect(nextStage(c)).toEqual({ stage, dueAt: c.updatedAt });
  });

  it('waits as long as Graph asked for, where nothing else is to be done', () => {
    const notBefore = sampleInstant(500);
    const throttled = (c: Case) => eventFor(c, 'action.finished', { outcome: 'throttled', notBefore });
    const release = after(caseIn('executing'), 'action.started', throttled);
    expect(nextStage(release)).toEqual({ stage: 'executor', dueAt: notBefore });
    const containment = after(caseIn('containing'), 'action.started', throttled);
    expect(nextStage(containment)).toEqual({ stage: 'executor', dueAt: containment.updatedAt });
  });

  it('is not brought forward by a vote that decides nothing yet', () => {
    const c = after(
      caseIn('asking'),
      (before) => eventFor(before, 'approval.requested', { quorum: [{ role: 'secops', count: 2 }] }),
      'notice.posted',
      (before) => eventFor(before, 'approval.voted', { vote: vote() }),
    );
    expect(nextStage(c)?.dueAt).toBe(c.proposal?.expiresAt);
  });
});

describe('the head of a case', () => {
  it.each(phases)('says in phase %s what the fold and the next stage say', (phase) => {
    const c = caseIn(phase);
    const next = nextStage(c);
    expect(headOf(c)).toMatchObject({ phase, stage: next?.stage ?? null, dueAt: next?.dueAt ?? null });
  });

  it('governs its subject from the evidence until a person has it, or it is closed', () => {
    const before = caseIn('collected');
    expect(headOf(caseIn('opened')).activeSubject).toBeNull();
    expect(headOf(before).activeSubject).toBe(before.subjectId);
    const held = after(before, (c) => decided(c, courses.hold));
    expect(headOf(held).activeSubject).toBe(before.subjectId);
    expect(headOf(after(held, 'review.opened')).activeSubject).toBeNull();
    expect(headOf(caseIn('closed')).activeSubject).toBeNull();
  });

  it('leaves the subject of a linked case to the case that governs', () => {
    const linked = after(caseIn('collected'), ...retried, 'case.linked');
    expect(linked.subjectId).not.toBeNull();
    expect(headOf(linked).activeSubject).toBeNull();
  });
});
