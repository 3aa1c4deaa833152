import type { CaseEvent, Detection, StepKind } from '@sallyport/evidence';
import { containPlan, known, sampleId, sampleInstant } from '@sallyport/evidence/testing';
import { type Case, type Phase, phases } from './case';
import { nextMove } from './execution';
import { applyEvent, expectedOutcome, IllegalEvent, legalEvents } from './fold';
import { leftOfRelease, maxRetries, maxUnreadRetries, nextToRecheck, resumesAt } from './retry';
import { retryWords } from './retry-words';
import { openReview } from './review';
import { openSteps } from './review-ending';
import {
  after,
  caseIn,
  collected,
  courses,
  decided,
  ended,
  eventFor,
  evidence,
  retried,
  type Step,
} from './testing/a-case';

const told: readonly Step[] = ['notice.posted', 'ticket.updated'];
const inReview = (c: Case, ...steps: readonly Step[]): Case => after(c, ...steps, 'review.opened', ...told);
const finish =
  (outcome: 'applied' | 'unknown' | 'refused'): Step =>
  (c) =>
    eventFor(c, 'action.finished', { outcome });
const apply: readonly Step[] = ['action.started', finish('applied')];
/** The person says that these did not happen. */
const resolved =
  (...notDone: { slot: 'immediate' | 'proposed'; step: StepKind }[]): Step =>
  (c) =>
    eventFor(c, 'review.resolved', { steps: notDone.map((said) => ({ ...said, done: false })) });
const ending = (...notDone: Parameters<typeof resolved>): readonly Step[] => [resolved(...notDone), ...told];

/** Where a retry goes on, by the phase that gave the case to a person, while the evidence is young. */
const resumes: Readonly<Partial<Record<Phase, Phase>>> = {
  opened: 'opened',
  collected: 'opened',
  linked: 'linked',
  containing: 'opened',
  advising: 'opened',
  asking: 'opened',
  posting: 'asking',
  voting: 'opened',
  tallied: 'opened',
  executing: 'opened',
  watchOpened: 'watchOpened',
  watching: 'watching',
  alarmed: 'opened',
  alarmPosted: 'opened',
  stuck: 'opened',
  settled: 'settled',
  recorded: 'recorded',
};

describe('a retry', () => {
  const givesUp = phases.filter(
    (phase) => legalEvents[phase].includes('review.opened') && phase !== 'rechecking',
  );

  it('is defined for every phase that gives a case to a person', () => {
    expect(Object.keys(resumes).sort()).toEqual([...givesUp].sort());
  });

  it.each(givesUp)('of a case that was %s goes on where the table says', (phase) => {
    const c = inReview(caseIn(phase));
    expect(resumesAt(c, sampleInstant(5))).toBe(resumes[phase]);
    expect(
      after(c, 'review.resolved', 'notice.posted', (now) =>
        eventFor(now, 'ticket.updated', { at: sampleInstant(5) }),
      ).phase,
    ).toBe(resumes[phase]);
  });

  it('asks nobody about evidence that is half an hour old', () => {
    const c = inReview(caseIn('posting'));
    expect([30, 31].map((minutes) => resumesAt(c, sampleInstant(minutes)))).toEqual(['asking', 'opened']);
  });

  it('counts no vote of before', () => {
    const c = after(
      caseIn('asking'),
      (now) => eventFor(now, 'approval.requested', { quorum: [{ role: 'secops', count: 2 }] }),
      ...(['notice.posted', 'approval.voted'] as const),
    );
    expect(c.proposal?.votes).toHaveLength(1);
    expect(after(c, ...retried)).toMatchObject({ phase: 'opened', proposal: null, proposed: null, round: 0 });
  });

  it('closes a linked case as linked, and a settled one as what it was', () => {
    const closing: readonly Step[] = ['ticket.updated', 'case.closed'];
    expect(after(caseIn('linked'), ...retried, ...closing).outcome).toBe('linked');
    expect(after(caseIn('settled'), ...retried, ...closing).outcome).toBe('selfRemediated');
  });

  it(`is had ${maxRetries} times, and then no more`, () => {
    let c = caseIn('collected');
    for (let time = 0; time < maxRetries; time += 1)
      c = after(c, ...(c.phase === 'opened' ? ['evidence.collected' as const] : []), ...retried);
    expect(() => after(inReview(c), 'review.resolved')).toThrow('tooManyRetries');
  });

  it(`is had ${maxUnreadRetries} times where nothing could be read, for nothing else can be done`, () => {
    let c = caseIn('opened');
    for (let time = 0; time < maxUnreadRetries; time += 1) c = after(c, ...retried);
    expect(() => after(inReview(c), 'review.resolved')).toThrow('tooManyRetries');
  });
});

