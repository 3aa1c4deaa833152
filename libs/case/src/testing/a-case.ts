import type {
  CaseEvent,
  CaseEventType,
  Decision,
  EventOf,
  Evidence,
  Instant,
  NoticeKind,
  Vote,
} from '@sallyport/evidence';
import {
  containPlan,
  decision,
  evidence,
  releasePlan,
  ruling,
  sampleDigest,
  sampleId,
  sampleInstant,
  subjectId,
  triage,
} from '@sallyport/evidence/testing';
import {
  actionKey,
  campaignKey,
  caseIdFor,
  decisionDigest,
  effectKey,
  evidenceDigest,
  proposalDigest,
} from '@sallyport/idempotency';
import type { Case, Phase } from '../case';
import { applyEvent, currentExecution, expectedOutcome, foldCase } from '../fold';
import { nextToRecheck } from '../retry';

export { decision, evidence };

/** The ticket of the sample case. */
const ticket = { instance: 'sample', ticketSysId: 'a'.repeat(32), episode: 'first' };

/** A person on call in SecOps, whose approval is all that the sample decision needs. */
export const approverId = sampleId(10);

/** When the event after `c` happens: one minute per event, so that times tell positions apart. */
export function nextInstant(c: Case | null): Instant {
  return sampleInstant(c?.seq ?? 0);
}

/** `case.opened` of the sample case. Another `episode` is another case. */
export function opened(episode = ticket.episode): EventOf<'case.opened'> {
  return {
    type: 'case.opened',
    v: 1,
    at: nextInstant(null),
    caseId: caseIdFor({ ...ticket, episode }),
    ...ticket,
    episode,
    ticketNumber: 'INC0010001',
    origin: 'webhook',
    messageId: 'msg_sample',
  };
}

/** `evidence.collected` about the sample subject, with the right digest. */
export function collected(c: Case, found: Evidence = evidence()): EventOf<'evidence.collected'> {
  return eventFor(c, 'evidence.collected', { evidence: found, evidenceDigest: evidenceDigest(found) });
}

/** `policy.decided` on the case's own evidence: what is left out is a release that SecOps must approve. */
export function decided(c: Case, over: Partial<Decision> = {}): EventOf<'policy.decided'> {
  const made = decision({ evidenceDigest: c.evidenceDigest ?? sampleDigest(2), ...over });
  return eventFor(c, 'policy.decided', { decision: made, decisionDigest: decisionDigest(made) });
}

/** `policy.decided` that holds the case as one of a group; without a lead it leads. */
export function grouped(
  c: Case,
  leadCaseId = c.id,
  kind = 'anonymizedIPAddress',
  course: Partial<Decision> = courses.hold,
): EventOf<'policy.decided'> {
  const group = { key: campaignKey(kind), leadCaseId };
  return { ...decided(c, { ...course, campaign: { kind, users: 12 } }), group };
}

export const courses = {
  /** Contain at once, ask nobody. */
  contain: {
    rulings: {
      contain: ruling({ effect: 'permit', immediate: true }),
      release: ruling(),
      close: ruling(),
    },
    immediate: containPlan(),
    proposed: null,
  },
  hold: {
    course: 'hold',
    rulings: { contain: ruling(), release: ruling(), close: ruling() },
    proposed: null,
  },
  close: {
    course: 'close',
    rulings: { contain: ruling(), release: ruling(), close: ruling({ effect: 'permit' }) },
    proposed: null,
  },
} as const satisfies Record<string, Partial<Decision>>;

/** A vote of {@link approverId} for approval. */
export function vote(over: Partial<Vote> = {}): Vote {
  return {
    voterId: approverId,
    voterName: { untrusted: 'Ada Approver' },
    roles: ['secops'],
    choice: 'approve',
    comment: null,
    ...over,
  };
}

/**
 * The event of `type` that fits `c` best: right digests, the step that is due, what the votes and the ledger say.
 * Where no event of that type can fit, it is a well-formed one all the same, so that specs can offer it and see it
 * refused.
 */
export function eventFor<T extends CaseEventType>(
  c: Case,
  type: T,
  over: Partial<EventOf<T>> = {},
): EventOf<T> {
  return { ...makers[type](c), ...over };
}

const event = <T extends CaseEventType>(c: Case, type: T) => ({ type, v: 1 as const, at: nextInstant(c) });

/** The step that an execution event would be about: the one under way, else the first that is not begun. */
function dueStep(c: Case) {
  const doubt = nextToRecheck(c);
  if (doubt) return { slot: doubt.slot, ...doubt.action, last: doubt.action };
  const run = currentExecution(c);
  const slot = run?.slot ?? ('proposed' as const);
  const plan = run?.plan ?? releasePlan();
  const last = run?.actions.find((action) => action.outcome === null || action.outcome === 'throttled');
  const fresh = plan.steps.find((step) => !run?.actions.some((action) => action.step === step));
  const step = last?.step ?? fresh ?? plan.steps[0] ?? 'dismissRisk';
  return {
    slot,
    step,
    key: actionKey(c.id, c.subjectId ?? subjectId, step, plan, run?.begunSeq ?? c.seq),
    attempt: last?.attempt ?? 1,
    last,
  };
}

