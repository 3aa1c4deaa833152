import {
  type CaseEvent,
  type CaseEventType,
  type CaseOutcome,
  confirmedCompromiseKinds,
  type EventOf,
  heldBy,
  type PlanSlot,
} from '@sallyport/evidence';
import { campaignKey, planDigest, proposalDigest } from '@sallyport/idempotency';
import { isNewRefusal, tally } from './approval';
import { afterRecheck, afterReview, endedByAlarm, lostDoubt } from './retry';
import { endingFlaw, isNewEndingRefusal } from './review-ending';
import {
  type ActionRecord,
  type Case,
  type Execution,
  type Group,
  maxAlarms,
  maxRounds,
  type Phase,
  type UnadvisedCase,
  type Watch,
} from './case';
import { holdDetail } from './hold-detail';
import { leavesToWatch } from './watch';

/** An event that the case's phase does not allow. It is never written; in a stored log it is damage. */
export class IllegalEvent extends Error {
  readonly code = 'illegalEvent';
  constructor(
    readonly phase: Phase | 'none',
    readonly eventType: CaseEventType,
    why = 'not allowed in this phase',
  ) {
    super(`${eventType} in phase ${phase}: ${why}`);
  }
}

/** Which events each phase allows. What is not listed throws. */
export const legalEvents: Readonly<Record<Phase, readonly CaseEventType[]>> = {
  opened: ['evidence.collected', 'case.linked', 'review.opened'],
  collected: ['policy.decided', 'review.opened'],
  linked: ['ticket.updated', 'review.opened'],
  containing: [
    'action.started',
    'action.answered',
    'action.finished',
    'execution.completed',
    'review.opened',
  ],
  advising: ['triage.written', 'review.opened'],
  asking: ['approval.requested', 'review.opened'],
  posting: ['notice.posted', 'review.opened'],
  voting: ['approval.voted', 'vote.refused', 'notice.posted', 'approval.decided', 'review.opened'],
  tallied: ['approval.decided', 'review.opened'],
  executing: ['action.started', 'action.answered', 'action.finished', 'execution.completed', 'review.opened'],
  watchOpened: ['ticket.updated', 'review.opened'],
  watching: ['watch.alarmed', 'watch.ended', 'review.opened'],
  alarmed: ['notice.posted', 'review.opened'],
  alarmPosted: ['ticket.updated', 'review.opened'],
  stuck: ['review.opened'],
  settled: ['ticket.updated', 'review.opened'],
  recorded: ['case.closed', 'review.opened'],
  reviewOpened: ['notice.posted'],
  reviewPosted: ['ticket.updated'],
  inReview: ['review.resolved', 'resolution.refused'],
  reviewEnded: ['notice.posted'],
  reviewEndPosted: ['ticket.updated'],
  rechecking: ['action.finished', 'review.opened'],
  closed: [],
};

/** Where something waits that is worth more than the note: a person, their word, or the look at a released account. */
const goesOnUnwritten: ReadonlySet<Phase> = new Set(['reviewPosted', 'reviewEndPosted', 'watchOpened']);

/** Folds a whole log, oldest event first. @throws IllegalEvent, also for an empty log. */
export function foldCase(events: readonly CaseEvent[]): Case {
  const [first, ...rest] = events;
  if (!first) throw new RangeError('a case has at least one event');
  return rest.reduce(applyEvent, openCase(first));
}

/** The case after its first event. @throws IllegalEvent when that is not `case.opened`. */
export function openCase(event: CaseEvent): Case {
  if (event.type !== 'case.opened')
    throw new IllegalEvent('none', event.type, 'a case starts with case.opened');
  return {
    id: event.caseId,
    seq: 1,
    phase: 'opened',
    opened: event,
    updatedAt: event.at,
    round: 0,
    evidence: null,
    evidenceDigest: null,
    subjectId: null,
    primaryCaseId: null,
    decision: null,
    decisionDigest: null,
    group: null,
    triage: null,
    proposal: null,
    immediate: null,
    proposed: null,
    voided: null,
    earlier: null,
    earlierByRetry: null,
    watch: null,
    alarms: 0,
    stuck: null,
    review: null,
    retry: { count: 0, toLook: [], freed: [] },
    outcome: null,
  };
}