describe('a release that was half done', () => {
  const linesOf = (c: Case) =>
    openReview(c, { stage: 'policy', reason: 'policyHold', detail: '', at: sampleInstant(5) }).checklist.join(
      '\n',
    );
  const half = after(
    caseIn('executing'),
    ...apply,
    'action.started',
    finish('refused'),
    'execution.completed',
  );

  it('is not forgotten: what is left of it is named by every later review, and answered for', () => {
    const held = after(
      half,
      ...retried,
      'evidence.collected',
      (c) => decided(c, courses.hold),
      'review.opened',
    );
    expect(held.proposed).toBeNull();
    const lines = linesOf(held);
    expect(lines).toMatch(/^The risk was dismissed on .*, and nobody watches the account now/m);
    expect(lines).toMatch(/^By hand, left of the release before this retry: Enable the account\.$/m);
    expect(openSteps(held)).toEqual([{ slot: 'proposed', step: 'enableAccount' }]);
    // Nor by the next retry, which has done nothing.
    expect(after(held, 'notice.posted', 'ticket.updated', ...ended).earlier).toEqual(held.earlier);
  });

  it('is no longer named once the account was contained, people were asked anew, or it was released', () => {
    const again = after(half, ...retried, 'evidence.collected');
    expect(leftOfRelease(again)?.run).toEqual(half.proposed);
    const contained = after(
      again,
      (c) => decided(c, { ...courses.contain }),
      ...apply,
      ...apply,
      'execution.completed',
      'review.opened',
    );
    const asked = after(again, 'policy.decided', 'triage.written', 'approval.requested', 'review.opened');
    for (const c of [contained, asked]) {
      expect(leftOfRelease(c)).toBeNull();
      expect(linesOf(c)).not.toMatch(/left of the release|nobody watches/);
      expect(openSteps(c)).toEqual(openSteps({ ...c, earlier: null }));
    }
    // The retry of a review in which nothing newer was released: still contained.
    expect(leftOfRelease(after(contained, 'notice.posted', 'ticket.updated', ...ended))).toBeNull();
  });

  it('is said to be finished by hand only, before somebody has it tried again', () => {
    const left = /^A part of the release is done\. What is left of it is not taken up again/;
    const words = (c: Case) => retryWords(after(c, 'review.opened', ...told), sampleInstant(5));
    expect(words(half)[0]).toMatch(left);
    expect(
      words(after(caseIn('executing'), 'action.started', finish('refused'), 'execution.completed'))[0],
    ).not.toMatch(left);
  });

  it('names whose account it was where the ticket names somebody else since', () => {
    const other = after(
      half,
      ...retried,
      (c) => ({ ...collected(c), subjectId: sampleId(99) }),
      'review.opened',
    );
    expect(linesOf(other)).toContain(`of the user with object id ${half.subjectId}`);
  });

  it('is nothing where nothing was done', () => {
    expect(after(caseIn('executing'), ...retried).earlier).toBeNull();
  });
});

describe('a write in doubt', () => {
  const once = { slot: 'proposed', step: 'dismissRisk' } as const;

  it.each<[what: string, steps: Step[]]>([
    ['was begun and has no outcome', ['action.started']],
    ['has an unknown outcome', ['action.started', finish('unknown'), 'execution.completed']],
  ])('that %s is read back before anything else', (_, steps) => {
    const c = after(inReview(caseIn('executing'), ...steps), ...ended);
    expect(c.phase).toBe('rechecking');
    expect(nextToRecheck(c)?.action.step).toBe('dismissRisk');
    expect(nextMove(c, sampleInstant(600))).toBeNull();
  });

  it('goes back to a person where it does not show and nobody has said anything', () => {
    const c = after(inReview(caseIn('executing'), 'action.started'), ...ended, finish('unknown'));
    expect(c).toMatchObject({
      phase: 'stuck',
      review: null,
      stuck: { stage: 'executor', reason: 'actionUnknown' },
    });
  });

  it('that a person has seen did not happen may be begun anew, with a new approval and under a new key', () => {
    const before = after(caseIn('executing'), 'action.started');
    const c = after(inReview(before), ...ending(once), finish('unknown'));
    expect(c).toMatchObject({ phase: 'opened', proposed: null, proposal: null });
    const again = after(
      c,
      ...(['evidence.collected', 'policy.decided', 'triage.written', 'approval.requested'] as const),
      ...(['notice.posted', 'approval.voted', 'approval.decided', 'action.started'] as const),
    );
    expect(again.proposed?.actions[0]?.key).not.toBe(before.proposed?.actions[0]?.key);
  });

  it('counts where it shows after all, whatever a person has said', () => {
    const c = after(
      inReview(caseIn('executing'), ...apply, 'action.started'),
      ...ending({ slot: 'proposed', step: 'enableAccount' }),
      finish('applied'),
    );
    expect(c.phase).toBe('executing');
    expect(nextMove(c, sampleInstant(600))?.move).toMatchObject({ kind: 'complete', result: 'done' });
    expect(expectedOutcome(after(c, 'execution.completed'))).toBe('released');
  });

  it('that is only a part of the release starts over where it shows', () => {
    const c = after(inReview(caseIn('executing'), 'action.started'), ...ended, finish('applied'));
    expect(c).toMatchObject({ phase: 'opened', proposed: null });
  });

  it('of a containment that turns out complete makes it stand', () => {
    const c = after(inReview(caseIn('containing'), ...apply, 'action.started'), ...ended, finish('applied'));
    expect(c).toMatchObject({ phase: 'opened', immediate: { result: 'done' } });
    expect(after(c, 'evidence.collected', (now) => decided(now, courses.contain)).phase).toBe('settled');
  });

  it('is judged by nothing but what was to be read back', () => {
    const c = after(inReview(caseIn('executing'), 'action.started'), ...ended);
    const event = eventFor(c, 'action.finished');
    const others: CaseEvent[] = [
      { ...event, outcome: 'refused' },
      { ...event, slot: 'immediate' },
      { ...event, attempt: 2 },
      { ...event, key: 'f'.repeat(64) },
    ];
    for (const other of others) expect(() => applyEvent(c, other)).toThrow(IllegalEvent);
  });

  it('is never forgotten, whatever else is written', () => {
    const c = after(inReview(caseIn('executing'), 'action.started'), ...ended);
    const forgetful: Case = {
      ...c,
      phase: 'watching',
      watch: {
        begunAt: c.updatedAt,
        until: c.updatedAt,
        over: false,
        alarm: null,
        alarmSeq: null,
        told: false,
        noticeFailure: null,
        noteFailure: null,
      },
    };
    expect(() => after(forgetful, 'watch.alarmed')).toThrow('a write in doubt would be forgotten');
  });
});

