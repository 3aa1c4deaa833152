import type { Detection, Evidence, Risk, StepKind } from '@sallyport/evidence';
import {
  containPlan,
  known,
  releasePlan,
  sampleId,
  sampleInstant,
  unknown,
} from '@sallyport/evidence/testing';
import { type Case, maxAlarms, type Watch } from './case';
import { expectedOutcome, IllegalEvent } from './fold';
import { headOf } from './head';
import { leftOfRelease } from './retry';
import { openReview } from './review';
import { endingFlaw, openSteps } from './review-ending';
import {
  after,
  caseIn,
  collected,
  courses,
  decided,
  eventFor,
  retried,
  type Step,
  watched,
} from './testing/a-case';
import { isBlindTooLong, nextLookMs, watchFinding, watchMove } from './watch';

const minuteMs = 60_000;
const detection = (id: string): Detection => ({
  id,
  kind: 'maliciousIPAddress',
  markers: [],
  level: 'high',
  state: 'atRisk',
  activityAt: sampleInstant(0),
  detectedAt: sampleInstant(0),
  requestId: null,
  correlationId: null,
  ip: null,
  country: null,
});
const risk = (over: Partial<Risk> = {}) =>
  known<Risk>({
    level: 'none',
    state: 'dismissed',
    detail: 'none',
    lastUpdatedAt: sampleInstant(0),
    processing: false,
    deleted: false,
    ...over,
  });
const judged: Pick<Evidence, 'detections'> = { detections: known([detection('judged')]) };

describe('what a look finds', () => {
  it.each<[string, Parameters<typeof watchFinding>[1], string]>([
    ['nothing new', { risk: risk(), detections: known([detection('judged')]) }, 'quiet'],
    ['a row that is gone', { risk: risk({ state: 'none' }), detections: known([]) }, 'quiet'],
    ['a new detection', { risk: risk(), detections: known([detection('new')]) }, 'alarm detection'],
    [
      'a new detection, the risk unread',
      { risk: unknown(), detections: known([detection('new')]) },
      'alarm detection',
    ],
    ['a risk that rose again', { risk: risk({ state: 'atRisk' }), detections: known([]) }, 'alarm risk'],
    [
      'a confirmed compromise, detections unread',
      { risk: risk({ state: 'confirmedCompromised' }), detections: unknown() },
      'alarm risk',
    ],
    ['detections that cannot be read', { risk: risk(), detections: unknown() }, 'blind'],
    ['a risk that cannot be read', { risk: unknown('forbidden'), detections: known([]) }, 'blind'],
    ['a risk that is computed', { risk: risk({ processing: true }), detections: known([]) }, 'blind'],
    ['a state of tomorrow', { risk: risk({ state: 'unknown' }), detections: known([]) }, 'blind'],
  ])('%s', (_, now, expected) => {
    const finding = watchFinding(judged, now);
    expect(finding.kind === 'alarm' ? `alarm ${finding.cause}` : finding.kind).toBe(expected);
  });
});

describe('when an account is looked at', () => {
  const watch: Watch = {
    begunAt: sampleInstant(0),
    until: sampleInstant(60),
    over: false,
    alarm: null,
    alarmSeq: null,
    told: false,
    noticeFailure: null,
    noteFailure: null,
  };
  const at = (minutes: number) => new Date(sampleInstant(minutes));
  const move = (minutes: number, since = 1) =>
    watchMove(watch, sampleInstant(since), at(minutes), 2 * minuteMs);

  it('not before a moment that lies after the release', () => {
    expect(move(1.5)).toEqual({ kind: 'wait', untilMs: at(2).getTime() });
    expect(move(2.5)).toEqual({ kind: 'look', asOf: sampleInstant(2), last: false });
  });
  it('at the same moments for every case', () => {
    expect(move(6.1, 1)).toEqual(move(7.9, 5));
    expect(nextLookMs(watch, at(6.1), 2 * minuteMs)).toBe(at(8).getTime());
  });
  it('last at or after its end', () => {
    expect(move(59.9)).toMatchObject({ last: false });
    expect(move(60)).toEqual({ kind: 'look', asOf: sampleInstant(60), last: true });
    expect(move(90)).toMatchObject({ last: true });
  });
  it('at most five hundred times, however short the pace', () => {
    const day = { ...watch, until: sampleInstant(1_440) };
    const looks = new Set<number>();
    for (let minutes = 0; minutes < 1_440; minutes += 0.25) looks.add(nextLookMs(day, at(minutes), 1_000));
    expect(looks.size).toBeLessThanOrEqual(502);
  });
  it('and half an hour longer where nothing can be read', () => {
    expect(isBlindTooLong(watch, at(89))).toBe(false);
    expect(isBlindTooLong(watch, at(90))).toBe(true);
  });
});