const noticeIn: Partial<Record<Phase, NoticeKind>> = {
  reviewOpened: 'review',
  reviewEnded: 'reviewEnded',
  voting: 'reminder',
  alarmed: 'alarm',
};
const noteIn: Partial<Record<Phase, EventOf<'ticket.updated'>['purpose']>> = {
  reviewPosted: 'review',
  reviewEndPosted: 'reviewEnded',
  watchOpened: 'watch',
  alarmPosted: 'alarm',
};

const makers: { [T in CaseEventType]: (c: Case) => EventOf<T> } = {
  'case.opened': (c) => ({ ...opened(), at: nextInstant(c) }),
  'evidence.collected': (c) => ({
    ...event(c, 'evidence.collected'),
    evidence: evidence(),
    evidenceDigest: evidenceDigest(evidence()),
    subjectId,
  }),
  'case.linked': (c) => ({ ...event(c, 'case.linked'), primaryCaseId: opened('earlier').caseId }),
  'policy.decided': (c) => {
    const made = decision({ evidenceDigest: c.evidenceDigest ?? sampleDigest(2) });
    return { ...event(c, 'policy.decided'), decision: made, decisionDigest: decisionDigest(made) };
  },
  'triage.written': (c) => ({ ...event(c, 'triage.written'), triage: triage() }),
  'approval.requested': (c) => {
    const plan = c.decision?.proposed ?? releasePlan();
    const { evidenceDigest: seen, decisionDigest: made } = c;
    return {
      ...event(c, 'approval.requested'),
      proposalDigest: proposalDigest(seen ?? sampleDigest(2), made ?? sampleDigest(3), plan),
      plan,
      quorum: c.decision?.rulings[plan.action].quorum ?? [{ role: 'secops', count: 1 }],
      expiresAt: sampleInstant(c.seq + 240),
    };
  },
  'notice.posted': (c) => ({
    ...event(c, 'notice.posted'),
    kind: noticeIn[c.phase] ?? 'proposal',
    messages: [{ serviceUrl: 'https://teams.example/', conversationId: 'conversation', activityId: 'card' }],
    failure: null,
  }),
  'approval.voted': (c) => ({
    ...event(c, 'approval.voted'),
    proposalDigest: c.proposal?.digest ?? sampleDigest(4),
    vote: vote(),
    activityId: 'click',
  }),
  'vote.refused': (c) => ({
    ...event(c, 'vote.refused'),
    proposalDigest: c.proposal?.digest ?? sampleDigest(4),
    voterId: subjectId,
    choice: 'approve',
    refusal: 'subject',
    channel: 'teams',
    activityId: 'click',
  }),
  'approval.decided': (c) => ({
    ...event(c, 'approval.decided'),
    // Expiry is known only once the time has passed.
    at: c.phase === 'voting' ? (c.proposal?.expiresAt ?? nextInstant(c)) : nextInstant(c),
    proposalDigest: c.proposal?.digest ?? sampleDigest(4),
    outcome:
      c.phase !== 'tallied'
        ? 'expired'
        : c.proposal?.votes.some((cast) => cast.choice === 'deny')
          ? 'denied'
          : 'approved',
  }),
  'action.started': (c) => {
    const { slot, step, key, attempt, last } = dueStep(c);
    return { ...event(c, 'action.started'), slot, step, key, attempt: attempt + (last ? 1 : 0) };
  },
  'action.answered': (c) => {
    const { slot, step, key, attempt } = dueStep(c);
    return {
      ...event(c, 'action.answered'),
      ...{ slot, step, key, attempt },
      answer: 'accepted',
      detail: 'Graph answered 204.',
      requestId: sampleId(901),
    };
  },
  'action.finished': (c) => {
    const { slot, step, key, attempt } = dueStep(c);
    return {
      ...event(c, 'action.finished'),
      ...{ slot, step, key, attempt },
      outcome: 'applied',
      detail: 'Read back.',
      requestId: sampleId(900),
      notBefore: null,
    };
  },
  'execution.completed': (c) => {
    const run = currentExecution(c);
    const applied = run?.plan.steps.every((step) =>
      run.actions.some((action) => action.step === step && action.outcome === 'applied'),
    );
    return {
      ...event(c, 'execution.completed'),
      slot: run?.slot ?? 'proposed',
      result: applied ? 'done' : 'incomplete',
      detail: 'As the ledger says.',
    };
  },
  'watch.alarmed': (c) => ({
    ...event(c, 'watch.alarmed'),
    detail: '1 new risk detection(s): maliciousIPAddress.',
  }),
  'watch.ended': (c) => ({
    ...event(c, 'watch.ended'),
    at: c.watch?.until ?? nextInstant(c),
    lookedAt: c.watch?.until ?? nextInstant(c),
  }),
  'ticket.updated': (c) => {
    const purpose = noteIn[c.phase] ?? (c.primaryCaseId ? 'linked' : 'closing');
    return {
      ...event(c, 'ticket.updated'),
      key: effectKey(c.id, purpose, c.seq),
      purpose,
      modCount: 2,
    };
  },
  'case.closed': (c) => ({ ...event(c, 'case.closed'), outcome: expectedOutcome(c) }),
  'review.opened': (c) => ({
    ...event(c, 'review.opened'),
    stage: c.stuck?.stage ?? 'context',
    reason: c.stuck?.reason ?? 'stageFailed',
    detail: c.stuck?.detail ?? 'The service gave up.',
    checklist: ['Look at it.'],
  }),
  'review.resolved': (c) => ({
    ...event(c, 'review.resolved'),
    personId: approverId,
    personName: { untrusted: 'Ada Approver' },
    roles: ['secops'],
    resolution: 'retry',
    note: { untrusted: 'Looked at it.' },
    steps: [],
  }),
  'resolution.refused': (c) => ({
    ...event(c, 'resolution.refused'),
    personId: sampleId(13),
    resolution: 'close',
    refusal: 'noRole',
  }),
};