describe('a containment that was broken off', () => {
  const half = inReview(caseIn('containing'), ...apply, 'action.started', finish('refused'));

  it('goes on with what is not proven', () => {
    const c = after(half, ...ended, 'evidence.collected', (now) => decided(now, courses.contain));
    expect(c).toMatchObject({
      phase: 'containing',
      immediate: { actions: [{ step: 'revokeSessions', outcome: 'applied' }] },
    });
    expect(nextMove(c, sampleInstant(600))?.move).toMatchObject({
      kind: 'start',
      step: 'forcePasswordChange',
    });
  });

  it('starts over where a detection is newer: somebody is in again', () => {
    const detection: Detection = {
      ...{ id: 'new', kind: 'unfamiliarFeatures', markers: [], level: 'high', state: 'atRisk' },
      ...{
        activityAt: sampleInstant(50),
        detectedAt: sampleInstant(50),
        requestId: null,
        correlationId: null,
      },
      ...{ ip: null, country: null },
    };
    const found = evidence({ detections: known([detection]) });
    const c = after(
      half,
      ...ended,
      (now) => collected(now, found),
      (now) => decided(now, courses.contain),
    );
    expect(c.immediate?.actions).toEqual([]);
  });
});

describe('a containment that confirmed the compromise', () => {
  const immediate = containPlan({ steps: ['revokeSessions', 'raiseRisk'] });
  const contain: Step = (now) => decided(now, { ...courses.contain, immediate });
  const done = after(caseIn('collected'), contain, ...apply, ...apply, 'execution.completed');
  const again = (kind: string) => {
    const detection: Detection = {
      ...{ id: 'back', kind, markers: [], level: 'high', state: 'confirmedCompromised' },
      ...{ activityAt: done.updatedAt, detectedAt: done.updatedAt, requestId: null, correlationId: null },
      ...{ ip: null, country: null },
    };
    const found = evidence({ detections: known([detection]) });
    // Taken up from a phase that starts from fresh evidence.
    const back = after(inReview({ ...done, phase: 'advising' }), ...ended);
    return after(back, (now) => collected(now, found), contain);
  };

  it('is not begun again for the detection that is its own word coming back', () => {
    expect(again('adminConfirmedUserCompromised').phase).not.toBe('containing');
  });

  it('is begun again for any other', () => {
    expect(again('anomalousToken').phase).toBe('containing');
  });
});

describe('what a person is told that a retry does', () => {
  it.each<[phase: Phase, steps: Step[], words: RegExp]>([
    ['collected', [], /read anew, the rules decide/],
    ['posting', [], /asked again, with a new time/],
    ['settled', [], /note on the ticket is written again/],
    ['recorded', [], /^The case is closed/],
    ['watching', [], /risk of the released account/],
    ['executing', ['action.started'], /First the account is read again.*Dismiss the user risk/],
  ])('%s', (phase, steps, words) => {
    expect(retryWords(inReview(caseIn(phase), ...steps), sampleInstant(5))[0]).toMatch(words);
  });
});
