import { evidenceMaxRows, type EvidencePart, evidenceParts, evidenceSchema } from '@sallyport/evidence';
import * as b from './evidence.builder';
import { factDocs, factNames, factValueProblem, type Facts, isFactName } from './fact-docs';
import { factsFrom } from './facts';

type Row = [evidence: Parameters<typeof b.evidence>, expected: Partial<Facts>];
const role = (templateId: string, builtIn = true) => ({ templateId, name: { untrusted: 'x' }, builtIn });
const globalAdmin = '62e90394-69f5-4237-9190-012177145e10';
const directoryReaders = '88d8e3e3-8f55-4a1e-953a-9b9898b8876b';
const deskId = '88888888-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const mfa = b.signIns(b.signIn());
const remediated = b.withRisk({ state: 'remediated', detail: 'userPerformedSecuredPasswordReset' });
const securelyChanged = (hours: number) =>
  b.withRisk({
    ...{ state: 'remediated', detail: 'userPerformedSecuredPasswordChange' },
    lastUpdatedAt: b.hoursAgo(hours),
  });
const closed = b.detections(b.detection({ state: 'remediated' }));
const disabled = b.withUser({ accountEnabled: false });
const reset = b.change({ kind: 'selfServiceReset' });
const kind = (name: string) => b.detections(b.detection({ kind: name }));
const judged = b.detections(b.detection({ requestId: 's-risky', correlationId: 'attempt' }));
/** The sign-in that was judged, and the user's own afterwards. */
const judgedSignIn = (changes: Parameters<typeof b.signIn>[0]) =>
  b.signIns(b.signIn({ id: 's-risky', at: b.hoursAgo(3), ...changes }), b.signIn());
/** The laptop was enrolled within the window, and somebody signed in then without a device. */
const enrolled = (changes: Parameters<typeof b.signIn>[0]) => [
  b.devices(b.device({ registeredAt: b.hoursAgo(8) })),
  b.signIns(b.signIn({ id: 's-2', at: b.hoursAgo(8.05), deviceId: null, ...changes }), b.signIn()),
];
const cut = <T>(row: T) => Array.from({ length: evidenceMaxRows }, () => row);
const later = b.unread();
const readLongAgo = (hours: number) => ({
  risk: { ...b.withRisk({}).risk, source: { ...later.source, readAt: b.hoursAgo(hours) } },
});
/** What the detections of an episode say that are all there is, and that may not be. */
const nothingBesides: Partial<Facts> = {
  ...{ hasTokenTheft: 'no', hasNationState: 'no', hasThreatIntelligence: 'no', hasLeakedCredentials: 'no' },
  ...{ hasConfirmedCompromise: 'no', hasUnclassifiedDetection: 'no' },
};
const anythingBesides: Partial<Facts> = {
  ...{ hasTokenTheft: 'unknown', hasNationState: 'unknown', hasThreatIntelligence: 'unknown' },
  ...{
    hasLeakedCredentials: 'unknown',
    hasConfirmedCompromise: 'unknown',
    hasUnclassifiedDetection: 'unknown',
  },
};