/** The case after one more event. Pure: `before` is not changed. @throws IllegalEvent */
export function applyEvent(before: Case, event: CaseEvent): Case {
  if (!legalEvents[before.phase].includes(event.type)) throw new IllegalEvent(before.phase, event.type);
  const seq = before.seq + 1;
  const after = { ...before, ...change(before, event, seq), seq, updatedAt: event.at };
  if (lostDoubt(before, after, event) !== null)
    throw new IllegalEvent(before.phase, event.type, 'a write in doubt would be forgotten');
  return after;
}

function change(c: Case, event: CaseEvent, seq: number): Partial<Case> {
  const illegal = (why: string) => new IllegalEvent(c.phase, event.type, why);
  switch (event.type) {
    case 'case.opened':
      throw illegal('a case opens once');

    case 'evidence.collected':
      if (alarmIsUntold(c) && event.subjectId !== c.subjectId)
        throw illegal('the account that came under risk again would be forgotten');
      return {
        phase: 'collected',
        round: c.round + 1,
        evidence: event.evidence,
        evidenceDigest: event.evidenceDigest,
        subjectId: event.subjectId,
        // Somebody corrected the ticket: what was done to the one person says nothing about the other.
        ...(event.subjectId !== c.subjectId && { immediate: null }),
        decision: null,
        decisionDigest: null,
        group: null,
        triage: null,
        proposal: null,
      };

    case 'case.linked':
      if (alarmIsUntold(c)) throw illegal('the account that came under risk again would be forgotten');
      return { phase: 'linked', primaryCaseId: event.primaryCaseId };

    case 'policy.decided': {
      const { decision } = event;
      if (decision.evidenceDigest !== c.evidenceDigest) throw illegal('decided on other evidence');
      if (decision.course !== 'hold' && decision.errors.length > 0) throw illegal('an error permits nothing');
      if (decision.course === 'act' && !decision.immediate && !decision.proposed)
        throw illegal('no plan to act on');
      if (decision.immediate && decision.immediate.action !== 'contain')
        throw illegal('only containment is immediate');
      if (decision.proposed?.action === 'release' && heldBy(decision.rulings).length > 0)
        throw illegal('what is held for a person is not released');
      const group = groupOf(c, event, illegal);
      const decided: Partial<Case> = { decision, decisionDigest: event.decisionDigest, group };
      if (decision.course === 'close') return { ...decided, ...toldFirst(c, { phase: 'settled' }) };
      if (decision.course === 'hold') {
        const reason =
          decision.errors.length > 0
            ? 'policyError'
            : !c.subjectId
              ? 'subjectUnknown'
              : group
                ? 'campaign'
                : 'policyHold';
        return {
          ...decided,
          phase: 'stuck',
          stuck: { stage: 'policy', reason, detail: holdDetail(decision) },
        };
      }
      if (decision.immediate && !containedSince(c)) {
        return { ...decided, phase: 'containing', immediate: contain(c, decision.immediate, seq) };
      }
      return { ...decided, ...toldFirst(c, afterContainment({ ...c, ...decided }, seq)) };
    }

    case 'triage.written':
      return { phase: 'asking', triage: event.triage };

    case 'approval.requested': {
      const plan = c.decision?.proposed;
      if (!plan || planDigest(plan) !== planDigest(event.plan)) throw illegal('policy proposed another plan');
      const bound = proposalDigest(c.evidenceDigest ?? '', c.decisionDigest ?? '', plan);
      if (event.proposalDigest !== bound)
        throw illegal('the digest is not that of evidence, decision and plan');
      return {
        phase: 'posting',
        proposal: {
          digest: event.proposalDigest,
          plan: event.plan,
          quorum: event.quorum,
          requestedAt: event.at,
          expiresAt: event.expiresAt,
          remindAt: event.schedule?.remindAt ?? [],
          escalateAt: event.schedule?.escalateAt ?? null,
          escalated: false,
          noticedAt: event.at,
          unreached: null,
          messages: [],
          votes: [],
          lastVoteOn: null,
          refused: [],
          outcome: null,
          requestedSeq: seq,
        },
      };
    }

    case 'notice.posted':
      if (event.kind === 'review') {
        if (c.phase !== 'reviewOpened' || !c.review) throw illegal('no review is open');
        return {
          phase: 'reviewPosted',
          review: { ...c.review, noticeFailure: event.failure, messages: event.messages },
        };
      }
      if (event.kind === 'reviewEnded') {
        if (c.phase !== 'reviewEnded') throw illegal('no review has ended');
        return { phase: 'reviewEndPosted' };
      }
      if (event.kind === 'alarm') {
        if (c.phase !== 'alarmed' || !c.watch) throw illegal('there was no alarm');
        return { phase: 'alarmPosted', watch: { ...c.watch, noticeFailure: event.failure } };
      }
      return noticed(c, event, illegal);

    case 'approval.voted': {
      const proposal = c.proposal;
      if (!proposal || event.proposalDigest !== proposal.digest)
        throw illegal('the vote is for another proposal');
      const earlier = proposal.votes.find((vote) => vote.voterId === event.vote.voterId);
      // Who approved may still say no; nothing else about a vote can be changed.
      if (earlier && !(earlier.choice === 'approve' && event.vote.choice === 'deny')) {
        throw illegal('one vote per person');
      }
      const voted = {
        ...proposal,
        votes: [...proposal.votes.filter((vote) => vote !== earlier), event.vote],
        lastVoteOn: event.channel ?? 'teams',
      };
      return { phase: tally(voted) === 'open' ? c.phase : 'tallied', proposal: voted };
    }

    case 'vote.refused': {
      const proposal = c.proposal;
      if (!proposal || event.proposalDigest !== proposal.digest)
        throw illegal('the vote was about another proposal');
      const { voterId, refusal } = event;
      if (!isNewRefusal(proposal, event))
        throw illegal('this refusal is written down already, or too many are');
      return { proposal: { ...proposal, refused: [...proposal.refused, { voterId, refusal }] } };
    }

    case 'approval.decided': {
      const proposal = c.proposal;
      if (!proposal || event.proposalDigest !== proposal.digest)
        throw illegal('the decision is for another proposal');
      const count = tally(proposal);
      if (event.outcome === 'expired' && event.at < proposal.expiresAt) throw illegal('there is time left');
      if (event.outcome === 'expired' ? count !== 'open' : count !== event.outcome) {
        throw illegal(`the votes say ${count}`);
      }
      const decided = { ...proposal, outcome: event.outcome };
      if (event.outcome === 'approved') {
        return { phase: 'executing', proposal: decided, proposed: begin('proposed', proposal.plan, seq) };
      }
      const reason = event.outcome === 'denied' ? 'approvalDenied' : 'approvalExpired';
      const detail =
        event.outcome === 'denied'
          ? 'An approver said no.'
          : 'The people asked did not answer in time. Silence never approves.';
      return { phase: 'stuck', proposal: decided, stuck: { stage: 'approval', reason, detail } };
    }

    case 'action.started': {
      const run = underWay(c, event.slot);
      if (!run) throw illegal('no such plan is under way');
      if (!run.plan.steps.includes(event.step)) throw illegal('the step is not in the plan');
      const earlier = run.actions.find((action) => action.step === event.step);
      if (earlier && earlier.outcome !== 'throttled') throw illegal('the step was started before');
      if (event.attempt !== (earlier?.attempt ?? 0) + 1) throw illegal('attempts count up by one');
      if (earlier && earlier.key !== event.key) throw illegal('every attempt has the same key');
      const started: ActionRecord = {
        step: event.step,
        key: event.key,
        attempt: event.attempt,
        startedAt: event.at,
        before: event.before ?? null,
        sentAs: event.sentAs ?? null,
        dryRun: event.dryRun ?? false,
        answer: null,
        outcome: null,
        finishedAt: null,
        detail: null,
        requestId: null,
        notBefore: null,
      };
      return withExecution(event.slot, {
        ...run,
        actions: [...run.actions.filter((action) => action.step !== event.step), started],
      });
    }

    case 'action.answered': {
      const run = underWay(c, event.slot);
      const started = run && openAction(run, event);
      if (!run || !started) throw illegal('the step was not started');
      return replaceAction(run, started, {
        ...started,
        answer: event.answer,
        detail: event.detail,
        requestId: event.requestId,
      });
    }

    case 'action.finished': {
      if (c.phase === 'rechecking') {
        const rechecked = afterRecheck(c, event);
        if (!rechecked) throw illegal('this write is not to be read back');
        return rechecked;
      }
      const run = underWay(c, event.slot);
      const started = run && openAction(run, event);
      if (!run || !started) throw illegal('the step was not started');
      if (started.dryRun !== (event.outcome === 'dryRun'))
        throw illegal('a dry run ends as one, and nothing else');
      return replaceAction(run, started, {
        ...started,
        outcome: event.outcome,
        finishedAt: event.at,
        detail: event.detail,
        requestId: event.requestId ?? started.requestId,
        notBefore: event.notBefore,
      });
    }

    case 'execution.completed': {
      const run = underWay(c, event.slot);
      if (!run) throw illegal('no such plan is under way');
      const watch = watchFrom(event, run, illegal);
      if (event.result === 'void') return afterVoid(c, event, run, illegal);
      if (event.result !== resultOf(run)) throw illegal('the result is not what the ledger says');
      const completed = withExecution(event.slot, { ...run, result: event.result, detail: event.detail });
      // Watched first, whatever is left for a person: an alarm contains the account, and a review would not.
      if (watch) return { ...completed, phase: 'watchOpened', watch };
      if (event.result === 'incomplete') return { ...completed, ...afterIncomplete(run, event.detail) };
      const next = (event.slot === 'immediate' ? afterContainment : afterPlan)({ ...c, ...completed }, seq);
      const ends = next.phase === 'settled' || next.phase === 'stuck';
      if (event.result === 'dryRun' && ends) {
        return {
          ...completed,
          phase: 'stuck',
          stuck: { stage: 'executor', reason: 'dryRun', detail: event.detail },
        };
      }
      return { ...completed, ...toldFirst(c, next) };
    }

    case 'watch.alarmed':
      return afterAlarm(c, event.detail, seq);

    case 'watch.ended':
      if (!c.watch || event.lookedAt < c.watch.until) throw illegal('the watch is not over');
      return { ...afterWatch(c), watch: { ...c.watch, over: true } };

    case 'ticket.updated':
      if (event.failure !== undefined && !goesOnUnwritten.has(c.phase))
        throw illegal('the case does not go on without this note');
      switch (c.phase) {
        case 'reviewPosted':
          return {
            phase: 'inReview',
            review: c.review && { ...c.review, noteFailure: event.failure ?? null },
          };
        case 'reviewEndPosted':
          return afterReview(c, event.at);
        case 'watchOpened':
          return {
            phase: 'watching',
            watch: c.watch && { ...c.watch, noteFailure: event.failure ?? null },
          };
        case 'alarmPosted':
          return afterTold(c, seq);
        default:
          return { phase: 'recorded' };
      }

    case 'case.closed':
      if (event.outcome !== expectedOutcome(c)) throw illegal(`the case ends as ${expectedOutcome(c)}`);
      return { phase: 'closed', outcome: event.outcome };

    case 'review.opened':
      return {
        phase: 'reviewOpened',
        stuck: null,
        review: {
          stage: event.stage,
          reason: event.reason,
          detail: event.detail,
          checklist: event.checklist,
          openedAt: event.at,
          openedSeq: seq,
          noticeFailure: null,
          noteFailure: null,
          messages: [],
          from: c.phase,
          refused: [],
          ended: null,
        },
        retry: { ...c.retry, toLook: [] },
      };

    case 'review.resolved': {
      // A log may be older than the rule that an alarm keeps or ends what is left of a release.
      const flaw = endingFlaw(c, event) && endingFlaw({ ...c, earlier: c.earlierByRetry }, event);
      if (flaw || !c.review) throw illegal(`the review does not end so: ${flaw}`);
      const { personId, personName, roles, resolution, note, steps, at } = event;
      const ended = { personId, personName, roles, resolution, note, steps, at, seq };
      return { phase: 'reviewEnded', review: { ...c.review, ended } };
    }

    case 'resolution.refused': {
      const { personId, refusal } = event;
      if (!c.review || !isNewEndingRefusal(c.review, event))
        throw illegal('this refusal is written down already, or too many are');
      return { review: { ...c.review, refused: [...c.review.refused, { personId, refusal }] } };
    }
  }
}