const applied: readonly Step[] = ['action.started', 'action.finished'];

describe('a released account', () => {
  const contain: readonly Step[] = [...applied, ...applied, 'execution.completed'];
  const alarmed = after(caseIn('watching'), 'watch.alarmed');

  it('that stays quiet is closed as released, by nobody before the end of its watch', () => {
    const watching = caseIn('watching');
    const early = eventFor(watching, 'watch.ended', { lookedAt: watching.updatedAt });
    expect(() => after(watching, () => early)).toThrow(IllegalEvent);
    const closed = after(watching, 'watch.ended', 'ticket.updated', 'case.closed');
    expect(closed.outcome).toBe('released');
  });

  it('is not called released where a step of its containment is left for a person', () => {
    const over = after(caseIn('watching'), 'watch.ended');
    const first = (c: Case) =>
      openReview(c, {
        ...({ stage: 'executor', reason: 'manualStepsRemain', detail: '', at: sampleInstant(99) } as const),
      }).checklist[0];
    const manualSteps = [
      { kind: 'forcePasswordChange', reason: 'synced', instruction: 'Change it.' },
    ] as const;
    const plan = containPlan({ manualSteps: [...manualSteps] });
    expect(first(over)).toMatch(/^The account was released on/);
    const { proposed } = over;
    if (!proposed) throw new Error('it was not released');
    const immediate = { ...proposed, slot: 'immediate' as const, actions: [], plan };
    expect(first({ ...over, immediate })).toMatch(/^The risk was dismissed on/);
  });

  it('is governed by its case all the while', () => {
    for (const phase of ['watchOpened', 'watching', 'alarmed', 'alarmPosted'] as const)
      expect(headOf(caseIn(phase)).activeSubject).toBe(caseIn(phase).subjectId);
  });

  it('is contained anew, told about, and closed as contained', () => {
    const again = after(alarmed, 'evidence.collected', (c) => decided(c, courses.contain));
    expect(again).toMatchObject({ phase: 'containing', round: 1, proposed: null });
    const contained = after(again, ...contain);
    expect(contained.phase).toBe('alarmed');
    const told = after(contained, 'notice.posted', 'ticket.updated');
    expect(told).toMatchObject({ phase: 'settled', watch: { told: true } });
    expect(expectedOutcome(told)).toBe('contained');
  });

  it('is contained anew by calls of their own, also where the plan is the same', () => {
    const keys = (c: Case) => c.immediate?.actions.map(({ key }) => key) ?? [];
    const first = after(caseIn('collected'), (c) => decided(c, both), ...contain);
    const release = ['triage.written', 'approval.requested', 'notice.posted', 'approval.voted'] as const;
    const second = after(
      after(first, ...release, 'approval.decided', ...applied, ...applied, watched, 'ticket.updated'),
      'watch.alarmed',
      'evidence.collected',
      (c) => decided(c, courses.contain),
      ...contain,
    );
    expect(keys(first)).toHaveLength(2);
    expect(keys(second).filter((key) => keys(first).includes(key))).toEqual([]);
  });

  it('is told about before people are asked', () => {
    const asked = after(alarmed, 'evidence.collected', 'policy.decided');
    expect(asked.phase).toBe('alarmed');
    expect(after(asked, 'notice.posted', 'ticket.updated').phase).toBe('advising');
  });

  it('goes to a person where policy holds, and the review says why', () => {
    const held = after(alarmed, 'evidence.collected', (c) => decided(c, courses.hold));
    expect(held).toMatchObject({ phase: 'stuck', stuck: { reason: 'policyHold' } });
    const review = openReview(held, {
      ...{ stage: 'policy', reason: 'policyHold', detail: 'Held.' },
      at: held.updatedAt,
    });
    expect(review.checklist[0]).toContain('at risk again: 1 new risk detection(s)');
  });

  const lastAlarm = (() => {
    let c = caseIn('watching');
    for (let alarms = 1; alarms < maxAlarms; alarms += 1) {
      c = after(c, 'watch.alarmed', (now) => collected(now), 'policy.decided');
      c = after(c, 'notice.posted', 'ticket.updated', 'triage.written', 'approval.requested');
      c = after(c, 'notice.posted', 'approval.voted', 'approval.decided', ...applied, ...applied, watched);
      c = after(c, 'ticket.updated');
    }
    return after(c, 'watch.alarmed', 'evidence.collected');
  })();
  const handedOver = { phase: 'stuck', stuck: { stage: 'context', reason: 'alarmedAgain' } } as const;

  it(`goes to a person after ${maxAlarms} alarms, and what policy wants at once is done before`, () => {
    const again = after(lastAlarm, (c) => decided(c, courses.contain));
    expect(again).toMatchObject({ phase: 'containing', alarms: maxAlarms });
    expect(after(again, ...contain)).toMatchObject({ ...handedOver, immediate: { result: 'done' } });
  });

  it.each([
    ['a release is proposed', {}],
    ['nothing is left to do', courses.close],
  ])(`goes to a person after ${maxAlarms} alarms where %s`, (_, course) => {
    expect(after(lastAlarm, (c) => decided(c, course))).toMatchObject({ ...handedOver, proposed: null });
  });

  it('is not forgotten before somebody was told that it is at risk again', () => {
    expect(() => after(alarmed, 'case.linked')).toThrow(IllegalEvent);
    const other = eventFor(alarmed, 'evidence.collected', { subjectId: sampleId(40) });
    expect(() => after(alarmed, () => other)).toThrow(IllegalEvent);
    const nobody = eventFor(alarmed, 'evidence.collected', { subjectId: null });
    expect(() => after(alarmed, () => nobody)).toThrow(IllegalEvent);
  });

  it('is governed by nobody once only the closing note is left', () => {
    const over = after(caseIn('watching'), 'watch.ended');
    expect(headOf(over).activeSubject).toBeNull();
    expect(headOf(after(over, 'ticket.updated')).activeSubject).toBeNull();
  });

  it('is not watched where its release is not proven, or for no time', () => {
    const executing = caseIn('executing');
    expect(() => after(executing, watched)).toThrow(IllegalEvent);
    const done = after(executing, ...applied, ...applied);
    const over = eventFor(done, 'execution.completed', { watchUntil: done.updatedAt });
    expect(() => after(done, () => over)).toThrow(IllegalEvent);
    const containing = after(caseIn('containing'), ...applied, ...applied);
    expect(() => after(containing, watched)).toThrow(IllegalEvent);
  });
});