const table: Record<string, Row> = {
  'the subject is resolved': [[], { subjectResolved: 'yes' }],
  'a ticket that names nobody': [[b.withTicket({ subjectId: null })], { subjectResolved: 'no' }],
  'a ticket about somebody else': [[b.withTicket({ subjectId: b.managerId })], { subjectResolved: 'no' }],
  'an unread ticket': [
    [{ ticket: later }],
    { subjectResolved: 'unknown', requesterVerified: 'unknown', readingsComplete: 'no' },
  ],
  'a user not found': [
    [{ user: b.unread('notFound') }],
    {
      accountExists: 'no',
      isWorkloadIdentity: 'unknown',
      subjectResolved: 'unknown',
      isGuest: 'unknown',
      isSynced: 'unknown',
      accountEnabled: 'unknown',
      readingsComplete: 'no',
    },
  ],
  'a user not readable': [[{ user: later }], { accountExists: 'unknown', resetTakesEffect: 'unknown' }],
  'a user read': [
    [],
    {
      accountExists: 'yes',
      isWorkloadIdentity: 'no',
      readingsComplete: 'yes',
      releaseReadingsComplete: 'yes',
    },
  ],
  'a missing sign-in log stops release only': [
    [{ signIns: later }],
    {
      readingsComplete: 'yes',
      releaseReadingsComplete: 'no',
      mfaPassedAfterDetection: 'unknown',
      smartLockoutInWindow: 'unknown',
      maliciousAddressInWindow: 'unknown',
      knownDeviceUsed: 'unknown',
    },
  ],
  'a missing registration report stops nothing': [
    [{ registration: later }],
    {
      readingsComplete: 'yes',
      releaseReadingsComplete: 'yes',
      passwordlessCapable: 'unknown',
      selfServiceResetCapable: 'unknown',
    },
  ],

  'fresh evidence': [[], { evidenceAgeKnown: true, evidenceAgeMinutes: 0 }],
  'the oldest reading counts, rounded up': [
    [readLongAgo(1.001)],
    { evidenceAgeKnown: true, evidenceAgeMinutes: 61 },
  ],
  'a ticket does not age': [
    [{ ticket: { ...b.withTicket({}).ticket, source: { ...later.source, readAt: b.hoursAgo(48) } } }],
    { evidenceAgeKnown: true, evidenceAgeMinutes: 0 },
  ],
  'a clock a little ahead': [[readLongAgo(-0.05)], { evidenceAgeKnown: true, evidenceAgeMinutes: 0 }],
  'a reading from the future': [[readLongAgo(-1)], { evidenceAgeKnown: false, evidenceAgeMinutes: -1 }],
  'an unread required part': [
    [{ standing: later }],
    {
      evidenceAgeKnown: false,
      evidenceAgeMinutes: -1,
      isBreakGlass: 'unknown',
      isServiceAccount: 'unknown',
      isVip: 'unknown',
    },
  ],

  'a deleted account': [[b.withRisk({ deleted: true })], { accountDeleted: 'yes' }],
  'an account not deleted': [[], { accountDeleted: 'no', riskProcessing: 'no' }],
  'risk not read': [
    [{ risk: b.unread('forbidden') }],
    {
      accountDeleted: 'unknown',
      riskLevel: 'unknown',
      riskState: 'unknown',
      riskProcessing: 'unknown',
      selfRemediated: 'unknown',
      hasConfirmedCompromise: 'unknown',
    },
  ],
  'a disabled account, and nobody in the log who did it': [
    [disabled],
    { accountEnabled: 'no', disabledByOthers: 'unknown' },
  ],
  'an account that an administrator disabled': [
    [disabled, b.changes(b.change({ kind: 'accountDisabled', by: 'otherPerson' }))],
    { disabledByOthers: 'yes' },
  ],
  'an account that an application disabled': [
    [disabled, b.changes(b.change({ kind: 'accountDisabled', by: 'application' }))],
    { disabledByOthers: 'yes' },
  ],
  'an account that we disabled': [
    [disabled, b.changes(b.change({ kind: 'accountDisabled', by: 'sallyport' }))],
    { disabledByOthers: 'no' },
  ],
  'an account that we tried to disable': [
    [disabled, b.changes(b.change({ kind: 'accountDisabled', by: 'sallyport', succeeded: false }))],
    { disabledByOthers: 'unknown' },
  ],
  'an account that we disabled before the window, and somebody else after us': [
    [
      disabled,
      b.changes(
        b.change({ kind: 'accountDisabled', by: 'sallyport', at: b.hoursAgo(50) }),
        b.change({ id: 'c-2', kind: 'accountDisabled', by: 'otherPerson', at: b.hoursAgo(40) }),
      ),
    ],
    { disabledByOthers: 'unknown' },
  ],
  'an account that somebody else disabled before the window, and we after them': [
    [
      disabled,
      b.changes(
        b.change({ kind: 'accountDisabled', by: 'sallyport', at: b.hoursAgo(40) }),
        b.change({ id: 'c-2', kind: 'accountDisabled', by: 'otherPerson', at: b.hoursAgo(50) }),
      ),
    ],
    { disabledByOthers: 'no' },
  ],
  'an account that we disabled, in a log that is still filling': [
    [disabled, b.changes(b.change({ kind: 'accountDisabled', by: 'sallyport' })), b.withLogs(4)],
    { disabledByOthers: 'unknown' },
  ],
  'an account that is enabled again': [
    [b.changes(b.change({ kind: 'accountDisabled', by: 'otherPerson' }))],
    { accountEnabled: 'yes', disabledByOthers: 'no' },
  ],
  'a disabled account, and an activity that is new to us and may have done it': [
    [disabled, b.changes(b.change({ mayBe: ['accountDisabled'] }))],
    { disabledByOthers: 'unknown' },
  ],
  'a disabled account, and a log that is not read': [
    [disabled, { changes: later }],
    { disabledByOthers: 'unknown' },
  ],
  'an account whose state the directory hides': [
    [b.withUser({ accountEnabled: null })],
    { accountEnabled: 'unknown', disabledByOthers: 'unknown' },
  ],
  'a guest': [[b.withUser({ userType: 'guest' })], { isGuest: 'yes' }],
  'a member': [[], { isGuest: 'no', isSynced: 'no', accountEnabled: 'yes', managementRestricted: 'unknown' }],
  'a user type new to us': [[b.withUser({ userType: 'unknown' })], { isGuest: 'unknown' }],
  'a synced account': [[b.withUser({ synced: true })], { isSynced: 'yes', resetTakesEffect: 'unknown' }],
  'an account of which it is not told whether it is synced': [
    [b.withUser({ synced: null })],
    { isSynced: 'unknown', resetTakesEffect: 'unknown' },
  ],
  'a restricted unit': [[b.withUser({ managementRestricted: true })], { managementRestricted: 'yes' }],
  'no restricted unit': [[b.withUser({ managementRestricted: false })], { managementRestricted: 'no' }],

  'no roles': [[], { isPrivileged: 'no' }],
  'harmless roles only': [
    [b.withRoles({ active: [role(directoryReaders.toUpperCase())] })],
    { isPrivileged: 'no' },
  ],
  'an active administrator': [[b.withRoles({ active: [role(globalAdmin)] })], { isPrivileged: 'yes' }],
  'an eligible administrator': [[b.withRoles({ eligible: [role(globalAdmin)] })], { isPrivileged: 'yes' }],
  'a custom role': [[b.withRoles({ active: [role('c0ffee', false)] })], { isPrivileged: 'yes' }],
  'a custom role that borrows a harmless id': [
    [b.withRoles({ active: [role(directoryReaders, false)] })],
    { isPrivileged: 'yes' },
  ],
  'a built-in role nobody classified': [[b.withRoles({ active: [role('new')] })], { isPrivileged: 'yes' }],
  'a role-assignable group': [[b.withRoles({ roleAssignableGroup: true })], { isPrivileged: 'yes' }],
  'roles not read': [[{ roles: later }], { isPrivileged: 'unknown' }],
  'break-glass': [[b.withStanding({ breakGlass: true })], { isBreakGlass: 'yes' }],
  'a service account': [[b.withStanding({ serviceAccount: true })], { isServiceAccount: 'yes' }],
  'a meeting room': [[b.withUser({ resourceAccount: true })], { isServiceAccount: 'yes' }],
  'a VIP': [[b.withStanding({ vip: true })], { isVip: 'yes' }],
  'on no list': [[], { isBreakGlass: 'no', isServiceAccount: 'no', isVip: 'no' }],
  passwordless: [
    [b.withRegistration({ passwordlessCapable: true, selfServiceResetCapable: false })],
    { passwordlessCapable: 'yes', selfServiceResetCapable: 'no' },
  ],
  'with password': [[], { passwordlessCapable: 'no', selfServiceResetCapable: 'yes' }],

  'risk as read': [
    [b.withRisk({ level: 'high', state: 'confirmedCompromised', processing: true })],
    {
      riskLevel: 'high',
      riskState: 'confirmedCompromised',
      riskProcessing: 'yes',
      hasConfirmedCompromise: 'yes',
    },
  ],
  'the highest open level': [
    [b.detections(b.detection({ level: 'low' }), b.detection({ level: 'high' }))],
    { highestDetectionLevel: 'high' },
  ],
  'a detection that MFA closed has its say in the level': [
    [b.detections(b.detection({ level: 'high', state: 'remediated' }), b.detection({ level: 'low' }))],
    { highestDetectionLevel: 'high' },
  ],
  'a detection that somebody judged harmless has no say in the level': [
    [b.detections(b.detection({ level: 'high', state: 'confirmedSafe' }), b.detection({ level: 'medium' }))],
    { highestDetectionLevel: 'medium' },
  ],
  'a hidden level': [[b.detections(b.detection({ level: 'hidden' }))], { highestDetectionLevel: 'unknown' }],
  'a state new to us counts as open': [
    [b.detections(b.detection({ state: 'unknown', level: 'high' }))],
    { highestDetectionLevel: 'high' },
  ],
  'no detections, and no risk': [
    [b.detections(), b.withRisk({ level: 'none', state: 'none' })],
    {
      highestDetectionLevel: 'none',
      hasTokenTheft: 'no',
      mfaPassedAfterDetection: 'unknown',
      securityInfoChangedInWindow: 'unknown',
    },
  ],
  'open risk that the detections account for': [[b.withRisk({ level: 'medium' })], nothingBesides],
  'less risk than the detections say': [[b.withRisk({ level: 'low' })], nothingBesides],
  'open risk, and no detection that is kept': [
    [b.detections()],
    { ...anythingBesides, highestDetectionLevel: 'unknown' },
  ],
  'open risk, and only a closed detection': [
    [b.detections(b.detection({ state: 'remediated' }))],
    { ...anythingBesides, highestDetectionLevel: 'unknown' },
  ],
  'more risk than any open detection says': [
    [b.withRisk({ level: 'high' })],
    { ...anythingBesides, highestDetectionLevel: 'unknown' },
  ],
  'risk whose level the licence hides': [[b.withRisk({ level: 'hidden' })], anythingBesides],
  'more risk than the detections say, and what happened in their window is in it all the same': [
    [b.withRisk({ level: 'high' }), b.changes(b.change({ kind: 'consentGranted' }))],
    { consentInWindow: 'yes', roleChangedInWindow: 'unknown' },
  ],
  'a history of kinds that detections show': [
    [b.history(b.historyItem({ kinds: ['UnfamiliarFeatures'] }))],
    nothingBesides,
  ],
  'a history of a kind that no detection shows any more': [
    [b.history(b.historyItem(), b.historyItem({ at: b.hoursAgo(2_400), kinds: ['anomalousToken'] }))],
    { ...anythingBesides, highestDetectionLevel: 'unknown' },
  ],
  'a history that is older than the only detection of its kind': [
    [
      b.detections(
        b.detection(),
        b.detection({ id: 'd-2', kind: 'anonymizedIPAddress', state: 'dismissed' }),
      ),
      b.history(b.historyItem(), b.historyItem({ at: b.hoursAgo(2_400), kinds: ['anonymizedIPAddress'] })),
    ],
    anythingBesides,
  ],
  'a history that is as old as the only detection of its kind': [
    [b.history(b.historyItem({ at: b.hoursAgo(3.05) }))],
    nothingBesides,
  ],
  'a history of such a kind before the risk was last closed': [
    [
      b.history(
        b.historyItem(),
        b.historyItem({ at: b.hoursAgo(2_300), state: 'dismissed', level: 'none' }),
        b.historyItem({ at: b.hoursAgo(2_400), kinds: ['anomalousToken'] }),
      ),
    ],
    nothingBesides,
  ],
  'a history of such a kind, and a state new to us since': [
    [
      b.history(
        b.historyItem({ state: 'unknown' }),
        b.historyItem({ at: b.hoursAgo(2_400), kinds: ['anomalousToken'] }),
      ),
    ],
    anythingBesides,
  ],
  'a history that is cut before the risk was last closed': [
    [b.history(...cut(b.historyItem()))],
    anythingBesides,
  ],
  'a history that is not read': [[{ history: later }], anythingBesides],
  'a history that a version before did not ask for': [[{ history: undefined }], anythingBesides],
  'a history that was not asked for where a release may follow': [
    [{ history: b.known(null) }],
    anythingBesides,
  ],
  'a history that was not asked for in a campaign': [
    [{ history: b.known(null) }, b.withCampaign(10)],
    nothingBesides,
  ],
  'a history that was not asked for, with the risk closed': [
    [{ history: b.known(null) }, b.withRisk({ level: 'none', state: 'dismissed' })],
    nothingBesides,
  ],
  'detections not read': [
    [{ detections: later }],
    {
      highestDetectionLevel: 'unknown',
      hasNationState: 'unknown',
      hasThreatIntelligence: 'unknown',
      roleChangedInWindow: 'unknown',
      hasTokenTheft: 'unknown',
      hasLeakedCredentials: 'unknown',
      hasConfirmedCompromise: 'unknown',
      hasUnclassifiedDetection: 'unknown',
      mfaPassedAfterDetection: 'unknown',
    },
  ],
  'a cut list proves no absence': [
    [b.detections(...cut(b.detection({ level: 'low' })))],
    { highestDetectionLevel: 'unknown', hasTokenTheft: 'unknown', securityInfoChangedInWindow: 'unknown' },
  ],
  'an ordinary detection': [
    [],
    {
      highestDetectionLevel: 'medium',
      hasTokenTheft: 'no',
      hasNationState: 'no',
      hasThreatIntelligence: 'no',
      hasLeakedCredentials: 'no',
      hasConfirmedCompromise: 'no',
      hasPostCompromiseActivity: 'no',
      hasUnclassifiedDetection: 'no',
    },
  ],
  'an anomalous token': [[kind('anomalousToken')], { hasTokenTheft: 'yes' }],
  'an adversary in the middle, spelled otherwise': [[kind('attackerInTheMiddle')], { hasTokenTheft: 'yes' }],
  'a stolen primary refresh token': [[kind('attemptedPrtAccess')], { hasTokenTheft: 'yes' }],
  'a token issuer anomaly': [[kind('tokenIssuerAnomaly')], { hasTokenTheft: 'yes' }],
  'token theft that MFA closed yesterday': [
    [
      b.detections(
        b.detection(),
        b.detection({ kind: 'anomalousToken', state: 'remediated', detectedAt: b.hoursAgo(30) }),
      ),
    ],
    { hasTokenTheft: 'yes' },
  ],
  'token theft that a person dismissed': [
    [b.detections(b.detection(), b.detection({ kind: 'anomalousToken', state: 'dismissed' }))],
    { hasTokenTheft: 'no' },
  ],
  'token theft of an earlier episode': [
    [
      b.detections(
        b.detection(),
        b.detection({ kind: 'anomalousToken', state: 'remediated', detectedAt: b.hoursAgo(8 * 24) }),
      ),
    ],
    { hasTokenTheft: 'no' },
  ],
  'a nation state': [[kind('nationStateIP')], { hasNationState: 'yes' }],
  'threat intelligence': [[kind('investigationsThreatIntelligence')], { hasThreatIntelligence: 'yes' }],
  'leaked credentials': [[kind('leakedCredentials')], { hasLeakedCredentials: 'yes' }],
  'a password spray that found the password': [[kind('passwordSpray')], { hasLeakedCredentials: 'yes' }],
  'an inbox rule that hides mail': [
    [kind('mcasSuspiciousInboxManipulationRules')],
    { hasPostCompromiseActivity: 'yes', hasUnclassifiedDetection: 'no' },
  ],
  'a prompt for MFA that the user reported': [
    [kind('userReportedSuspiciousActivity')],
    { hasPostCompromiseActivity: 'yes' },
  ],
  'detections not read, and so perhaps an inbox rule': [
    [{ detections: later }],
    { hasPostCompromiseActivity: 'unknown' },
  ],
  'a confirmed compromise': [[kind('adminConfirmedUserCompromised')], { hasConfirmedCompromise: 'yes' }],
  'a kind invented tomorrow': [[kind('quantumTheft')], { hasUnclassifiedDetection: 'yes' }],
  'a kind hidden by the licence': [[kind('generic')], { hasUnclassifiedDetection: 'yes' }],

  'self-remediated': [[remediated, closed, b.changes(reset)], { selfRemediated: 'yes' }],
  'a secured change counts too': [
    [
      b.withRisk({ state: 'remediated', detail: 'userPerformedSecuredPasswordChange' }),
      closed,
      b.changes(b.change({ kind: 'securePasswordChange' })),
    ],
    { selfRemediated: 'yes' },
  ],
  'a secured change, which writes the row of an ordinary one': [
    [securelyChanged(2), closed, b.changes(b.change({ kind: 'passwordChange' }))],
    { selfRemediated: 'yes' },
  ],
  'a secured change that was about earlier detections': [
    [securelyChanged(20), closed, b.changes(b.change({ kind: 'passwordChange' }))],
    { selfRemediated: 'unknown' },
  ],
  'a secured change that the log does not show': [
    [securelyChanged(2), closed, b.changes()],
    { selfRemediated: 'unknown' },
  ],
  'a secured change, and a row by somebody else': [
    [securelyChanged(2), closed, b.changes(b.change({ kind: 'passwordChange', by: 'otherPerson' }))],
    { selfRemediated: 'unknown' },
  ],
  'the risk says so, the log does not': [[remediated, closed], { selfRemediated: 'no' }],
  'the log says so, the risk does not': [[b.changes(reset)], { selfRemediated: 'no' }],
  'the log is not read': [
    [remediated, closed, { changes: later }],
    { selfRemediated: 'unknown', managerChangedRecently: 'unknown', securityInfoChangedInWindow: 'unknown' },
  ],
  'remediated by MFA alone': [
    [
      b.withRisk({ state: 'remediated', detail: 'userPassedMFADrivenByRiskBasedPolicy' }),
      closed,
      b.changes(reset),
    ],
    { selfRemediated: 'no' },
  ],
  'a reset before the newest detection': [
    [remediated, closed, b.changes({ ...reset, at: b.hoursAgo(4) })],
    { selfRemediated: 'no' },
  ],
  'a reset that failed': [
    [remediated, closed, b.changes({ ...reset, succeeded: false })],
    { selfRemediated: 'no' },
  ],
  'a reset by somebody else': [
    [remediated, closed, b.changes({ ...reset, by: 'otherPerson' })],
    { selfRemediated: 'no' },
  ],
  'an ordinary password change never counts': [
    [remediated, closed, b.changes(b.change({ kind: 'passwordChange' }))],
    { selfRemediated: 'no' },
  ],
  'a cut log that may have lost the reset': [
    [remediated, closed, b.changes(...cut(b.change()))],
    { selfRemediated: 'unknown' },
  ],
  'remediated without any detection listed': [
    [remediated, b.detections(), b.changes(reset)],
    { selfRemediated: 'unknown' },
  ],

  'MFA after the detection on a known device': [
    [mfa],
    {
      mfaPassedAfterDetection: 'yes',
      knownDeviceUsed: 'yes',
      usedDeviceEnrolledKnown: true,
      usedDeviceEnrolledHours: 5_000,
      usedDeviceEnrolledInWindow: 'no',
      otherDeviceEnrolledInWindow: 'no',
    },
  ],
  'no sign-in': [
    [],
    {
      mfaPassedAfterDetection: 'no',
      knownDeviceUsed: 'no',
      usedDeviceEnrolledKnown: false,
      usedDeviceEnrolledHours: -1,
      usedDeviceEnrolledInWindow: 'unknown',
    },
  ],
  'MFA before the detection': [
    [b.signIns(b.signIn({ at: b.hoursAgo(4) }))],
    { mfaPassedAfterDetection: 'no' },
  ],
  'MFA in the very sign-in that was judged': [
    [judged, b.signIns(b.signIn({ id: 's-risky', at: b.hoursAgo(4) }))],
    { mfaPassedAfterDetection: 'yes', judgedSignInsExplained: 'yes' },
  ],
  'a sign-in that failed': [[b.signIns(b.signIn({ errorCode: 50074 }))], { mfaPassedAfterDetection: 'no' }],
  'a sign-in without MFA': [[b.signIns(b.signIn({ mfa: 'notPassed' }))], { mfaPassedAfterDetection: 'no' }],
  'a sign-in that claims an earlier MFA, as a stolen session does': [
    [b.signIns(b.signIn({ mfa: 'claimed' }))],
    { mfaPassedAfterDetection: 'no', knownDeviceUsed: 'no' },
  ],
  'the judged sign-in came from the laptop and claims an earlier MFA': [
    [judged, judgedSignIn({ mfa: 'claimed' })],
    { mfaPassedAfterDetection: 'yes', judgedSignInsExplained: 'no' },
  ],
  'a sign-in that does not tell': [
    [b.signIns(b.signIn({ mfa: 'unknown' }))],
    { mfaPassedAfterDetection: 'no' },
  ],
  'a refresh with a token': [
    [b.signIns(b.signIn({ interactive: false }))],
    { mfaPassedAfterDetection: 'no' },
  ],
  'a cut sign-in log': [
    [b.signIns(...cut(b.signIn({ mfa: 'notPassed' })))],
    {
      mfaPassedAfterDetection: 'unknown',
      smartLockoutInWindow: 'unknown',
      maliciousAddressInWindow: 'unknown',
      knownDeviceUsed: 'unknown',
    },
  ],
  'MFA on an unknown device': [
    [b.signIns(b.signIn({ deviceId: 'other' }))],
    { mfaPassedAfterDetection: 'yes', knownDeviceUsed: 'no' },
  ],
  'a sign-in from before the attack, judged after it': [
    [
      b.detections(
        b.detection({
          id: 'd-0',
          activityAt: b.hoursAgo(5),
          detectedAt: b.hoursAgo(5),
          requestId: 's-attack',
        }),
        b.detection({
          kind: 'unlikelyTravel',
          activityAt: b.hoursAgo(60),
          detectedAt: b.hoursAgo(1),
          requestId: 's-1',
        }),
      ),
      b.signIns(b.signIn({ at: b.hoursAgo(60) })),
    ],
    { mfaPassedAfterDetection: 'no', knownDeviceUsed: 'no' },
  ],
  'a sign-in judged by two detections, after all others': [
    [
      b.detections(
        b.detection({
          id: 'd-0',
          activityAt: b.hoursAgo(5),
          detectedAt: b.hoursAgo(5),
          requestId: 's-attack',
        }),
        b.detection({ id: 'd-1', activityAt: b.hoursAgo(4), detectedAt: b.hoursAgo(3.5), requestId: 's-1' }),
        b.detection({ activityAt: b.hoursAgo(4), detectedAt: b.hoursAgo(1), requestId: 's-1' }),
      ),
      b.signIns(b.signIn({ at: b.hoursAgo(4) })),
    ],
    { mfaPassedAfterDetection: 'yes', knownDeviceUsed: 'yes' },
  ],
  'an intruder passed MFA where the detection was made, and the user on the laptop afterwards': [
    [judged, judgedSignIn({ deviceId: null })],
    {
      mfaPassedAfterDetection: 'yes',
      knownDeviceUsed: 'yes',
      judgedSignInsExplained: 'no',
      foreignSignInInWindow: 'yes',
    },
  ],
  'the judged sign-in came from the laptop of the user': [
    [judged, judgedSignIn({})],
    { judgedSignInsExplained: 'yes', foreignSignInInWindow: 'no' },
  ],
  'the judged sign-in was refused, wherever it came from': [
    [judged, judgedSignIn({ deviceId: null, errorCode: 50126, mfa: 'unknown' })],
    { judgedSignInsExplained: 'yes', foreignSignInInWindow: 'no' },
  ],
  'the judged sign-in was interrupted, and went on from elsewhere': [
    [
      judged,
      b.signIns(
        b.signIn({ id: 's-risky', errorCode: 50074, mfa: 'notPassed', deviceId: null }),
        b.signIn({ id: 's-next', correlationId: 'attempt', deviceId: 'theirs' }),
      ),
    ],
    { judgedSignInsExplained: 'no', foreignSignInInWindow: 'yes' },
  ],
  'the judged sign-in came from the laptop, without MFA': [
    [judged, judgedSignIn({ mfa: 'unknown' })],
    { judgedSignInsExplained: 'no', foreignSignInInWindow: 'no' },
  ],
  'the judged sign-in was a refresh': [
    [judged, judgedSignIn({ interactive: false })],
    { judgedSignInsExplained: 'no' },
  ],
  'the judged sign-in is not seen': [
    [judged, b.signIns(b.signIn({ correlationId: 'attempt' }))],
    { judgedSignInsExplained: 'unknown', foreignSignInInWindow: 'no' },
  ],
  'a detection that names only what its sign-in belongs to': [
    [
      b.detections(b.detection({ correlationId: 'attempt' })),
      b.signIns(b.signIn({ correlationId: 'attempt' })),
    ],
    { judgedSignInsExplained: 'yes' },
  ],
  'the same, and nothing that belongs to it is seen': [
    [b.detections(b.detection({ correlationId: 'attempt' })), mfa],
    { judgedSignInsExplained: 'unknown' },
  ],
  'one of two judged sign-ins is explained': [
    [
      b.detections(
        b.detection({ requestId: 's-1' }),
        b.detection({ id: 'd-2', state: 'remediated', requestId: 's-risky' }),
      ),
      judgedSignIn({ deviceId: 'theirs' }),
    ],
    { judgedSignInsExplained: 'no' },
  ],
  'the judged sign-in came from a device that was enrolled with it': [
    [judged, judgedSignIn({}), b.devices(b.device({ registeredAt: b.hoursAgo(3) }))],
    { judgedSignInsExplained: 'no', foreignSignInInWindow: 'no' },
  ],
  'the judged sign-in came from a device of which it is not known since when it is registered': [
    [judged, judgedSignIn({}), b.devices(b.device({ registeredAt: null }))],
    { judgedSignInsExplained: 'unknown', foreignSignInInWindow: 'no' },
  ],
  'devices not read, and sign-ins from one': [
    [judged, judgedSignIn({}), { devices: later }],
    { judgedSignInsExplained: 'unknown', foreignSignInInWindow: 'unknown' },
  ],
  'devices not read, and a sign-in without any': [
    [judged, judgedSignIn({ deviceId: null }), { devices: later }],
    { judgedSignInsExplained: 'no', foreignSignInInWindow: 'yes' },
  ],
  'a detection about no sign-in, and all of the window from the laptop': [
    [mfa],
    { judgedSignInsExplained: 'yes', foreignSignInInWindow: 'no' },
  ],
  'a detection about no sign-in, and a stolen token is refreshed elsewhere': [
    [b.signIns(b.signIn(), b.signIn({ id: 's-2', interactive: false, deviceId: null, at: b.hoursAgo(26) }))],
    { judgedSignInsExplained: 'no', foreignSignInInWindow: 'yes' },
  ],
  'the sign-in that enrolled the used device': [
    enrolled({}),
    { usedDeviceEnrolledInWindow: 'yes', judgedSignInsExplained: 'yes', foreignSignInInWindow: 'no' },
  ],
  'a refresh while the used device was enrolled': [
    enrolled({ mfa: 'claimed', interactive: false }),
    { foreignSignInInWindow: 'no' },
  ],
  'a sign-in without MFA while the used device was enrolled': [
    enrolled({ mfa: 'unknown' }),
    { judgedSignInsExplained: 'no', foreignSignInInWindow: 'yes' },
  ],
  'a sign-in from elsewhere well before the used device was enrolled': [
    enrolled({ at: b.hoursAgo(8.1) }),
    { foreignSignInInWindow: 'yes' },
  ],
  'a sign-in from another device while the used device was enrolled': [
    enrolled({ deviceId: 'theirs' }),
    { foreignSignInInWindow: 'yes' },
  ],
  'a sign-in that enrolled a device that is not used': [
    [
      b.devices(b.device(), b.device({ id: b.managerId, deviceId: 'phone', registeredAt: b.hoursAgo(8) })),
      b.signIns(b.signIn(), b.signIn({ id: 's-2', deviceId: null, at: b.hoursAgo(8) })),
    ],
    { foreignSignInInWindow: 'yes', otherDeviceEnrolledInWindow: 'yes' },
  ],
  'a sign-in from elsewhere before the window': [
    [b.signIns(b.signIn(), b.signIn({ id: 's-2', deviceId: null, at: b.hoursAgo(28) }))],
    { judgedSignInsExplained: 'yes', foreignSignInInWindow: 'no' },
  ],
  'a detection about no sign-in, and logs that are still filling': [
    [mfa, b.withLogs(3.1)],
    { judgedSignInsExplained: 'unknown', foreignSignInInWindow: 'unknown' },
  ],
  'no detection, and so nothing explained': [
    [mfa, b.detections()],
    { judgedSignInsExplained: 'unknown', foreignSignInInWindow: 'unknown' },
  ],
  'a cut list of detections, none of which is unexplained': [
    [mfa, b.detections(...cut(b.detection({ requestId: 's-1' })))],
    { judgedSignInsExplained: 'unknown', foreignSignInInWindow: 'unknown' },
  ],
  'MFA without device': [
    [b.signIns(b.signIn({ deviceId: null })), b.devices(b.device({ deviceId: null }))],
    { knownDeviceUsed: 'no' },
  ],
  'devices not read': [
    [mfa, { devices: later }],
    { knownDeviceUsed: 'unknown', otherDeviceEnrolledInWindow: 'unknown', newDeviceEnrolledKnown: false },
  ],
  'a new device': [
    [mfa, b.devices(b.device({ registeredAt: b.hoursAgo(6.9) }))],
    {
      usedDeviceEnrolledHours: 6,
      usedDeviceEnrolledInWindow: 'yes',
      newDeviceEnrolledKnown: true,
      newDeviceEnrolledHours: 6,
      otherDeviceEnrolledInWindow: 'no',
    },
  ],
  'a device enrolled before the sign-in that was judged': [
    [mfa, b.devices(b.device({ registeredAt: b.hoursAgo(3.1) }))],
    { usedDeviceEnrolledInWindow: 'yes', usedDeviceEnrolledBeforeDetection: 'yes' },
  ],
  'a device enrolled in the very moment of that sign-in': [
    [mfa, b.devices(b.device({ registeredAt: b.hoursAgo(3) }))],
    { usedDeviceEnrolledBeforeDetection: 'no' },
  ],
  'a device enrolled after that sign-in and before it was judged': [
    [
      mfa,
      b.detections(b.detection({ activityAt: b.hoursAgo(6) })),
      b.devices(b.device({ registeredAt: b.hoursAgo(5) })),
    ],
    { usedDeviceEnrolledBeforeDetection: 'no' },
  ],
  'a device enrolled between two detections, the first of which MFA closed': [
    [
      mfa,
      b.detections(
        b.detection(),
        b.detection({
          id: 'd-0',
          state: 'remediated',
          activityAt: b.hoursAgo(30),
          detectedAt: b.hoursAgo(30),
        }),
      ),
      b.devices(b.device({ registeredAt: b.hoursAgo(5) })),
    ],
    { usedDeviceEnrolledBeforeDetection: 'no' },
  ],
  'a detection that does not say when its sign-in was': [
    [mfa, b.detections(b.detection({ activityAt: null }))],
    { usedDeviceEnrolledBeforeDetection: 'unknown' },
  ],
  'a device without enrolment time': [
    [mfa, b.devices(b.device({ registeredAt: null }))],
    {
      knownDeviceUsed: 'yes',
      usedDeviceEnrolledKnown: false,
      usedDeviceEnrolledHours: -1,
      usedDeviceEnrolledInWindow: 'unknown',
      usedDeviceEnrolledBeforeDetection: 'unknown',
      newDeviceEnrolledKnown: false,
    },
  ],
  'a device enrolled in the future': [
    [mfa, b.devices(b.device({ registeredAt: b.hoursAgo(-1) }))],
    { usedDeviceEnrolledKnown: false, newDeviceEnrolledKnown: false },
  ],
  'a second device in the window': [
    [
      mfa,
      b.devices(
        b.device(),
        b.device({
          id: '22222222-7c0d-4e7e-9a0f-2b1f0d5c9e11',
          deviceId: 'implant',
          registeredAt: b.hoursAgo(5),
        }),
      ),
    ],
    {
      knownDeviceUsed: 'yes',
      usedDeviceEnrolledInWindow: 'no',
      otherDeviceEnrolledInWindow: 'yes',
      newDeviceEnrolledHours: 5,
    },
  ],
  'an enrolment in the log of a device that is not listed': [
    [mfa, b.changes(b.change({ kind: 'deviceRegistered', at: b.hoursAgo(5) }))],
    { otherDeviceEnrolledInWindow: 'unknown' },
  ],
  'an enrolment in the log of a device that is listed': [
    [
      mfa,
      b.devices(b.device({ registeredAt: b.hoursAgo(5) })),
      b.changes(b.change({ kind: 'deviceRegistered', at: b.hoursAgo(4.95) })),
    ],
    { otherDeviceEnrolledInWindow: 'no' },
  ],
  'an enrolment in the log that failed, or was before the window': [
    [
      mfa,
      b.changes(
        b.change({ kind: 'deviceRegistered', at: b.hoursAgo(5), succeeded: false }),
        b.change({ id: 'c-0', kind: 'deviceRegistered', at: b.hoursAgo(100) }),
      ),
    ],
    { otherDeviceEnrolledInWindow: 'no' },
  ],
  'a second device without time': [
    [
      mfa,
      b.devices(
        b.device(),
        b.device({ id: '22222222-7c0d-4e7e-9a0f-2b1f0d5c9e11', deviceId: 'x', registeredAt: null }),
      ),
    ],
    { otherDeviceEnrolledInWindow: 'unknown' },
  ],
  'two known devices used: the newer one counts': [
    [
      b.signIns(b.signIn(), b.signIn({ id: 's-2', deviceId: 'phone' })),
      b.devices(
        b.device(),
        b.device({
          id: '22222222-7c0d-4e7e-9a0f-2b1f0d5c9e11',
          deviceId: 'phone',
          registeredAt: b.hoursAgo(5),
        }),
      ),
    ],
    { usedDeviceEnrolledHours: 5, usedDeviceEnrolledInWindow: 'yes', otherDeviceEnrolledInWindow: 'no' },
  ],
  'no devices': [
    [b.devices()],
    { newDeviceEnrolledKnown: false, newDeviceEnrolledHours: -1, otherDeviceEnrolledInWindow: 'no' },
  ],

  'a method registered in the window': [
    [b.changes(b.change({ kind: 'securityInfoRegistered' }))],
    { securityInfoChangedInWindow: 'yes' },
  ],
  'a method deleted by somebody else': [
    [b.changes(b.change({ kind: 'securityInfoDeleted', by: 'otherPerson' }))],
    { securityInfoChangedInWindow: 'yes' },
  ],
  'a method registered 23 h before the detection': [
    [b.changes(b.change({ kind: 'securityInfoRegistered', at: b.hoursAgo(26) }))],
    { securityInfoChangedInWindow: 'yes' },
  ],
  'a method registered 25 h before the detection': [
    [b.changes(b.change({ kind: 'securityInfoRegistered', at: b.hoursAgo(28) }))],
    { securityInfoChangedInWindow: 'no' },
  ],
  'a registration that failed': [
    [b.changes(b.change({ kind: 'securityInfoRegistered', succeeded: false }))],
    { securityInfoChangedInWindow: 'no' },
  ],
  'what Sallyport did itself': [
    [b.changes(b.change({ kind: 'roleAssigned', by: 'sallyport' }))],
    { roleChangedInWindow: 'no' },
  ],
  consent: [
    [b.changes(b.change({ kind: 'consentGranted' }))],
    { consentInWindow: 'yes', roleChangedInWindow: 'no' },
  ],
  'a detection that somebody dismissed days ago': [
    [
      b.detections(
        b.detection(),
        b.detection({
          id: 'd-0',
          state: 'dismissed',
          detail: 'adminDismissedAllRiskForUser',
          updatedAt: b.hoursAgo(6 * 24),
        }),
      ),
    ],
    { riskDismissedRecently: 'yes' },
  ],
  'a detection that somebody dismissed weeks ago': [
    [
      b.detections(
        b.detection(),
        b.detection({
          id: 'd-0',
          state: 'confirmedSafe',
          detail: 'adminConfirmedSigninSafe',
          updatedAt: b.hoursAgo(8 * 24),
        }),
      ),
    ],
    { riskDismissedRecently: 'no' },
  ],
  'a detection that was dismissed, and no word on when': [
    [b.detections(b.detection(), b.detection({ id: 'd-0', state: 'dismissed' }))],
    { riskDismissedRecently: 'unknown' },
  ],
  'a detection that Identity Protection closed by itself': [
    [
      b.detections(
        b.detection(),
        b.detection({
          id: 'd-0',
          state: 'confirmedSafe',
          detail: 'aiConfirmedSigninSafe',
          updatedAt: b.hoursAgo(1),
        }),
      ),
    ],
    { riskDismissedRecently: 'no' },
  ],
  'a dismissal in the history, of detections that are not read any more': [
    [b.history(b.historyItem({ at: b.hoursAgo(100), state: 'dismissed', by: b.managerId }))],
    { riskDismissedRecently: 'yes' },
  ],
  'a dismissal in the history weeks ago': [
    [b.history(b.historyItem({ at: b.hoursAgo(500), state: 'dismissed', by: b.managerId }))],
    { riskDismissedRecently: 'no' },
  ],
  'what Identity Protection closed by itself, in the history': [
    [
      b.history(
        b.historyItem({ at: b.hoursAgo(100), state: 'confirmedSafe', detail: 'aiConfirmedSigninSafe' }),
      ),
    ],
    { riskDismissedRecently: 'no' },
  ],
  'a dismissal in the audit log, of detections that are not read any more': [
    [b.changes(b.change({ kind: 'riskDismissed', at: b.hoursAgo(6 * 24), by: 'otherPerson' }))],
    { riskDismissedRecently: 'yes' },
  ],
  'a dismissal in the audit log, and no detections to ask': [
    [{ detections: later }, b.changes(b.change({ kind: 'riskDismissed' }))],
    { riskDismissedRecently: 'yes' },
  ],
  'a dismissal that Graph refused': [
    [b.changes(b.change({ kind: 'riskDismissed', succeeded: false }))],
    { riskDismissedRecently: 'no' },
  ],
  'a dismissal in the audit log weeks ago': [
    [b.changes(b.change({ kind: 'riskDismissed', at: b.hoursAgo(8 * 24) }))],
    { riskDismissedRecently: 'no' },
  ],
  'no dismissal in an audit log that is not read': [
    [{ changes: later }],
    { riskDismissedRecently: 'unknown' },
  ],
  'no dismissal in an audit log that is cut': [
    [b.changes(...cut(b.change()))],
    { riskDismissedRecently: 'unknown' },
  ],
  'no dismissal in an audit log that is still filling': [
    [b.withLogs(4)],
    { riskDismissedRecently: 'unknown' },
  ],
  'an activity that is new to us and may be a dismissal': [
    [b.changes(b.change({ mayBe: ['riskDismissed'] }))],
    { riskDismissedRecently: 'unknown' },
  ],
  'detections not read, and so no dismissal': [[{ detections: later }], { riskDismissedRecently: 'unknown' }],
  'more detections than are kept, and so perhaps a dismissal': [
    [b.detections(...cut(b.detection()))],
    { riskDismissedRecently: 'unknown' },
  ],
  'an activity that is new to us and may have changed a sign-in method': [
    [b.changes(b.change({ mayBe: ['securityInfoRegistered', 'securityInfoDeleted'] }))],
    { securityInfoChangedInWindow: 'unknown', consentInWindow: 'no', roleChangedInWindow: 'no' },
  ],
  'an activity that is new to us and may be a consent': [
    [b.changes(b.change({ mayBe: ['consentGranted'] }))],
    { consentInWindow: 'unknown', securityInfoChangedInWindow: 'no' },
  ],
  'an activity that is new to us and may have assigned a role': [
    [b.changes(b.change({ mayBe: ['roleAssigned'] }))],
    { roleChangedInWindow: 'unknown', managerChangedRecently: 'no' },
  ],
  'an activity that is new to us and may have set the manager': [
    [b.changes(b.change({ mayBe: ['managerChanged'], at: b.hoursAgo(6 * 24) }))],
    { managerChangedRecently: 'unknown', roleChangedInWindow: 'no' },
  ],
  'an activity that is new to us and may have enrolled a device': [
    [mfa, b.changes(b.change({ mayBe: ['deviceRegistered'] }))],
    { otherDeviceEnrolledInWindow: 'unknown', consentInWindow: 'no' },
  ],
  'a registration that timed out': [
    [
      b.changes(
        b.change({ kind: 'securityInfoRegistered', succeeded: false, mayBe: ['securityInfoRegistered'] }),
      ),
    ],
    { securityInfoChangedInWindow: 'unknown' },
  ],
  'an activity that is new to us, before the window': [
    [
      b.changes(
        b.change({ mayBe: ['roleAssigned', 'deviceRegistered', 'consentGranted'], at: b.hoursAgo(28) }),
      ),
    ],
    { roleChangedInWindow: 'no', otherDeviceEnrolledInWindow: 'no', consentInWindow: 'no' },
  ],
  'an activity that is new to us, by our own hand': [
    [b.changes(b.change({ mayBe: ['roleAssigned'], by: 'sallyport' }))],
    { roleChangedInWindow: 'no' },
  ],
  'another activity, and no word on what it may be': [
    [b.changes({ ...b.change({ kind: 'other' }), mayBe: undefined })],
    {
      roleChangedInWindow: 'unknown',
      consentInWindow: 'unknown',
      securityInfoChangedInWindow: 'unknown',
      managerChangedRecently: 'unknown',
      otherDeviceEnrolledInWindow: 'unknown',
    },
  ],
  'a role': [
    [b.changes(b.change({ kind: 'roleAssigned', by: 'unknown' }))],
    { roleChangedInWindow: 'yes', consentInWindow: 'no' },
  ],
  'a detection older than the log': [
    [b.detections(b.detection({ detectedAt: b.hoursAgo(8 * 24), activityAt: null }))],
    {
      consentInWindow: 'unknown',
      smartLockoutInWindow: 'unknown',
      maliciousAddressInWindow: 'unknown',
      mfaPassedAfterDetection: 'unknown',
    },
  ],
  'an offline detection opens the window at its activity': [
    [
      b.detections(b.detection({ activityAt: b.hoursAgo(48) })),
      b.changes(b.change({ kind: 'consentGranted', at: b.hoursAgo(60) })),
    ],
    { consentInWindow: 'yes' },
  ],
  'a sign-in refused by smart lockout': [
    [b.signIns(b.signIn({ errorCode: 50053, blocked: 'smartLockout' }))],
    { smartLockoutInWindow: 'yes', maliciousAddressInWindow: 'no' },
  ],
  'a sign-in refused because of its address': [
    [b.signIns(b.signIn({ errorCode: 50053, blocked: 'maliciousAddress' }))],
    { smartLockoutInWindow: 'no', maliciousAddressInWindow: 'yes' },
  ],
  'a sign-in refused for either': [
    [b.signIns(b.signIn({ errorCode: 50053, blocked: 'lockedOrMaliciousAddress' }))],
    { smartLockoutInWindow: 'unknown', maliciousAddressInWindow: 'unknown' },
  ],
  'a refusal that was read before the two were told apart': [
    [b.signIns(b.signIn({ errorCode: 50053 }))],
    { smartLockoutInWindow: 'unknown', maliciousAddressInWindow: 'unknown' },
  ],
  'a lockout before the window': [
    [b.signIns(b.signIn({ errorCode: 50053, blocked: 'smartLockout', at: b.hoursAgo(28) }))],
    { smartLockoutInWindow: 'no', maliciousAddressInWindow: 'no' },
  ],
  'no refused sign-in': [[mfa], { smartLockoutInWindow: 'no', maliciousAddressInWindow: 'no' }],

  'a ticket on a trusted channel, with the manager as caller': [
    [b.withTicket({ callerId: b.managerId })],
    {
      managerKnown: 'yes',
      requesterRelation: 'manager',
      requesterVerified: 'verified',
      managerChangedRecently: 'no',
    },
  ],
  'a manager who is only named as caller': [
    [b.withTicket({ verifiedChannel: false, callerId: b.managerId, openedById: deskId })],
    { requesterRelation: 'manager', requesterVerified: 'unverified' },
  ],
  'a manager who recorded the ticket': [
    [b.withTicket({ verifiedChannel: false, openedById: b.managerId, callerId: b.managerId })],
    { requesterRelation: 'manager', requesterVerified: 'verified' },
  ],
  'a ticket that the manager recorded for somebody else': [
    [b.withTicket({ verifiedChannel: false, callerId: deskId, openedById: b.managerId })],
    { requesterRelation: 'manager', requesterVerified: 'unverified' },
  ],
  'a manager of whom it is not known whether the account is enabled': [
    [
      b.withTicket({ verifiedChannel: false, openedById: b.managerId, callerId: b.managerId }),
      b.withManager({ accountEnabled: null }),
    ],
    { managerKnown: 'unknown', requesterRelation: 'manager', requesterVerified: 'unknown' },
  ],
  'a colleague asks': [
    [b.withTicket({ verifiedChannel: false, callerId: deskId, openedById: deskId })],
    { requesterRelation: 'other', requesterVerified: 'unverified' },
  ],
  'the user asks': [
    [b.withTicket({ verifiedChannel: false, callerId: b.subjectId })],
    { requesterRelation: 'self', requesterVerified: 'unverified' },
  ],
  'the user asks on a trusted channel': [
    [b.withTicket({ callerId: b.subjectId })],
    { requesterRelation: 'self', requesterVerified: 'unverified' },
  ],
  'the user names the manager as caller': [
    [b.withTicket({ callerId: b.managerId, openedById: b.subjectId })],
    { requesterRelation: 'self', requesterVerified: 'unverified' },
  ],
  'nobody known asks': [
    [b.withTicket({ verifiedChannel: false, callerId: null })],
    { requesterRelation: 'unknown', requesterVerified: 'unverified' },
  ],
  'a ticket without a channel': [
    [b.withTicket({ verifiedChannel: null, callerId: null })],
    { requesterRelation: 'unknown', requesterVerified: 'unknown' },
  ],
  'a caller or opener whom ServiceNow knows and the directory does not': [
    [b.withTicket({ unknownRequester: true })],
    { requesterRelation: 'unknown', requesterVerified: 'unknown' },
  ],
  'the user asks through an opener whom the directory does not know': [
    [b.withTicket({ callerId: b.subjectId, unknownRequester: true })],
    { requesterRelation: 'self', requesterVerified: 'unverified' },
  ],
  'a machine asks': [
    [b.withTicket({ callerId: null })],
    { requesterRelation: 'unknown', requesterVerified: 'verified' },
  ],
  'a contact type that sounds like a machine but is not trusted': [
    [b.withTicket({ verifiedChannel: false, callerId: null, contactType: 'monitoring' })],
    { requesterVerified: 'unverified' },
  ],
  'no manager': [
    [b.withManager(null), b.withTicket({ verifiedChannel: false })],
    { managerKnown: 'no', requesterRelation: 'other', requesterVerified: 'unverified' },
  ],
  'a disabled manager who recorded the ticket': [
    [
      b.withManager({ accountEnabled: false }),
      b.withTicket({ verifiedChannel: false, openedById: b.managerId, callerId: b.managerId }),
    ],
    { managerKnown: 'no', requesterVerified: 'unverified' },
  ],
  'manager not read, and the caller recorded the ticket': [
    [
      { manager: later },
      b.withTicket({ verifiedChannel: false, openedById: b.managerId, callerId: b.managerId }),
    ],
    {
      managerKnown: 'unknown',
      requesterRelation: 'unknown',
      requesterVerified: 'unknown',
      releaseReadingsComplete: 'no',
    },
  ],
  'a manager of this week': [
    [b.changes(b.change({ kind: 'managerChanged', at: b.hoursAgo(6 * 24) }))],
    { managerChangedRecently: 'yes' },
  ],
  'logs whose answer came a moment after the decision began': [
    [{ changes: { ...b.changes().changes, source: { ...later.source, readAt: b.hoursAgo(-0.01) } } }],
    { managerChangedRecently: 'no', consentInWindow: 'no' },
  ],
  'a federated account': [
    [b.withUser({ federated: true, synced: true })],
    { isFederated: 'yes', resetTakesEffect: 'no' },
  ],
  'an account of the cloud': [[], { isFederated: 'no', resetTakesEffect: 'yes' }],
  'no federated domains configured': [
    [b.withUser({ federated: null })],
    { isFederated: 'unknown', resetTakesEffect: 'unknown' },
  ],
  'a password that we replace': [[], { passwordReplacedByUs: 'yes' }],
  'a password that is a person’s to replace': [
    [b.withCapabilities({ forcePasswordChange: { can: 'no', obstacles: ['passwordless'] } })],
    { passwordReplacedByUs: 'no' },
  ],
  'a password that may be kept elsewhere': [
    [b.withCapabilities({ forcePasswordChange: { can: 'unknown', obstacles: ['federated'] } })],
    { passwordReplacedByUs: 'no' },
  ],
  'a password that we try to replace, without a registration report': [
    [b.withCapabilities({ forcePasswordChange: { can: 'unknown', obstacles: ['noSelfServiceReset'] } })],
    { passwordReplacedByUs: 'yes' },
  ],
  'no preflight': [[{ capabilities: later }], { passwordReplacedByUs: 'unknown' }],
  'a wave': [[b.withCampaign(40)], { campaignKnown: true, campaignUsers: 40 }],
  'no wave': [[b.withCampaign(0)], { campaignKnown: true, campaignUsers: 0 }],
  'a wave that could not be counted': [
    [{ campaign: b.unread() }],
    { campaignKnown: false, campaignUsers: -1 },
  ],
  'a kind that only the collector knows as token theft': [
    [b.detections(b.detection({ markers: ['tokenTheft', 'nationState'] }))],
    { hasTokenTheft: 'yes', hasNationState: 'yes' },
  ],
  'logs that may not hold what came with the detection yet': [
    [b.withLogs(3.1)],
    {
      mfaPassedAfterDetection: 'unknown',
      consentInWindow: 'unknown',
      securityInfoChangedInWindow: 'unknown',
      roleChangedInWindow: 'unknown',
      smartLockoutInWindow: 'unknown',
      maliciousAddressInWindow: 'unknown',
      managerChangedRecently: 'unknown',
    },
  ],
  'the same logs as soon as they could': [
    [b.withLogs(3)],
    { mfaPassedAfterDetection: 'no', consentInWindow: 'no', managerChangedRecently: 'no' },
  ],
  'a witness in logs that are still filling': [[mfa, b.withLogs(9)], { mfaPassedAfterDetection: 'yes' }],
  'no word on how complete the logs are': [[{ logs: b.unread() }], { consentInWindow: 'unknown' }],
  'a manager of last week': [
    [b.changes(b.change({ kind: 'managerChanged', at: b.hoursAgo(8 * 24) }))],
    { managerChangedRecently: 'no' },
  ],
};

