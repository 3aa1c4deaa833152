/**
 * Random lives of a case, legal and illegal moves alike, beside a reference model written from the design.
 *
 * MODEL_SEED and MODEL_LIVES choose others; what fails prints its moves.
 */
import {
  containPlan,
  evidence,
  known,
  managerId,
  releasePlan,
  ruling,
  sampleDigest,
  sampleId,
  sampleInstant,
  subjectId,
  unknown,
} from '@sallyport/evidence/testing';
import { actionKey } from '@sallyport/idempotency';
import type { CaseEvent, Decision, Detection, Plan, StepKind, StepStatement } from '@sallyport/evidence';
import fc from 'fast-check';
import { castVote, tally, type Voter } from './approval';
import type { Case } from './case';
import { nextMove } from './execution';
import { applyEvent, currentExecution, foldCase, IllegalEvent, resultOf } from './fold';
import { headOf } from './head';
import { nextStage } from './next-stage';
import { collected, courses, decided, eventFor, nextInstant, opened } from './testing/a-case';
import { doubtsOf, nextToRecheck } from './retry';
import { openSteps } from './review-ending';
import * as model from './testing/reference-model';
import { unsoundWrites } from './testing/unsound-writes';

const seed = Number(process.env['MODEL_SEED'] ?? 1);
const lives = Number(process.env['MODEL_LIVES'] ?? 150);

interface Real {
  events: CaseEvent[];
  c: Case;
}

/** A kind of life: how it begins, and what it leaves out where it goes on by itself, long enough to be told. */
interface Mood {
  begins: readonly model.Move[];
  avoids: (move: model.Move) => boolean;
}
const never = (...what: readonly model.Move['do'][]): Mood => ({
  begins: [],
  avoids: (move) => what.includes(move.do),
});
const avoiding = (avoids: Mood['avoids'], begins: Mood['begins'] = []): Mood => ({ begins, avoids });
const onlyPlayed = (move: model.Move) => move.do === 'start' && move.dry;
const collecting = { do: 'collect', about: 'subject', found: 'nothing new' } as const;
const triedAgain: readonly model.Move[] = [
  ...[{ do: 'giveUp' } as const, { do: 'notice' } as const, { do: 'ticket', failed: false } as const],
  { do: 'resolve', resolution: 'retry', frees: false },
  ...[{ do: 'notice' } as const, { do: 'ticket', failed: true } as const],
];
const often = (times: number) => Array.from({ length: times }, () => triedAgain).flat();
const stepDone = (step: StepKind): model.Move[] => [
  { do: 'start', step, dry: false },
  { do: 'answer', step },
  { do: 'finish', step, outcome: 'applied' },
];
/** A release is at risk again; where it is not the first time, everybody is told before anybody is asked. */
const alarmedOnce = (first: boolean): readonly model.Move[] => [
  ...[collecting, { do: 'decide', course: 'ask', leaves: 'nothing' } as const],
  ...(first ? [] : [{ do: 'notice' } as const, { do: 'ticket', failed: false } as const]),
  ...[{ do: 'advise' } as const, { do: 'ask' } as const, { do: 'notice' } as const],
  ...(['ada', 'manager'] as const).map((voter) => ({ do: 'vote', voter, choice: 'approve' }) as const),
  { do: 'settle', outcome: 'approved' },
  ...model.release.flatMap(stepDone),
  ...[{ do: 'watch' } as const, { do: 'ticket', failed: true } as const, { do: 'alarm' } as const],
];
/** Straight back to a person. */
const onlyRetries = (move: model.Move) =>
  !['giveUp', 'notice', 'ticket', 'resolve'].includes(move.do) ||
  (move.do === 'resolve' && move.resolution !== 'retry');
