import type { Decision, Plan, Ruling } from '../decision';
import type { Capability, Evidence } from '../evidence';
import type { Reading, Source, UnknownReason } from '../reading';
import type { Instant } from '../scalar';
import type { Triage } from '../triage';

/*
 * The shortest valid data, for specs of every layer. Nothing here is a real person, tenant or address: the network is
 * of RFC 5737, the names are of the reserved domain `example`.
 */

/** When the sample world begins. */
export const sampleStart: Instant = '2026-03-02T08:00:00.000Z';

/** `minutes` after {@link sampleStart}. */
export function sampleInstant(minutes: number): Instant {
  return new Date(Date.parse(sampleStart) + minutes * 60_000).toISOString();
}

/** The `n`th directory object id, a valid GUID, with letters so that its case can be told. */
export function sampleId(n: number): string {
  return `abcdef00-0000-4000-8000-${String(n).padStart(12, '0')}`;
}

/** The `n`th SHA-256 that belongs to nothing. */
export function sampleDigest(n: number): string {
  return String(n).padStart(64, '0');
}

export const subjectId = sampleId(1);
export const callerId = sampleId(2);
export const managerId = sampleId(3);
/** Who opens tickets for callers. */
export const openerId = sampleId(4);

const source: Source = {
  call: 'GET /sample',
  requestId: sampleId(900),
  clientRequestId: sampleId(901),
  readAt: sampleStart,
};

export function known<T>(value: T): Extract<Reading<T>, { state: 'known' }> {
  return { state: 'known', value, source };
}

export function unknown(reason: UnknownReason = 'unavailable') {
  return { state: 'unknown' as const, reason, detail: 'The source did not answer.', source };
}

const able: Capability = { can: 'yes', obstacles: [] };

/** An ordinary member at medium risk, reported by somebody else, with nothing in the logs. Everything is known. */
export function evidence(over: Partial<Evidence> = {}): Evidence {
  return {
    v: 1,
    collectedAt: sampleStart,
    ticket: known({
      sysId: 'a'.repeat(32),
      number: 'INC0010001',
      state: '2',
      active: true,
      category: 'security',
      contactType: 'self-service',
      modCount: 1,
      subjectId,
      callerId,
      openedById: null,
      verifiedChannel: false,
      journal: [],
      shortDescription: { untrusted: 'Risky user' },
      description: { untrusted: 'Please look at this account.' },
    }),
    user: known({
      id: subjectId,
      userPrincipalName: { untrusted: 'sam@contoso.example' },
      displayName: { untrusted: 'Sam Subject' },
      accountEnabled: true,
      userType: 'member',
      synced: false,
      federated: false,
      managementRestricted: false,
      resourceAccount: false,
      sessionsValidFrom: sampleInstant(-100_000),
      lastPasswordChangeAt: sampleInstant(-100_000),
      createdAt: sampleInstant(-500_000),
    }),
    standing: known({ breakGlass: false, serviceAccount: false, vip: false }),
    roles: known({ active: [], eligible: [], roleAssignableGroup: false }),
    risk: known({
      level: 'medium',
      state: 'atRisk',
      detail: 'none',
      lastUpdatedAt: sampleInstant(-60),
      processing: false,
      deleted: false,
    }),
    detections: known([]),
    episode: known(null),
    campaign: known({ kinds: [] }),
    history: known([]),
    signIns: known([]),
    changes: known([]),
    logs: known({ completeUntil: sampleStart }),
    devices: known([]),
    registration: known({
      mfaRegistered: true,
      selfServiceResetCapable: true,
      passwordlessCapable: false,
      methods: ['microsoftAuthenticatorPush'],
    }),
    manager: known({ id: managerId, displayName: { untrusted: 'Max Manager' }, accountEnabled: true }),
    capabilities: known({
      revokeSessions: able,
      forcePasswordChange: able,
      dismissRisk: able,
      enableAccount: able,
    }),
    ...over,
  };
}

export function containPlan(over: Partial<Plan> = {}): Plan {
  return {
    v: 1,
    action: 'contain',
    steps: ['revokeSessions', 'forcePasswordChange'],
    manualSteps: [],
    ...over,
  };
}

export function releasePlan(over: Partial<Plan> = {}): Plan {
  return { v: 1, action: 'release', steps: ['dismissRisk', 'enableAccount'], manualSteps: [], ...over };
}

/** A ruling of one rule; denied without a word where nothing is given. */
export function ruling(over: Partial<Ruling> = {}): Ruling {
  return { effect: 'deny', immediate: false, quorum: [], rules: [], ...over };
}

/** Release after one approval of SecOps. Name the evidence that it rests on: `evidenceDigest`. */
export function decision(over: Partial<Decision> = {}): Decision {
  return {
    v: 1,
    pack: 'sample',
    policySetHash: sampleDigest(1),
    evidenceDigest: sampleDigest(2),
    facts: { riskLevel: 'medium' },
    rulings: {
      contain: ruling(),
      release: ruling({
        effect: 'permit',
        quorum: [{ role: 'secops', count: 1 }],
        rules: [{ id: 'sample-release', effect: 'permit', reason: 'The sample permits it.' }],
      }),
      close: ruling(),
    },
    errors: [],
    course: 'act',
    immediate: null,
    proposed: releasePlan(),
    ...over,
  };
}

export function triage(over: Partial<Triage> = {}): Triage {
  return {
    v: 1,
    author: { kind: 'template', name: 'sample' },
    statements: ['The risk is medium.'],
    recommendation: 'Ask the user.',
    openQuestions: [],
    ...over,
  };
}