/** One more event, made from the case before it: a type stands for the event that fits. */
export type Step = CaseEventType | ((c: Case) => CaseEvent);

/** The log of the sample case: `case.opened` and one event per step. @throws IllegalEvent */
export function logOf(...steps: readonly Step[]): readonly CaseEvent[] {
  const log: CaseEvent[] = [opened()];
  let c = foldCase(log);
  for (const step of steps) {
    const next = eventOf(c, step);
    log.push(next);
    c = applyEvent(c, next);
  }
  return log;
}

/** `c` after the steps. @throws IllegalEvent */
export function after(c: Case, ...steps: readonly Step[]): Case {
  return steps.reduce((before, step) => applyEvent(before, eventOf(before, step)), c);
}

function eventOf(c: Case, step: Step): CaseEvent {
  return typeof step === 'string' ? eventFor(c, step) : step(c);
}

/** Teams and the ticket know. */
const told = ['notice.posted', 'ticket.updated'] as const;
/** Somebody ends the review, to have it tried again, and everybody knows. */
export const ended: readonly Step[] = ['review.resolved', ...told];
/** A person is given the case, and has it tried again. */
export const retried: readonly Step[] = ['review.opened', ...told, ...ended];
const collecting: readonly Step[] = ['evidence.collected'];
const advising: readonly Step[] = [...collecting, 'policy.decided'];
const posting: readonly Step[] = [...advising, 'triage.written', 'approval.requested'];
const executing: readonly Step[] = [...posting, 'notice.posted', 'approval.voted', 'approval.decided'];
const applied: readonly Step[] = ['action.started', 'action.finished'];
/** A release that is done, and watched for an hour. */
export const watched: Step = (c) =>
  eventFor(c, 'execution.completed', { watchUntil: sampleInstant(c.seq + 60) });
const watching: readonly Step[] = [...executing, ...applied, ...applied, watched, 'ticket.updated'];
const alarmed: readonly Step[] = [
  ...[...watching, 'watch.alarmed' as const, ...collecting],
  (c) => decided(c, courses.close),
];
const settling: readonly Step[] = [...collecting, (c) => decided(c, courses.close)];

const shortest: Readonly<Record<Phase, readonly Step[]>> = {
  opened: [],
  collected: collecting,
  linked: ['case.linked'],
  containing: [...collecting, (c) => decided(c, courses.contain)],
  advising,
  asking: [...advising, 'triage.written'],
  posting,
  voting: [...posting, 'notice.posted'],
  tallied: [...posting, 'notice.posted', 'approval.voted'],
  executing,
  watchOpened: watching.slice(0, -1),
  watching,
  alarmed,
  alarmPosted: [...alarmed, 'notice.posted'],
  stuck: [...collecting, (c) => decided(c, courses.hold)],
  settled: settling,
  recorded: [...settling, 'ticket.updated'],
  reviewOpened: ['review.opened'],
  reviewPosted: ['review.opened', 'notice.posted'],
  inReview: ['review.opened', ...told],
  reviewEnded: ['review.opened', ...told, 'review.resolved'],
  reviewEndPosted: ['review.opened', ...told, 'review.resolved', 'notice.posted'],
  rechecking: [
    ...collecting,
    (c) => decided(c, courses.contain),
    ...['action.started' as const, 'review.opened' as const, ...told],
    ...ended,
  ],
  closed: [...settling, 'ticket.updated', 'case.closed'],
};

/** The shortest log that ends in `phase`. */
export function logIn(phase: Phase): readonly CaseEvent[] {
  return logOf(...shortest[phase]);
}

/** The shortest valid case in `phase`. */
export function caseIn(phase: Phase): Case {
  return foldCase(logIn(phase));
}
