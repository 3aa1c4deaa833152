import type {
  Action,
  ApproverRole,
  Instant,
  ManualStep,
  RiskLevel,
  RiskState,
  StepKind,
  Triage,
  Untrusted,
} from '@sallyport/evidence';

/** Everything a proposal card shows. Plain data: nothing in it is a format. */
export interface ProposalView {
  /** Opaque id from `cardId` of libs/idempotency. */
  cardId: string;
  ticketNumber: string;
  subjectName: Untrusted;
  riskLevel: RiskLevel;
  riskState: RiskState;
  detections: readonly {
    kind: string;
    level: RiskLevel;
    at: Instant;
    /** How and when it was closed, in words. Absent: it is open. */
    closed?: string;
    ip?: string | null;
    country?: string | null;
    /** By which the same event is found in the logs of Entra. */
    correlationId?: string | null;
  }[];
  /** Absent: the sign-ins were not read. null: none in so many days. */
  successfulSignIns?: {
    daysRead: number;
    /** The last one before the episode; absent: it is not known when that began. */
    before?: SignInView | null;
    newest: SignInView | null;
  };
  plan: { action: Exclude<Action, 'close'>; steps: readonly StepKind[]; manual: readonly ManualStep[] };
  /** Reasons of the rules that fired. */
  reasons: readonly string[];
  unknowns: readonly string[];
  /** With what its statements rest on in words. */
  advice: Triage;
  quorum: readonly { role: ApproverRole; count: number; have: readonly Untrusted[] }[];
  expiresAt: Instant;
  /** The moment that this view is of. */
  drawnAt: Instant;
  /**
   * `withdrawn`: a person has the case for another reason, so nobody is asked any more. `replaced`: the case has let go
   * of this question, and none of it was carried out.
   */
  status: 'open' | 'approved' | 'denied' | 'expired' | 'withdrawn' | 'replaced';
  /** What happened since, oldest first, for example who voted. */
  events?: readonly string[];
  /** The case on the console: https, of our own making. */
  consoleUrl?: string;
  /** Whose card this is, where one person alone sees it. A courtesy: the vote itself checks all rights anew. */
  viewer?: Viewer;
}

export interface SignInView {
  at: Instant;
  country: string | null;
  ip: string | null;
  device: Untrusted | null;
  app: Untrusted | null;
  correlationId?: string | null;
  /** Hints, not proof. null: history does not tell. */
  knownDevice?: boolean | null;
  knownNetwork?: boolean | null;
}

export type Viewer =
  /**
   * @property reason why, in words of ours
   * @property mayPass it may be over by now: they can ask for the card with its buttons
   */
  { kind: 'mayNotVote'; reason: string; mayPass?: boolean } | { kind: 'voted'; choice: 'approve' | 'deny' };

/** A case that needs a person, outside of any vote. */
export interface NoticeView {
  /** What is told; absent: that a person must look. */
  about?: 'review' | 'page' | 'reviewEnded' | 'alarm';
  ticketNumber: string;
  subjectName: Untrusted | null;
  /** Who answers for an account that is not a person's. */
  owner?: Untrusted;
  /** How many cases this one leads, in words of ours and the kind of detection. */
  group?: string;
  /** Who ended it, and how. */
  ended?: { by: Untrusted; how: string; at: string; note: Untrusted };
  reason: string;
  detail: string;
  checklist: readonly string[];
  at: Instant;
  /** The case on the console. */
  consoleUrl?: string;
}