/** What a case that is `settled` or `linked` ends as. */
export function expectedOutcome(c: Case): CaseOutcome {
  const ended = c.review?.ended;
  if (ended) return ended.resolution === 'doneByHand' ? 'resolvedByHand' : 'closedByHand';
  if (c.primaryCaseId) return 'linked';
  if (c.decision?.course === 'close') return 'selfRemediated';
  return c.proposed?.plan.action === 'release' ? 'released' : 'contained';
}

export function execution(c: UnadvisedCase, slot: PlanSlot): Execution | null {
  return slot === 'immediate' ? c.immediate : c.proposed;
}

/** The plan that the executor is to carry out now, or null. */
export function currentExecution(c: UnadvisedCase): Execution | null {
  return c.phase === 'containing' ? c.immediate : c.phase === 'executing' ? c.proposed : null;
}

/** The plan in `slot` if it is the one to carry out now: what an earlier phase completed takes no more events. */
function underWay(c: UnadvisedCase, slot: PlanSlot): Execution | null {
  const run = currentExecution(c);
  return run?.slot === slot && !run.result ? run : null;
}

function groupOf(
  c: Case,
  { decision, group }: EventOf<'policy.decided'>,
  illegal: (why: string) => IllegalEvent,
): Group | null {
  if (!group) return null;
  const { campaign } = decision;
  if (!campaign || campaignKey(campaign.kind) !== group.key)
    throw illegal('the decision sees no such campaign');
  return { ...group, kind: campaign.kind, leads: group.leadCaseId === c.id };
}