const moods: readonly Mood[] = [
  never('giveUp', 'void', 'link'),
  never('giveUp', 'void', 'complete'),
  // Writes that may have happened, and people who have them tried again.
  avoiding(
    (move) =>
      ['link', 'void'].includes(move.do) ||
      onlyPlayed(move) ||
      (move.do === 'finish' && move.outcome !== 'unknown') ||
      (move.do === 'resolve' && move.resolution !== 'retry'),
  ),
  // Releases that are watched.
  avoiding(
    (move) =>
      ['giveUp', 'link', 'void', 'complete'].includes(move.do) ||
      onlyPlayed(move) ||
      (move.do === 'finish' && move.outcome !== 'applied') ||
      (move.do === 'vote' && move.choice === 'deny') ||
      (move.do === 'settle' && move.outcome !== 'approved') ||
      (move.do === 'decide' && move.course !== 'ask'),
  ),
  // The last alarm of as many as a case may have.
  { ...never('giveUp'), begins: [true, false, false].flatMap(alarmedOnce) },
  // Containments that succeed and are decided on again, with new risk or without; the first of them was broken off.
  avoiding(
    (move) =>
      ['link', 'void'].includes(move.do) ||
      onlyPlayed(move) ||
      (move.do === 'finish' && move.outcome !== 'applied') ||
      (move.do === 'decide' && (!move.course.startsWith('contain') || move.leaves === 'a step')) ||
      (move.do === 'resolve' && move.resolution !== 'retry'),
    [
      collecting,
      { do: 'decide', course: 'contain', leaves: 'a look' },
      ...stepDone('revokeSessions'),
      ...triedAgain,
    ],
  ),
  // Approvals that become void again and again.
  avoiding(
    (move) =>
      ['giveUp', 'link', 'start', 'complete'].includes(move.do) ||
      (move.do === 'decide' && move.course !== 'contain'),
  ),
  // Graph that is always too busy.
  avoiding(
    (move) =>
      ['giveUp', 'link', 'void', 'complete'].includes(move.do) ||
      (move.do === 'finish' && move.outcome !== 'throttled'),
  ),
  // Nothing is called.
  avoiding(
    (move) =>
      ['giveUp', 'link', 'void'].includes(move.do) ||
      (move.do === 'start' && !move.dry) ||
      (move.do === 'decide' && !move.course.startsWith('contain')) ||
      (move.do === 'vote' && move.choice === 'deny'),
  ),
  // The last retries, where the case was read and where it was not.
  avoiding(onlyRetries, [...triedAgain, collecting, ...often(model.mostRetries - 2)]),
  avoiding(onlyRetries, often(model.mostUnreadRetries - 1)),
  never(),
];

const quorum = [
  { role: 'secops', count: 1 },
  { role: 'manager', count: 1 },
] as const;
const ids = {
  ada: sampleId(10),
  bob: sampleId(11),
  manager: managerId,
  stranger: sampleId(12),
  subject: subjectId,
};
const asking = {
  rulings: {
    contain: ruling({ effect: 'permit', immediate: true }),
    release: ruling({ effect: 'permit', quorum: [...quorum] }),
    close: ruling(),
  },
  proposed: releasePlan(),
};
const decisions = {
  contain: courses.contain,
  'contain and ask': { ...asking, immediate: containPlan() },
  ask: { ...asking, immediate: null },
  hold: courses.hold,
  close: courses.close,
};
/** Containment by the risk, because our own word comes back as a detection. */
const containing = containPlan({ steps: [...model.containment] });

function decisionOf({ course, leaves }: Extract<model.Move, { do: 'decide' }>): Partial<Decision> {
  const { rulings, proposed, immediate = null, ...made }: Partial<Decision> = decisions[course];
  const manual = { reason: 'Synchronized.', instruction: 'On the domain controller.' };
  const manualSteps = leaves === 'a step' ? [{ kind: 'enableAccount' as const, ...manual }] : [];
  const look = { id: 'look', effect: 'permit', reason: 'Look.', review: true } as const;
  const contain = ruling({ effect: 'permit', immediate: true, rules: [look] });
  return {
    ...made,
    rulings: rulings && { ...rulings, ...(leaves === 'a look' && { contain }) },
    immediate: immediate && { ...containing, manualSteps },
    proposed: proposed ? { ...proposed, manualSteps } : null,
  };
}

