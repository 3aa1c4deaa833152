import type {
  AccountBefore,
  ActionOutcome,
  CaseOutcome,
  Decision,
  Digest,
  Evidence,
  EventOf,
  Instant,
  MessageRef,
  Plan,
  PlanSlot,
  Quorum,
  ReviewReason,
  Stage,
  StepKind,
  Triage,
  Vote,
  VoteChannel,
} from '@sallyport/evidence';

/**
 * Where a case stands. One word per resting place of the straight line:
 *
 * opened → collected → containing? → advising → asking → posting → voting → tallied → executing → settled → recorded
 * → closed, with `linked` for a second ticket about the same user, `stuck` where a stage found that a person must
 * look, and `reviewOpened → reviewPosted → inReview` once the case has been handed over. A person who ends the review
 * leads it on (`reviewEnded → reviewEndPosted`), by `rechecking` where writes are in doubt. A released account may be
 * watched (`watchOpened → watching`), and what becomes of one that is at risk again is told (`alarmed → alarmPosted`).
 */
export const phases = [
  'opened',
  'collected',
  'linked',
  'containing',
  'advising',
  'asking',
  'posting',
  'voting',
  'tallied',
  'executing',
  'watchOpened',
  'watching',
  'alarmed',
  'alarmPosted',
  'stuck',
  'settled',
  'recorded',
  'reviewOpened',
  'reviewPosted',
  'inReview',
  'reviewEnded',
  'reviewEndPosted',
  'rechecking',
  'closed',
] as const;
export type Phase = (typeof phases)[number];

/** One step's story within a plan: the execution ledger, read from the case log. */
export interface ActionRecord {
  step: StepKind;
  key: Digest;
  attempt: number;
  startedAt: Instant;
  /** The account directly before the call; null where it could not be read. */
  before: AccountBefore | null;
  /** `client-request-id` of the one call that it shared with other cases; null where it follows from the key. */
  sentAs: string | null;
  /** Nothing is called for it, whoever carries it on. */
  dryRun: boolean;
  /** What Graph said to the call; null while that is not written, or never will be. */
  answer: EventOf<'action.answered'>['answer'] | null;
  /** null while the outcome is not written: the call may be under way, done, or lost in a crash. */
  outcome: ActionOutcome | null;
  finishedAt: Instant | null;
  detail: string | null;
  requestId: string | null;
  /** Of a throttled attempt: when the next one may start. */
  notBefore: Instant | null;
}

export interface Execution {
  slot: PlanSlot;
  plan: Plan;
  /** `seq` of the event with which it began: part of the keys of its actions. */
  begunSeq: number;
  actions: readonly ActionRecord[];
  result: 'done' | 'incomplete' | 'dryRun' | null;
  detail: string | null;
}

export interface Proposal {
  digest: Digest;
  plan: Plan;
  quorum: Quorum;
  requestedAt: Instant;
  expiresAt: Instant;
  /** When those asked are reminded, in order of time. */
  remindAt: readonly Instant[];
  /** When others are told as well, or null for never. */
  escalateAt: Instant | null;
  escalated: boolean;
  /** When people were last asked, reminded, or told by escalation. Of the request itself until the card is posted. */
  noticedAt: Instant;
  /** Who could not be told in Teams, in words, or null. */
  unreached: string | null;
  messages: readonly MessageRef[];
  votes: readonly Vote[];
  /** Where the last vote came in, or null before the first. */
  lastVoteOn: VoteChannel | null;
  /** Refused clicks, one entry per person and reason. */
  refused: readonly Pick<EventOf<'vote.refused'>, 'voterId' | 'refusal'>[];
  outcome: 'approved' | 'denied' | 'expired' | null;
  /** `seq` of the request: part of the keys of what is posted about it. */
  requestedSeq: number;
}

/** The group case of a campaign, and which part this case has in it. */
export interface Group {
  key: Digest;
  kind: string;
  /** Its own id where it leads. */
  leadCaseId: string;
  leads: boolean;
}