/** The question is posted, or posted again while it is open. */
function noticed(
  c: Case,
  event: EventOf<'notice.posted'>,
  illegal: (why: string) => IllegalEvent,
): Partial<Case> {
  const { proposal } = c;
  const first = event.kind === 'proposal';
  if (!proposal || c.phase !== (first ? 'posting' : 'voting')) throw illegal('no such question is open');
  if (event.kind === 'escalation' && (proposal.escalated || proposal.escalateAt === null))
    throw illegal('there is no escalation left');
  return {
    phase: 'voting',
    proposal: {
      ...proposal,
      noticedAt: event.at,
      escalated: proposal.escalated || event.kind === 'escalation',
      unreached: unreachedAfter(proposal.unreached, event),
      messages: [...proposal.messages, ...event.messages],
    },
  };
}

/**
 * An escalation asks others, and a reminder that was given up asks nobody: neither says whether those who were not
 * reached have been since.
 */
function unreachedAfter(before: string | null, event: EventOf<'notice.posted'>): string | null {
  const { kind, failure } = event;
  if (kind !== 'escalation' && !failure?.startsWith(`${kind}:`)) return failure;
  const all = [before, failure].flatMap((words) => words?.split(', ') ?? []);
  return all.length > 0 ? [...new Set(all)].join(', ') : null;
}

