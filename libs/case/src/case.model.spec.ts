/** Random lives of a case, legal and illegal moves alike, beside a reference model written from the design. */
import {
  containPlan,
  managerId,
  releasePlan,
  ruling,
  sampleDigest,
  sampleId,
  sampleInstant,
  subjectId,
} from '@sallyport/evidence/testing';
import { actionKey } from '@sallyport/idempotency';
import type { CaseEvent, Plan, StepKind, StepStatement } from '@sallyport/evidence';
import fc from 'fast-check';
import { castVote, tally, type Voter } from './approval';
import type { Case } from './case';
import { nextMove } from './execution';
import { applyEvent, currentExecution, foldCase, IllegalEvent, resultOf } from './fold';
import { headOf } from './head';
import { nextStage } from './next-stage';
import { courses, decided, eventFor, nextInstant, opened } from './testing/a-case';
import { doubtsOf, nextToRecheck } from './retry';
import { openSteps } from './review-ending';
import * as model from './testing/reference-model';
import { unsoundWrites } from './testing/unsound-writes';

interface Real {
  events: CaseEvent[];
  c: Case;
}

/** What a life leaves out where it goes on by itself, so that each kind of life is long enough to be told. */
type Mood = (move: model.Move) => boolean;
const never =
  (...what: readonly model.Move['do'][]): Mood =>
  (move) =>
    what.includes(move.do);
const moods: readonly Mood[] = [
  never('giveUp', 'void', 'link'),
  never('giveUp', 'void', 'complete'),
  // Writes that may have happened, and people who have them tried again.
  (move) =>
    ['link', 'void'].includes(move.do) ||
    (move.do === 'finish' && move.outcome !== 'unknown') ||
    (move.do === 'resolve' && move.resolution !== 'retry'),
  // Releases that are watched.
  (move) =>
    ['giveUp', 'link', 'void', 'complete'].includes(move.do) ||
    (move.do === 'finish' && move.outcome !== 'applied') ||
    (move.do === 'vote' && move.choice === 'deny') ||
    (move.do === 'settle' && move.outcome !== 'approved') ||
    (move.do === 'decide' && move.course !== 'ask'),
  // Approvals that become void again and again.
  never('giveUp', 'link', 'start', 'complete'),
  // Graph that is always too busy.
  (move) =>
    ['giveUp', 'link', 'void', 'complete'].includes(move.do) ||
    (move.do === 'finish' && move.outcome !== 'throttled'),
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
      return eventFor(c, 'evidence.collected');
    case 'link':
      return eventFor(c, 'case.linked');
    case 'decide':
      return decided(c, decisions[move.course]);
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
      return eventFor(c, 'ticket.updated');
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

class Attempt implements fc.Command<{ now: model.Model }, Real> {
  constructor(
    /** Which of the moves: of all there are, or of those that the design allows where the case stands. */
    private readonly pick: number,
    private readonly likely: boolean,
    private readonly avoids: Mood,
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
  expect(c.immediate?.result === 'done').toBe(m.contained);
  expect(c.earlier !== null).toBe(m.loosenedBefore);
  if (c.phase === 'voting' || c.phase === 'tallied')
    expect(c.proposal && tally(c.proposal)).toBe(model.counted(m));
  // A second case about the same person may be governed only where this one is out of the way.
  const byHand = m.resolution !== null && m.resolution !== 'retry';
  const onlyNotes = ['telling', 'told', 'over', 'noticing', 'noting', 'with a person'].includes(m.place);
  const free = byHand || onlyNotes || c.primaryCaseId !== null || c.subjectId === null;
  expect(headOf(c).activeSubject).toBe(free ? null : subjectId);
}

const steps = [...model.containment, ...model.release];
const moves: readonly model.Move[] = [
  ...(['collect', 'link', 'advise', 'ask', 'notice', 'ticket', 'close', 'giveUp', 'void'] as const).map(
    (it) => ({ do: it }),
  ),
  ...(['contain', 'contain and ask', 'ask', 'hold', 'close'] as const).map((course) => ({
    do: 'decide' as const,
    course,
  })),
  ...model.voters.flatMap((voter) =>
    (['approve', 'deny'] as const).map((choice) => ({ do: 'vote' as const, voter, choice })),
  ),
  ...(['approved', 'denied', 'expired'] as const).map((outcome) => ({ do: 'settle' as const, outcome })),
  ...steps.map((step) => ({ do: 'start' as const, step })),
  ...steps.flatMap((step) =>
    (['applied', 'applied', 'refused', 'unknown', 'throttled'] as const).map((outcome) => ({
      do: 'finish' as const,
      step,
      outcome,
    })),
  ),
  ...(['done', 'incomplete'] as const).map((result) => ({ do: 'complete' as const, result })),
  ...(['watch', 'alarm', 'end watch'] as const).map((it) => ({ do: it })),
  ...(['retry', 'retry', 'doneByHand', 'close'] as const).flatMap((resolution) =>
    [true, false].map((frees) => ({ do: 'resolve' as const, resolution, frees })),
  ),
  ...steps.flatMap((step) =>
    (['applied', 'unknown'] as const).map((outcome) => ({ do: 'recheck' as const, step, outcome })),
  ),
];

const reached = new Set<model.Place>();

it('lives as the design says, whatever is tried', () => {
  const lives = fc
    .constantFrom(...moods)
    .chain((avoids) =>
      fc.commands(
        [
          fc
            .record({ pick: fc.nat({ max: 10_000 }), likely: fc.integer({ min: 0, max: 3 }) })
            .map(({ pick, likely }) => new Attempt(pick, likely > 0, avoids)),
        ],
        { maxCommands: 60, size: 'max' },
      ),
    );
  fc.assert(
    fc.property(lives, (commands) => {
      const real: Real = { events: [opened()], c: foldCase([opened()]) };
      fc.modelRun(() => ({ model: { now: model.start }, real }), commands);
      expect(foldCase(real.events)).toEqual(real.c);
      expect(unsoundWrites(real.events)).toEqual([]);
    }),
    { numRuns: 150, seed: 1 },
  );
  // A run that never comes to a place has shown nothing about it.
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
    ].sort(),
  );
}, 120_000);