function collectedOf(c: Case, { about, found }: Extract<model.Move, { do: 'collect' }>): CaseEvent {
  const at = (kind: string, minutes: number): Detection => ({
    ...{ id: `${kind} ${minutes}`, kind, markers: [], level: 'high', state: 'atRisk' },
    ...{ activityAt: sampleInstant(minutes), detectedAt: sampleInstant(minutes) },
    ...{ requestId: null, correlationId: null, ip: null, country: null },
  });
  const since = {
    'nothing new': [],
    'new risk': [at('maliciousIPAddress', c.seq)],
    'our word': [at('adminConfirmedUserCompromised', c.seq)],
    unreadable: null,
  }[found];
  const detections = since ? known([at('unlikelyTravel', -60), ...since]) : unknown();
  return { ...collected(c, evidence({ detections })), subjectId: ids[about] };
}

const voterOf = (name: model.VoterName): Voter => ({
  id: ids[name],
  name: { untrusted: name },
  roles:
    name === 'ada' || name === 'bob' || name === 'subject'
      ? ['secops']
      : name === 'manager'
        ? ['manager']
        : [],
  accountEnabled: true,
  member: true,
  atRisk: false,
  reportsToSubject: false,
});

/** The event of a move; null where the voting rules give none. */
function eventOf(c: Case, move: model.Move): CaseEvent | null {
  switch (move.do) {
    case 'collect':
      return collectedOf(c, move);
    case 'link':
      return eventFor(c, 'case.linked');
    case 'decide':
      return decided(c, decisionOf(move));
    case 'advise':
      return eventFor(c, 'triage.written');
    case 'ask':
      return eventFor(c, 'approval.requested');
    case 'notice':
      return eventFor(c, 'notice.posted');
    case 'vote':
      return voteOf(c, move);
    case 'settle': {
      const late = move.outcome === 'expired' && c.proposal;
      return eventFor(c, 'approval.decided', {
        outcome: move.outcome,
        at: late ? late.expiresAt : nextInstant(c),
      });
    }
    case 'start':
      return eventFor(c, 'action.started', {
        ...actionOf(c, move.step),
        attempt: attemptsOf(c, move.step) + 1,
        dryRun: move.dry,
      });
    case 'answer':
      return eventFor(c, 'action.answered', {
        ...actionOf(c, move.step),
        attempt: attemptsOf(c, move.step),
      });
    case 'finish':
      return eventFor(c, 'action.finished', {
        ...actionOf(c, move.step),
        attempt: attemptsOf(c, move.step),
        outcome: move.outcome,
      });
    case 'complete':
      return eventFor(c, 'execution.completed', { result: move.result });
    case 'void':
      return eventFor(c, 'execution.completed', { result: 'void' });
    case 'ticket':
      return eventFor(c, 'ticket.updated', move.failed ? { failure: 'ticketGone' } : {});
    case 'close':
      return eventFor(c, 'case.closed');
    case 'giveUp':
      return eventFor(c, 'review.opened');
    case 'resolve':
      return eventFor(c, 'review.resolved', { resolution: move.resolution, steps: saidOf(c, move) });
    case 'watch':
      return eventFor(c, 'execution.completed', {
        result: resultNow(c) === 'incomplete' ? 'incomplete' : 'done',
        watchUntil: sampleInstant(100_000),
      });
    case 'alarm':
      return eventFor(c, 'watch.alarmed');
    case 'end watch':
      return eventFor(c, 'watch.ended', { at: nextInstant(c) });
    case 'recheck': {
      const doubt = c.phase === 'rechecking' && doubtsOf(c).find(({ action }) => action.step === move.step);
      const { key, attempt } = doubt ? doubt.action : { key: sampleDigest(5), attempt: 1 };
      const slot = doubt ? doubt.slot : 'proposed';
      return eventFor(c, 'action.finished', { slot, key, attempt, step: move.step, outcome: move.outcome });
    }
  }
}

function voteOf(c: Case, { voter, choice }: Extract<model.Move, { do: 'vote' }>): CaseEvent | null {
  const proposalPrefix = c.proposal?.digest ?? 'f'.repeat(64);
  const how = { comment: null, channel: 'teams', activityId: 'click' } as const;
  const result = castVote(
    c,
    { choice, proposalPrefix, voterId: ids[voter], ...how, at: nextInstant(c) },
    voterOf(voter),
  );
  return result.kind === 'accepted' ? result.event : null;
}