function withExecution(slot: PlanSlot, run: Execution): Partial<Case> {
  return slot === 'immediate' ? { immediate: run } : { proposed: run };
}

/** The action that was started and has no outcome, if it is the one that an event speaks of. */
function openAction(
  run: Execution,
  event: EventOf<'action.answered' | 'action.finished'>,
): ActionRecord | undefined {
  const { step, key, attempt } = event;
  return run.actions.find(
    (action) =>
      action.step === step && action.key === key && action.attempt === attempt && action.outcome === null,
  );
}

function replaceAction(run: Execution, before: ActionRecord, after: ActionRecord): Partial<Case> {
  return withExecution(run.slot, {
    ...run,
    actions: run.actions.map((action) => (action === before ? after : action)),
  });
}

function begin(slot: PlanSlot, plan: Execution['plan'], begunSeq: number): Execution {
  return { slot, plan, begunSeq, actions: [], result: null, detail: null };
}

/** What is proven of a containment that was broken off counts, unless a detection is newer. */
function contain(c: Case, plan: Execution['plan'], begunSeq: number): Execution {
  const fresh = begin('immediate', plan, begunSeq);
  const { immediate } = c;
  if (!immediate || immediate.result === 'done' || !quietSince(c)) return fresh;
  const stands = ({ step, outcome }: ActionRecord) => outcome === 'applied' && plan.steps.includes(step);
  return { ...fresh, actions: immediate.actions.filter(stands) };
}