describe('facts', () => {
  test.each(Object.entries(table))('%s', (_name, [parts, expected]) => {
    const evidence = b.evidence(...parts);
    evidenceSchema.parse(evidence);
    expect(factsFrom(evidence, b.now)).toMatchObject(expected);
  });

  test('are exactly the documented ones, with documented values', () => {
    for (const [parts] of Object.values(table)) {
      const facts = factsFrom(b.evidence(...parts), b.now);
      expect(Object.keys(facts).sort()).toEqual(Object.keys(factDocs).sort());
      for (const [name, value] of Object.entries(facts))
        expect(isFactName(name) ? factValueProblem(name, value) : name).toBeNull();
    }
  });

  test('are shown by this table to take every answer that they document', () => {
    const seen = new Set<string>();
    for (const [parts, expected] of Object.values(table))
      for (const name of Object.keys(expected).filter(isFactName))
        seen.add(`${name}=${factsFrom(b.evidence(...parts), b.now)[name]}`);
    const yesNo = ['yes', 'no'];
    const missing = Object.entries(factDocs).flatMap(([name, doc]) =>
      doc.type === 'String' && yesNo.every((value) => (doc.values as readonly string[]).includes(value))
        ? doc.values.filter((value) => !seen.has(`${name}=${value}`)).map((value) => `${name}=${value}`)
        : [],
    );
    expect(missing).toEqual([]);
  });

  test('rest on no other reading than those that they document', () => {
    const undocumented = new Set<string>();
    for (const [parts] of Object.values(table)) {
      const facts = factsFrom(b.evidence(...parts), b.now);
      for (const part of evidenceParts) {
        const without = factsFrom(b.evidence(...parts, { [part]: later }), b.now);
        for (const name of factNames) {
          const sources: readonly EvidencePart[] = factDocs[name].sources;
          if (without[name] !== facts[name] && !sources.includes(part)) undocumented.add(`${name}: ${part}`);
        }
      }
    }
    expect([...undocumented]).toEqual([]);
  });

  test('need an instant', () => {
    expect(() => factsFrom(b.evidence(), 'yesterday')).toThrow(RangeError);
  });
});