/** What the person says of the steps: of each where it was done by hand, of none or of all in doubt for a retry. */
function saidOf(c: Case, { resolution, frees }: Extract<model.Move, { do: 'resolve' }>): StepStatement[] {
  if (resolution === 'doneByHand') return openSteps(c).map((open) => ({ ...open, done: frees }));
  if (resolution === 'close' || !frees) return [];
  return doubtsOf(c).map(({ slot, action }) => ({ slot, step: action.step, done: false }));
}

function actionOf(c: Case, step: StepKind) {
  const run = currentExecution(c);
  const plan: Plan = run?.plan ?? releasePlan();
  return {
    slot: run?.slot ?? ('proposed' as const),
    step,
    key: actionKey(c.id, c.subjectId ?? subjectId, step, plan, run?.begunSeq ?? c.seq),
  };
}
const resultNow = (c: Case) => {
  const run = currentExecution(c);
  return run && resultOf(run);
};
const attemptsOf = (c: Case, step: StepKind) =>
  currentExecution(c)?.actions.find((action) => action.step === step)?.attempt ?? 0;

/** Tries a move on both. */
function tryOn(m: { now: model.Model }, real: Real, move: model.Move): void {
  const expected = model.after(m.now, move);
  const before = real.c;
  const event = eventOf(before, move);
  if (expected === null) {
    if (event) expect(() => applyEvent(before, event)).toThrow(IllegalEvent);
    return;
  }
  if (!event) throw new Error(`the rules refuse ${JSON.stringify(move)}`);
  real.events.push(event);
  real.c = applyEvent(before, event);
  m.now = expected;
  agree(real.c, expected);
  reached.add(expected.place);
  if (expected.because) reached.add(expected.because);
}

class Attempt implements fc.Command<{ now: model.Model }, Real> {
  constructor(
    /** Which of the moves: of all there are, or of those that the design allows where the case stands. */
    private readonly pick: number,
    private readonly likely: boolean,
    private readonly avoids: Mood['avoids'],
  ) {}

  private tried: model.Move | null = null;

  check(): boolean {
    return true;
  }

  run(m: { now: model.Model }, real: Real): void {
    const legal = moves.filter((move) => model.after(m.now, move) !== null);
    const calm = legal.filter((move) => !this.avoids(move));
    const among = this.likely && calm.length > 0 ? calm : moves;
    const move = among[this.pick % among.length];
    if (!move) throw new Error('there are moves');
    this.tried = move;
    tryOn(m, real, move);
  }

  toString(): string {
    return JSON.stringify(this.tried);
  }
}

/** Where the real case and the model must say the same. */
function agree(c: Case, m: model.Model): void {
  expect(nextStage(c)?.stage ?? null).toBe(model.waitsFor(m));
  const next = nextMove(c, '2999-01-01T00:00:00.000Z')?.move;
  const duty = !next
    ? null
    : next.kind === 'complete'
      ? `complete ${next.result}`
      : next.kind === 'start'
        ? `start ${next.step}`
        : next.kind === 'reconcile'
          ? `reconcile ${next.action.step}`
          : next.kind;
  expect(duty).toBe(model.duty(m));
  expect(nextToRecheck(c) !== null).toBe(m.place === 'rechecking');
  expect(c.phase === 'closed').toBe(m.place === 'over');
  expect(c.phase === 'inReview').toBe(m.place === 'with a person');
  expect(c.stuck?.reason ?? null).toBe(m.place === 'handing over' ? m.because : null);
  if (c.phase === 'inReview') expect(c.review?.noteFailure !== null).toBe(m.noteFailed);
  expect(c.immediate?.result === 'done').toBe(m.contained);
  expect(c.earlier !== null).toBe(m.loosenedBefore);
  if (c.phase === 'voting' || c.phase === 'tallied')
    expect(c.proposal && tally(c.proposal)).toBe(model.counted(m));
  // A second case about the same person may be governed only where this one is out of the way.
  const byHand = m.resolution !== null && m.resolution !== 'retry';
  const onlyNotes = ['telling', 'told', 'over', 'noticing', 'noting', 'with a person'].includes(m.place);
  const free = byHand || onlyNotes || c.primaryCaseId !== null;
  expect(headOf(c).activeSubject).toBe(free || !m.about ? null : ids[m.about]);
}