/** What the ledger says of a plan of which nothing is left to do. */
export function resultOf({ plan, actions }: Execution): NonNullable<Execution['result']> {
  const outcomes = plan.steps.map((step) => actions.find((action) => action.step === step)?.outcome);
  if (outcomes.every((outcome) => outcome === 'applied')) return 'done';
  const harmless = outcomes.every((outcome) => outcome === 'applied' || outcome === 'dryRun');
  return harmless ? 'dryRun' : 'incomplete';
}

/** Whether anything may have been done. A throttled attempt did nothing. */
export function hasBegun(run: Execution): boolean {
  return run.actions.some((action) => action.outcome !== 'throttled');
}

function afterContainment(c: Case, seq: number): Partial<Case> {
  const plan = c.decision?.proposed;
  if (!c.decision || !plan) return afterPlan(c);
  // A release that needs nobody: no pack but `auto-low-risk` may say so, and loading it enforces that.
  const needsPeople = c.decision.rulings[plan.action].quorum.length > 0;
  return needsPeople ? { phase: 'advising' } : { phase: 'executing', proposed: begin('proposed', plan, seq) };
}

function afterPlan(c: Case): Partial<Case> {
  const left = [c.immediate, c.proposed].flatMap((run) => run?.plan.manualSteps ?? []);
  if (left.length === 0 && c.group?.leads) {
    const detail = `This account is contained. The same detection (${c.group.kind}) on many people still needs somebody who looks at all of them.`;
    return { phase: 'stuck', stuck: { stage: 'executor', reason: 'campaign', detail } };
  }
  const held = c.decision ? heldBy(c.decision.rulings) : [];
  if (left.length === 0 && held.length > 0) {
    const detail = held.map(({ reason }) => reason).join(' ');
    return { phase: 'stuck', stuck: { stage: 'executor', reason: 'containmentHeld', detail } };
  }
  if (left.length === 0) return { phase: 'settled' };
  const detail = `A person must do: ${[...new Set(left.map((step) => step.kind))].join(', ')}.`;
  return { phase: 'stuck', stuck: { stage: 'executor', reason: 'manualStepsRemain', detail } };
}

function afterIncomplete({ actions }: Execution, detail: string): Partial<Case> {
  const unknown = actions.some(({ outcome }) => outcome === 'unknown' || outcome === null);
  const reason = unknown ? 'actionUnknown' : 'actionRefused';
  return { phase: 'stuck', stuck: { stage: 'executor', reason, detail } };
}

/** What a release has left for a person comes once nobody has to look at the account any more. */
function afterWatch(c: Case): Partial<Case> {
  const { proposed } = c;
  return proposed?.result === 'incomplete' ? afterIncomplete(proposed, proposed.detail ?? '') : afterPlan(c);
}