export interface Review {
  stage: Stage;
  reason: ReviewReason;
  detail: string;
  checklist: readonly string[];
  openedAt: Instant;
  /** `seq` of the opening event. */
  openedSeq: number;
  /** Set where Teams could not be told. */
  noticeFailure: string | null;
  /** Set where the ticket could not be told, or not with the fields that belong to it. */
  noteFailure: string | null;
  /** Where Teams was told. */
  messages: readonly MessageRef[];
  /** The phase that gave the case to a person. */
  from: Phase;
  /** Who tried to end it and may not, one entry per person and reason. */
  refused: readonly Pick<EventOf<'resolution.refused'>, 'personId' | 'refusal'>[];
  ended: ReviewEnd | null;
}

/** How a person ended a review. */
export type ReviewEnd = Pick<
  EventOf<'review.resolved'>,
  'personId' | 'personName' | 'roles' | 'resolution' | 'note' | 'steps' | 'at'
> & {
  /** `seq` of the event. */
  seq: number;
};

/** What people have had tried again. */
export interface Retry {
  count: number;
  /** Keys of writes in doubt that are still to be read back. */
  toLook: readonly Digest[];
  /** Keys of writes in doubt of which a person has said that they did not happen. */
  freed: readonly Digest[];
}

/** What was approved or decided, and no longer held when it was to be done. */
export interface Voided {
  /** What had changed, in words. They may name a kind of detection, which is Microsoft's word. */
  detail: string;
  /** People had approved it. */
  approved: boolean;
  /** It went to a person, so nobody is asked again by it. */
  handedOver: boolean;
}

/** A release of which something was done before the case was begun anew. */
export interface EarlierRelease {
  /** Whose account it was: the ticket may name somebody else since. */
  subjectId: string | null;
  run: Execution;
  /** What began the case anew: a person, or new risk of the account. */
  endedBy: 'retry' | 'alarm';
}

/** The time after a release in which the account is looked at again. */
export interface Watch {
  begunAt: Instant;
  /** The last look is not before this. */
  until: Instant;
  /** Whether the last look has been. */
  over: boolean;
  /** What was found, in words, or null. */
  alarm: string | null;
  /** `seq` of the event that tells of it. */
  alarmSeq: number | null;
  /** Whether Teams and the ticket know of the alarm. */
  told: boolean;
  /** Set where Teams could not be told of the alarm. */
  noticeFailure: string | null;
  /** Set where the ticket could not be told that the account is watched. */
  noteFailure: string | null;
}

/** A case, folded from its events. Everything here can be computed again from the log. */
export interface Case {
  id: string;
  seq: number;
  phase: Phase;
  opened: EventOf<'case.opened'>;
  updatedAt: Instant;
  /** How often evidence was collected: 1 for the first round, more after an approval became void. */
  round: number;
  evidence: Evidence | null;
  evidenceDigest: Digest | null;
  subjectId: string | null;
  primaryCaseId: string | null;
  decision: Decision | null;
  decisionDigest: Digest | null;
  /** What the newest decision said of it. */
  group: Group | null;
  triage: Triage | null;
  proposal: Proposal | null;
  immediate: Execution | null;
  proposed: Execution | null;
  /** The last one since the case was begun, by its ticket, by a person or by an alarm. */
  voided: Voided | null;
  /** What a retry or an alarm must not forget, although neither takes a plan up again. */
  earlier: EarlierRelease | null;
  /** The same as if alarms changed nothing of it, as they once did not: the fold takes what older logs answer for. */
  earlierByRetry: EarlierRelease | null;
  /** The last one. It outlives an alarm, so that what follows can say why. */
  watch: Watch | null;
  /** How many alarms there were since a person last sent the case back. */
  alarms: number;
  /** Why a person must look, found by a stage and not yet handed over. */
  stuck: { stage: Stage; reason: ReviewReason; detail: string } | null;
  review: Review | null;
  retry: Retry;
  outcome: CaseOutcome | null;
}

/** A case as the rules see it that decide: whatever triage advised, they cannot look. */
export type UnadvisedCase = Omit<Case, 'triage'>;

/** Refused clicks that are written down per proposal, but for a few reasons that always are: enough to see who tries. */
export const maxRefusals = 20;

/** How often an approval may become void before a person must look. Each round costs people a fresh look. */
export const maxRounds = 3;

/** How often a case may release, see new risk and start over, before a person must look. */
export const maxAlarms = 3;