const both = {
  rulings: {
    ...courses.contain.rulings,
    release: {
      effect: 'permit' as const,
      immediate: false,
      quorum: [{ role: 'secops' as const, count: 1 }],
      rules: [],
    },
  },
  immediate: courses.contain.immediate,
};

describe('a release of which something is left for a person', () => {
  const finish =
    (outcome: 'applied' | 'refused' | 'unknown'): Step =>
    (c) =>
      eventFor(c, 'action.finished', { outcome });
  const half = (outcome: 'refused' | 'unknown'): Step[] => [
    ...(['action.started', finish('applied'), 'action.started', finish(outcome)] as const),
    (c) =>
      eventFor(c, 'execution.completed', { result: 'incomplete', watchUntil: sampleInstant(c.seq + 60) }),
  ];
  const instruction = 'Enable the account in the local directory.';
  const plan = releasePlan({
    steps: ['dismissRisk'],
    manualSteps: [{ kind: 'enableAccount', reason: 'synced', instruction }],
  });
  const byHand = after(
    caseIn('collected'),
    (c) => decided(c, { proposed: plan }),
    ...(['triage.written', 'approval.requested', 'notice.posted', 'approval.voted'] as const),
    ...(['approval.decided', 'action.started', 'action.finished', watched] as const),
  );
  it.each<[string, Case, string]>([
    ['a step was refused', after(caseIn('executing'), ...half('refused')), 'actionRefused'],
    ['a step is only for people', byHand, 'manualStepsRemain'],
  ])(
    'is watched first where %s, contained where it is at risk again, and else handed over',
    (_, c, reason) => {
      expect(c.phase).toBe('watchOpened');
      const watching = after(c, 'ticket.updated');
      expect(after(watching, 'watch.alarmed')).toMatchObject({ phase: 'opened', alarms: 1, proposed: null });
      const ended = after(watching, 'watch.ended');
      expect(ended).toMatchObject({ phase: 'stuck', stuck: { stage: 'executor', reason } });
      const { checklist } = openReview(ended, {
        ...({ stage: 'executor', reason: 'manualStepsRemain', detail: '', at: sampleInstant(99) } as const),
      });
      expect(checklist[0]).toMatch(/^The risk was dismissed on .* Until .* no new risk showed/);
    },
  );

  const left = /^Left of the release when new risk showed, and not to be done before SecOps has agreed: /;
  it.each<[string, Case, string]>([
    ['a step was refused', after(caseIn('executing'), ...half('refused')), 'Enable the account.'],
    ['a step is only for people', byHand, instruction],
  ])('is told and answered for after an alarm where %s, and is nobody’s to finish', (_, c, step) => {
    const alarmed = after(c, 'ticket.updated', 'watch.alarmed', 'evidence.collected');
    const held = after(alarmed, (now) => decided(now, courses.hold));
    const { checklist } = openReview(held, {
      ...({ stage: 'policy', reason: 'policyHold', detail: '', at: sampleInstant(99) } as const),
    });
    expect(checklist[0]).toMatch(/^The risk was dismissed, and the account is at risk again: /);
    expect(checklist.filter((line) => left.test(line)).map((line) => line.replace(left, ''))).toEqual([step]);
    expect(checklist.join('\n')).not.toMatch(/By hand/);
    const review = after(held, 'review.opened');
    expect(openSteps(review)).toEqual([{ slot: 'proposed', step: 'enableAccount' }]);
    // Nor does a retry of that review make it somebody's to finish.
    const ends = [
      'notice.posted',
      'ticket.updated',
      'review.resolved',
      'notice.posted',
      'ticket.updated',
    ] as const;
    expect(after(review, ...ends).earlier).toEqual(held.earlier);
  });

  it('is no longer told once the account is contained again, or released as a whole', () => {
    const alarmed = after(
      after(caseIn('executing'), ...half('refused')),
      ...(['ticket.updated', 'watch.alarmed', 'evidence.collected'] as const),
    );
    const contained = after(alarmed, (c) => decided(c, courses.contain), ...applied, ...applied);
    expect(leftOfRelease(after(contained, 'execution.completed'))).toBeNull();
    const asked = ['policy.decided', 'notice.posted', 'ticket.updated', 'triage.written'] as const;
    const released = after(
      alarmed,
      ...asked,
      ...(['approval.requested', 'notice.posted', 'approval.voted', 'approval.decided'] as const),
      ...applied,
      ...applied,
      watched,
    );
    expect(after(released, 'ticket.updated', 'watch.alarmed').earlier).toBeNull();
  });

  describe('in a log of the time when an alarm neither kept nor ended what is left of a release', () => {
    const held: Step[] = ['evidence.collected', (c) => decided(c, courses.hold), 'review.opened'];
    const told = ['notice.posted', 'ticket.updated'] as const;
    const word = { slot: 'proposed', step: 'enableAccount', done: true } as const;
    const byHandWith =
      (...steps: (typeof word)[]): Step =>
      (c) =>
        eventFor(c, 'review.resolved', { resolution: 'doneByHand', steps });
    const flawOf = (c: Case, ...steps: (typeof word)[]) =>
      endingFlaw(c, { resolution: 'doneByHand', note: { untrusted: 'Done.' }, steps });
    const again: Step[] = ['review.resolved', ...told, ...held, ...told];
    const alarmedHalf = after(
      after(caseIn('executing'), ...half('refused'), 'ticket.updated', 'watch.alarmed'),
      ...[...held, ...told],
    );
    const asked = ['policy.decided', 'triage.written', 'approval.requested', 'notice.posted'] as const;
    const alarmedWhole = after(
      after(caseIn('executing'), ...half('refused'), 'ticket.updated', 'watch.ended', ...retried),
      ...(['evidence.collected', ...asked, 'approval.voted', 'approval.decided'] as const),
      ...[...applied, ...applied, watched, 'ticket.updated' as const, 'watch.alarmed' as const],
      ...[...held, ...told],
    );

    it.each<[string, Case]>([
      ['at once', alarmedHalf],
      ['after a retry', after(alarmedHalf, ...again)],
    ])('no word was asked for what it left, and none is missing: %s', (_, c) => {
      const done = after(c, byHandWith(), ...told, 'case.closed');
      expect(done.outcome).toBe('resolvedByHand');
      // Whoever ends one today answers for it.
      expect(flawOf(c)).toBe('stepsOpen');
      expect(flawOf(c, word)).toBeNull();
    });

    it.each<[string, Case]>([
      ['at once', alarmedWhole],
      ['after a retry', after(alarmedWhole, ...again)],
    ])('a word was asked for what a retry before it left, and is not one too many: %s', (_, c) => {
      const done = after(c, byHandWith(word), ...told, 'case.closed');
      expect(done.outcome).toBe('resolvedByHand');
      expect(flawOf(c, word)).toBe('otherSteps');
      expect(flawOf(c)).toBeNull();
    });

    it('nothing else is let through', () => {
      expect(() => after(alarmedHalf, byHandWith(word, word))).toThrow('otherSteps');
      const other = { slot: 'proposed', step: 'dismissRisk', done: true } as const;
      const wrong: Step = (c) => eventFor(c, 'review.resolved', { resolution: 'doneByHand', steps: [other] });
      for (const c of [alarmedHalf, alarmedWhole]) expect(() => after(c, wrong)).toThrow('otherSteps');
      // Where there was no alarm, the word was always asked for.
      const retriedHalf = after(caseIn('executing'), ...half('refused'), 'ticket.updated', 'watch.ended');
      const open = after(retriedHalf, ...retried, ...held, ...told);
      expect(() => after(open, byHandWith())).toThrow('stepsOpen');
    });
  });

  it.each<[string, readonly StepKind[]]>([
    ['nothing else is done', []],
    ['the account is enabled', ['enableAccount']],
  ])('goes to a person at once where a person is to dismiss the risk and %s', (_, steps) => {
    const manualSteps = [
      { kind: 'dismissRisk', reason: 'noPermission', instruction: 'Dismiss it.' },
    ] as const;
    const approved = after(
      caseIn('collected'),
      (c) => decided(c, { proposed: releasePlan({ steps: [...steps], manualSteps: [...manualSteps] }) }),
      ...(['triage.written', 'approval.requested', 'notice.posted', 'approval.voted'] as const),
      'approval.decided',
      ...steps.flatMap(() => applied),
    );
    expect(() => after(approved, watched)).toThrow(IllegalEvent);
    expect(after(approved, 'execution.completed')).toMatchObject({
      phase: 'stuck',
      stuck: { reason: 'manualStepsRemain' },
    });
  });

  it('goes to a person at once where a write is in doubt', () => {
    expect(() => after(caseIn('executing'), ...half('unknown'))).toThrow(IllegalEvent);
  });
});
