/** For specs only: cases in which people are asked, and a world of text that means harm. */
import { collected, decided, eventFor, type Step } from '@sallyport/case/testing';
import type {
  Detection,
  Evidence,
  Quorum,
  SignIn,
  Ticket,
  Triage,
  Untrusted,
  User,
} from '@sallyport/evidence';
import {
  callerId,
  evidence,
  known,
  releasePlan,
  ruling,
  sampleInstant,
  triage,
  unknown,
} from '@sallyport/evidence/testing';

/** Two people in different roles, so that one vote does not decide. */
export const twoPeople: Quorum = [
  { role: 'secops', count: 1 },
  { role: 'identityOps', count: 1 },
];

/** People are asked for a release, for four hours from now. */
export function asked(
  quorum: Quorum = twoPeople,
  found: Evidence = evidence(),
  advice: Triage = triage(),
): Step[] {
  const rules = [{ id: 'sample-release', effect: 'permit' as const, reason: 'The sample permits it.' }];
  const release = ruling({ effect: 'permit', quorum, rules });
  const expiresAt = new Date(Date.now() + 4 * 3_600_000).toISOString();
  return [
    (c) => collected(c, found),
    (c) => decided(c, { rulings: { contain: ruling(), release, close: ruling() }, proposed: releasePlan() }),
    (c) => eventFor(c, 'triage.written', { triage: advice }),
    (c) => eventFor(c, 'approval.requested', { expiresAt }),
    'notice.posted',
  ];
}

/** Evidence in which every text that somebody outside can choose is `text`. */
export function saying(text: string): Evidence {
  const said: Untrusted = { untrusted: text };
  const base = evidence();
  const ticket: Ticket = {
    ...valueOf(base.ticket),
    callerId,
    shortDescription: said,
    description: said,
    journal: [{ at: sampleInstant(0), kind: 'comments', author: said, text: said }],
  };
  const user: User = { ...valueOf(base.user), displayName: said, userPrincipalName: said };
  const detection: Detection = {
    ...{ id: 'd', kind: text, markers: [], level: 'high', state: 'atRisk', activityAt: null },
    ...{ detectedAt: sampleInstant(-60), requestId: text, correlationId: text, ip: text, country: text },
  };
  const signIn: SignIn = {
    ...{ id: 's', at: sampleInstant(-10), interactive: true, errorCode: 0, conditionalAccess: 'success' },
    ...{ mfa: 'passed', ip: text, country: text, deviceId: text, knownDevice: null, knownNetwork: null },
    ...{ deviceName: said, app: said, userAgent: said, correlationId: text },
  };
  return {
    ...base,
    ticket: known(ticket),
    user: known(user),
    detections: known([detection]),
    signIns: known([signIn]),
    roles: known({
      active: [{ templateId: text, name: said, builtIn: true }],
      eligible: [],
      roleAssignableGroup: false,
    }),
    manager: known({ id: callerId, displayName: said, accountEnabled: true }),
    devices: unknown(),
  };
}

/** Advice in which every text is `text`. */
export const advising = (text: string): Triage =>
  triage({
    author: { kind: 'model', name: text },
    statements: [text],
    recommendation: text,
    openQuestions: [text],
  });

function valueOf<T>(reading: { state: 'known'; value: T } | { state: 'unknown' }): T {
  if (reading.state === 'unknown') throw new Error('the sample world knows everything');
  return reading.value;
}