/** The watch that a release asks for. */
function watchFrom(
  { slot, result, watchUntil, at }: EventOf<'execution.completed'>,
  run: Execution,
  illegal: (why: string) => IllegalEvent,
): Watch | null {
  if (watchUntil === undefined) return null;
  if (!leavesToWatch(run, result) || slot !== run.slot || watchUntil <= at)
    throw illegal('only an account that a release has loosened is watched, and for some time');
  return {
    begunAt: at,
    until: watchUntil,
    over: false,
    alarm: null,
    alarmSeq: null,
    told: false,
    noticeFailure: null,
    noteFailure: null,
  };
}

/** The release is history, and so is the containment before it: what policy says now is carried out anew. */
function afterAlarm(c: Case, detail: string, seq: number): Partial<Case> {
  if (!c.watch) throw new IllegalEvent(c.phase, 'watch.alarmed', 'nothing is watched');
  const watch = { ...c.watch, alarm: detail, alarmSeq: seq };
  const history = { immediate: null, proposed: null, proposal: null, voided: null };
  return { phase: 'opened', round: 0, alarms: c.alarms + 1, watch, earlier: endedByAlarm(c), ...history };
}

/**
 * Teams and the ticket hear of an alarm after an immediate containment, which waits for nobody, and before anybody is
 * asked or the case ends. A review tells both of them by itself, and follows on the last alarm in any case.
 */
function toldFirst(c: Case, next: Partial<Case>): Partial<Case> {
  if (!alarmIsUntold(c) || next.phase === 'stuck') return next;
  if (c.alarms < maxAlarms) return { phase: 'alarmed' };
  return {
    phase: 'stuck',
    stuck: { stage: 'context', reason: 'alarmedAgain', detail: c.watch?.alarm ?? '' },
  };
}

/** A released account is at risk again, and neither Teams nor the ticket has heard of it. */
export function alarmIsUntold({ watch }: UnadvisedCase): boolean {
  return watch !== null && watch.alarm !== null && !watch.told;
}

/** Where the case went before it was told. */
function afterTold(c: Case, seq: number): Partial<Case> {
  const watch = c.watch && { ...c.watch, told: true };
  const next = c.decision?.course === 'close' ? { phase: 'settled' as const } : afterContainment(c, seq);
  return { ...next, watch };
}

/**
 * Containment of an earlier round stands and is not started again, unless a detection is newer: then somebody is in
 * again.
 */
function containedSince(c: Case): boolean {
  return c.immediate?.result === 'done' && quietSince(c);
}

/**
 * Whether every detection is older than the first step of the containment. Where that confirmed the compromise, Identity
 * Protection answers with a detection of its own: it is our word coming back, and no new risk.
 */
function quietSince({ immediate, evidence }: Case): boolean {
  if (!immediate || evidence?.detections.state !== 'known') return false;
  const finished = immediate.actions.map((action) => action.startedAt).sort()[0];
  if (!finished) return false;
  const confirmed = immediate.actions.some(({ step, dryRun }) => step === 'raiseRisk' && !dryRun);
  return evidence.detections.value.every(
    ({ kind, activityAt, detectedAt }) =>
      (activityAt ?? detectedAt) < finished ||
      (confirmed && confirmedCompromiseKinds.has(kind.toLowerCase())),
  );
}

function afterVoid(
  c: Case,
  { slot, detail, handOver }: EventOf<'execution.completed'>,
  run: Execution,
  illegal: (why: string) => IllegalEvent,
): Partial<Case> {
  if (hasBegun(run)) throw illegal('a plan that has begun cannot become void');
  const handedOver = handOver === true || c.round >= maxRounds;
  const letGo: Partial<Case> = {
    ...(slot === 'proposed' ? { proposed: null, proposal: null } : { immediate: null }),
    voided: { detail, approved: slot === 'proposed' && c.proposal !== null, handedOver },
  };
  if (!handedOver) return { ...letGo, phase: 'opened' };
  const stuck = { stage: 'executor', reason: 'approvalVoid', detail } as const;
  return { ...letGo, phase: 'stuck', stuck };
}