const steps = [...model.containment, ...model.release];
const moves: readonly model.Move[] = [
  ...(['link', 'advise', 'ask', 'notice', 'close', 'giveUp', 'void'] as const).map((it) => ({ do: it })),
  ...model.people.flatMap((about) =>
    model.findings.map((found) => ({ do: 'collect' as const, about, found })),
  ),
  ...(['contain', 'contain and ask', 'ask', 'hold', 'close'] as const).flatMap((course) =>
    (['nothing', 'a step', 'a look'] as const).map((leaves) => ({ do: 'decide' as const, course, leaves })),
  ),
  ...[true, false].map((failed) => ({ do: 'ticket' as const, failed })),
  ...model.voters.flatMap((voter) =>
    (['approve', 'deny'] as const).map((choice) => ({ do: 'vote' as const, voter, choice })),
  ),
  ...(['approved', 'denied', 'expired'] as const).map((outcome) => ({ do: 'settle' as const, outcome })),
  ...steps.flatMap((step) => [true, false, false].map((dry) => ({ do: 'start' as const, step, dry }))),
  ...steps.map((step) => ({ do: 'answer' as const, step })),
  ...steps.flatMap((step) =>
    (['applied', 'applied', 'refused', 'unknown', 'throttled', 'dryRun'] as const).map((outcome) => ({
      do: 'finish' as const,
      step,
      outcome,
    })),
  ),
  ...(['done', 'incomplete', 'dryRun'] as const).map((result) => ({ do: 'complete' as const, result })),
  ...(['watch', 'alarm', 'end watch'] as const).map((it) => ({ do: it })),
  ...(['retry', 'retry', 'doneByHand', 'close'] as const).flatMap((resolution) =>
    [true, false].map((frees) => ({ do: 'resolve' as const, resolution, frees })),
  ),
  ...steps.flatMap((step) =>
    (['applied', 'unknown'] as const).map((outcome) => ({ do: 'recheck' as const, step, outcome })),
  ),
];

const reached = new Set<string>();

it(`lives as the design says, whatever is tried (seed ${seed})`, () => {
  // Each beginning is played once.
  const beginnings = moods.map(({ begins, avoids }) => {
    const real: Real = { events: [opened()], c: foldCase([opened()]) };
    const m = { now: model.start };
    for (const move of begins) tryOn(m, real, move);
    return { real, now: m.now, avoids };
  });
  const tries = fc.constantFrom(...beginnings).chain(({ avoids, ...begun }) =>
    fc.record({
      begun: fc.constant(begun),
      commands: fc.commands(
        [
          fc
            .record({ pick: fc.nat({ max: 10_000 }), likely: fc.integer({ min: 0, max: 3 }) })
            .map(({ pick, likely }) => new Attempt(pick, likely > 0, avoids)),
        ],
        { maxCommands: 60, size: 'max' },
      ),
    }),
  );
  fc.assert(
    fc.property(tries, ({ begun, commands }) => {
      const real: Real = { events: [...begun.real.events], c: begun.real.c };
      fc.modelRun(() => ({ model: { now: begun.now }, real }), commands);
      expect(foldCase(real.events)).toEqual(real.c);
      expect(unsoundWrites(real.events)).toEqual([]);
    }),
    { numRuns: lives, seed },
  );
  // A run that never comes to a place, or never for one of the reasons to a person, has shown nothing about it.
  expect([...reached].sort()).toEqual(
    [
      ...[
        'advising',
        'asking',
        'containing',
        'counted',
        'deciding',
        'handing over',
        'linked',
        'noticing',
        'noting',
        'noticing the end',
        'noting the end',
        'rechecking',
        'announcing',
        'watching',
        'alarming',
        'noting the alarm',
      ],
      ...['over', 'posting', 'reading', 'releasing', 'telling', 'told', 'voting', 'with a person'],
      ...[
        'policyHold',
        'approvalDenied',
        'approvalExpired',
        'approvalVoid',
        'actionRefused',
        'actionUnknown',
      ],
      ...['manualStepsRemain', 'containmentHeld', 'dryRun', 'alarmedAgain'],
    ].sort(),
  );
}, 120_000);
