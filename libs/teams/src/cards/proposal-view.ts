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
  detections: readonly { kind: string; level: RiskLevel; at: Instant }[];
  lastSuccessfulSignIn?: {
    at: Instant;
    country: string | null;
    ip: string | null;
    device: Untrusted | null;
    app: Untrusted | null;
  };
  plan: { action: Exclude<Action, 'close'>; steps: readonly StepKind[]; manual: readonly ManualStep[] };
  /** Reasons of the rules that fired. */
  reasons: readonly string[];
  unknowns: readonly string[];
  advice: Triage;
  quorum: readonly { role: ApproverRole; count: number; have: readonly Untrusted[] }[];
  expiresAt: Instant;
  status: 'open' | 'approved' | 'denied' | 'expired';
  /** What happened since, oldest first, for example who voted. */
  events?: readonly string[];
}

/** A case that needs a person, outside of any vote. */
export interface NoticeView {
  ticketNumber: string;
  subjectName: Untrusted | null;
  reason: string;
  detail: string;
  checklist: readonly string[];
  at: Instant;
}
