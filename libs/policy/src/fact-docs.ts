import { episodeGapDays, type EvidencePart, riskLevels, riskStates } from '@sallyport/evidence';
import { clockSkewMinutes, dismissalDays, managerChangeDays, suspectLeadHours } from './windows';

/*
 * Every fact that rules may use: one table. The `Facts` type, the check of each pack's Cedar schema, the check of every
 * literal that a rule compares with, and the reference page all come from here.
 */

export const answers = ['yes', 'no', 'unknown'] as const;
export type Answer = (typeof answers)[number];

interface Prose {
  meaning: string;
  /** The readings it is derived from. */
  sources: readonly EvidencePart[];
  /** When it is unknown, in words. */
  unknown: string;
}
type Doc = [meaning: string, sources: readonly EvidencePart[], unknown: string];
const prose = ([meaning, sources, unknown]: Doc): Prose => ({ meaning, sources, unknown });
const choice = <V extends string>(values: readonly V[], ...doc: Doc) => ({
  type: 'String' as const,
  values,
  ...prose(doc),
});
const answer = (...doc: Doc) => choice(answers, ...doc);
const long = (...doc: Doc) => ({ type: 'Long' as const, ...prose(doc) });
const bool = (...doc: Doc) => ({ type: 'Bool' as const, ...prose(doc) });

/** The value of a number fact that is not known; its `…Known` companion is then false. */
export const unknownNumber = -1;

const episode = `the open detections and those at most ${episodeGapDays} days older than the newest that nobody dismissed or confirmed safe`;
/** What tells whether all detections of the episode are seen, so that absence proves something; see `episodeOf`. */
const whole = ['detections', 'risk', 'history', 'campaign'] as const;
const window = `since ${suspectLeadHours} h before the oldest detection of the episode, not by Sallyport`;
const noRow =
  'None is seen, and the log or the detections are not read, cut, too short to reach back to the window, or so fresh that rows about the newest detection may still be on their way';
const noBlock = `${noRow}; or one was refused with 50053 that does not say for which of its two reasons.`;
const noChange = `${noRow}; or a row may be one, by its category, but has a name that we do not know or no outcome.`;

export const factDocs = {
  subjectResolved: answer(
    'The ticket names one user and the account that was read is that user.',
    ['ticket', 'user'],
    'The ticket or the account is not read.',
  ),
  readingsComplete: choice(
    ['yes', 'no'],
    'Ticket, user, standing, roles, risk and detections are all read: without them nothing may be done.',
    ['ticket', 'user', 'standing', 'roles', 'risk', 'detections'],
    'Never: a missing reading makes it "no".',
  ),
  releaseReadingsComplete: choice(
    ['yes', 'no'],
    'What release and closing need beyond that is read too: sign-ins, changes, devices and manager.',
    ['signIns', 'changes', 'devices', 'manager'],
    'Never: a missing reading makes it "no".',
  ),
  evidenceAgeKnown: bool(
    'The age of the evidence can be told.',
    ['user', 'standing', 'roles', 'risk', 'detections'],
    `False where one of those readings is missing or dated more than ${clockSkewMinutes} minutes in the future.`,
  ),
  evidenceAgeMinutes: long(
    'Minutes since the oldest reading of account, standing, roles, risk and detections, rounded up.',
    ['user', 'standing', 'roles', 'risk', 'detections'],
    `${unknownNumber}, with evidenceAgeKnown false.`,
  ),

  accountExists: answer(
    'The account is in the directory.',
    ['user'],
    'The account could not be read for another reason than "not found".',
  ),
  accountDeleted: answer(
    'Identity Protection lists the account as deleted.',
    ['risk'],
    'The risk is not read.',
  ),
  accountEnabled: answer(
    'The account may sign in.',
    ['user'],
    'The account is not read or the directory does not say.',
  ),
  disabledByOthers: answer(
    'The account is disabled, and the log shows that a person or an application other than ours (`OWN_APP_IDS`) did it since the window opened: a leaver, say, or somebody at work on the same incident. "no" where it is enabled, or where the log shows that one of our applications disabled it last.',
    ['user', ...whole, 'changes', 'logs'],
    'The directory does not say whether the account is enabled; or it is disabled, and the log does not show by whom; or it shows one of ours, and the log or the detections are not read, cut, too short or still filling, or has a row that may be another.',
  ),
  isGuest: answer(
    'The account is a guest: its home tenant owns risk, sessions and password.',
    ['user'],
    'The account is not read or its user type is missing or new to us.',
  ),
  isSynced: answer(
    'On-premises Active Directory is the authority for the account.',
    ['user'],
    'The account is not read, or the answer does not say.',
  ),
  isFederated: answer(
    'The account signs in at another identity provider, told by the configured list of domains.',
    ['user'],
    'The account is not read, or no federated domains are configured.',
  ),
  resetTakesEffect: answer(
    'A password that is set in Entra ID becomes the password of the account: it is neither synced nor federated.',
    ['user'],
    'The account is not read, no federated domains are configured, or the account is synced: an application cannot read whether writeback is on.',
  ),
  passwordReplacedByUs: answer(
    'Containment replaces the password, and leaves that to no person: the preflight found nothing against it, such as an account that signs in without a password, a user who could not set a new one, or a right that we lack.',
    ['capabilities'],
    'The preflight was not made.',
  ),
  managementRestricted: answer(
    'The account is in a restricted-management administrative unit.',
    ['user'],
    'The account is not read or the directory leaves it null (documented to behave as "no").',
  ),
  isPrivileged: answer(
    'Holds or can activate a role outside the short list of harmless ones, or is in a role-assignable group. Custom and unlisted roles count as privileged.',
    ['roles'],
    'The roles are not read.',
  ),
  isBreakGlass: answer('On the list of emergency access accounts.', ['standing'], 'The lists are not read.'),
  isServiceAccount: answer(
    'On the list of service accounts, or a resource account (room, shared device).',
    ['standing', 'user'],
    'The lists are not read, and the account is not known to be a resource account.',
  ),
  isWorkloadIdentity: choice(
    ['no', 'unknown'],
    'The id is that of an application (service principal, managed identity) and not of an account for people.',
    ['user'],
    'The id does not answer as a user: it may be an application, which is not looked up.',
  ),
  isVip: answer('On the list of VIPs.', ['standing'], 'The lists are not read.'),
  passwordlessCapable: answer(
    'Has a registered method that signs in without a password.',
    ['registration'],
    'The registration report is not read or has no row.',
  ),
  selfServiceResetCapable: answer(
    'Can reset the password without the service desk.',
    ['registration'],
    'The registration report is not read or has no row.',
  ),

  riskLevel: choice(
    riskLevels,
    'The risk level of the user.',
    ['risk'],
    'Not read, or a value new to us. "hidden" means that the licence does not show it.',
  ),
  riskState: choice(riskStates, 'The risk state of the user.', ['risk'], 'Not read, or a value new to us.'),
  riskProcessing: answer('Identity Protection is still computing.', ['risk'], 'The risk is not read.'),
  highestDetectionLevel: choice(
    ['none', 'low', 'medium', 'high', 'unknown'],
    `The highest level among ${episode}; "none" where there is none.`,
    whole,
    'Not read or cut, or they do not account for the risk, or one of them has a hidden or new level and none is high.',
  ),
  hasTokenTheft: answer(
    `Among ${episode}: anomalous token, adversary in the middle, primary refresh token access, token issuer anomaly.`,
    whole,
    'The detections are not read, or cut, or do not account for the risk, and none is seen.',
  ),
  hasNationState: answer(
    'The episode has a detection of a nation-state address.',
    whole,
    'The detections are not read, or cut, or do not account for the risk, and none is seen.',
  ),
  hasThreatIntelligence: answer(
    'The episode has a detection from Microsoft threat intelligence.',
    whole,
    'The detections are not read, or cut, or do not account for the risk, and none is seen.',
  ),
  hasLeakedCredentials: answer(
    'The episode shows that somebody else has the password: leaked credentials, a successful password spray, valid credentials used from a blocked address.',
    whole,
    'The detections are not read, or cut, or do not account for the risk, and none is seen.',
  ),
  hasConfirmedCompromise: answer(
    'The user, or a detection of the episode, was confirmed compromised.',
    whole,
    'The risk or the detections are not read, or the detections are cut or do not account for the risk, and none is seen.',
  ),
  hasPostCompromiseActivity: answer(
    'The episode shows what somebody does who is inside already: inbox rules, forwarding or sending of mail, unusual access to files, the directory or programming interfaces; or the user reported a prompt for MFA as not their own.',
    whole,
    'The detections are not read, or cut, or do not account for the risk, and none is seen.',
  ),
  hasUnclassifiedDetection: answer(
    'The episode has a detection of a kind that we do not know, or "generic" (the licence does not show the kind).',
    whole,
    'The detections are not read, or cut, or do not account for the risk, and none is seen.',
  ),
  riskDismissedRecently: answer(
    `Somebody dismissed the risk or a detection of the user, or confirmed one safe, in the last ${dismissalDays} days; what Identity Protection closes by itself does not count.`,
    ['detections', 'history', 'changes', 'logs'],
    'None is seen, and detections or log are not read or cut, or one was dismissed and it is not told when, or the log does not reach back so far, is so fresh that rows may still be on their way, or has a row that may be one but has a name that we do not know or no outcome.',
  ),
  campaignKnown: bool(
    'It is known how many people had the same kinds of detection around the same time.',
    ['campaign'],
    'False where the detections of the tenant could not be read.',
  ),
  campaignUsers: long(
    "The most people who had one of this episode's kinds of detection within an hour of its newest one, this one included; 0 without any.",
    ['campaign'],
    `${unknownNumber}, with campaignKnown false.`,
  ),

  selfRemediated: answer(
    'The risk was remediated by a secured password reset or change, and the audit log shows one by the user at or after the newest detection. One of the two is "no". An ordinary password change counts only where the risk says that it was a secured one, of now and not of earlier detections.',
    ['risk', 'detections', 'changes', 'logs'],
    'The risk is not read; or it names a secured change that the log does not show; or it says so but no reset is seen and the log is not read, cut, too short or still filling, or no detection is listed.',
  ),
  mfaPassedAfterDetection: answer(
    'A successful interactive sign-in passed MFA, and did not only claim an earlier one, at or after the newest detection, or is the sign-in that the newest detection is about and no other of the episode came after.',
    ['detections', 'signIns', 'logs'],
    'No detection of the episode is known; or none is seen and the sign-ins are not read, cut, too short, or so fresh that rows may still be on their way.',
  ),
  knownDeviceUsed: answer(
    "One of those MFA sign-ins came from a device registered to the user. Of several, the most recently enrolled is 'the used device'.",
    ['detections', 'signIns', 'devices', 'logs'],
    'Devices are not read, cut and none matches, or it is unknown whether MFA passed.',
  ),
  judgedSignInsExplained: answer(
    "Every detection of the episode is explained. One that names its sign-in is, where that sign-in and all that share its correlation id either did not succeed, or were interactive, passed MFA anew and came from a device that was registered to the user before. One that names none is, where foreignSignInInWindow is 'no'.",
    [...whole, 'signIns', 'devices', 'logs'],
    'None is known to be unexplained, and a sign-in is not seen, its device is not known to have been registered before, the detections are not read, cut or none, or foreignSignInInWindow is unknown.',
  ),
  foreignSignInInWindow: answer(
    `Since the window opened a sign-in succeeded from something else than a device registered to the user: the one that was judged, or another. Not one with MFA that names no device, within ${clockSkewMinutes} minutes of the enrolment of the used device: that is its enrolment.`,
    [...whole, 'signIns', 'devices', 'logs'],
    `${noRow}; or one names a device, and the devices are not read or cut.`,
  ),
  usedDeviceEnrolledKnown: bool(
    'When the used device was enrolled is known.',
    ['detections', 'signIns', 'devices'],
    'False where no known device was used or it has no believable enrolment time.',
  ),
  usedDeviceEnrolledHours: long(
    'Whole hours since the used device was enrolled, rounded down.',
    ['detections', 'signIns', 'devices'],
    `${unknownNumber}, with usedDeviceEnrolledKnown false.`,
  ),
  usedDeviceEnrolledInWindow: answer(
    'The used device was enrolled inside the suspect window: not a device that was known before.',
    [...whole, 'signIns', 'devices'],
    'No used device, no enrolment time or no window.',
  ),
  usedDeviceEnrolledBeforeDetection: answer(
    'The used device was enrolled before every activity that the detections of the episode are about, so that it can explain them.',
    [...whole, 'signIns', 'devices'],
    'No used device, no enrolment time, the detections are not read or cut, or one does not say when its activity was.',
  ),
  otherDeviceEnrolledInWindow: answer(
    'A device other than the used one was enrolled inside the suspect window.',
    [...whole, 'signIns', 'devices', 'changes'],
    'Devices are not read or cut, no window, a device has no enrolment time, or a row of the audit log is an enrolment of a device that is not listed, or may be one but has a name that we do not know or no outcome.',
  ),
  newDeviceEnrolledKnown: bool(
    'When the newest device was enrolled is known.',
    ['devices'],
    'False where devices are not read, there are none, or one has no believable enrolment time.',
  ),
  newDeviceEnrolledHours: long(
    'Whole hours since the newest device of the user was enrolled, rounded down.',
    ['devices'],
    `${unknownNumber}, with newDeviceEnrolledKnown false.`,
  ),

  securityInfoChangedInWindow: answer(
    `A sign-in method was registered or deleted ${window}.`,
    [...whole, 'changes', 'logs'],
    noChange,
  ),
  consentInWindow: answer(
    `Consent was given to an application ${window}.`,
    [...whole, 'changes', 'logs'],
    noChange,
  ),
  roleChangedInWindow: answer(`A role was assigned ${window}.`, [...whole, 'changes', 'logs'], noChange),
  smartLockoutInWindow: answer(
    'Since the window opened a sign-in was refused with 50053 because of too many wrong passwords.',
    [...whole, 'signIns', 'logs'],
    noBlock,
  ),
  maliciousAddressInWindow: answer(
    'Since the window opened a sign-in was refused with 50053 because of an address with malicious activity.',
    [...whole, 'signIns', 'logs'],
    noBlock,
  ),

  managerKnown: answer(
    'The directory names a manager whose account is enabled.',
    ['manager'],
    'The manager is not read, or the directory does not say whether the account is enabled.',
  ),
  managerChangedRecently: answer(
    `The manager was changed in the last ${managerChangeDays} days.`,
    ['detections', 'changes', 'logs'],
    'No change is seen, and the log is not read, cut, or so fresh that rows may still be on their way, or has a row that may be one but has a name that we do not know or no outcome.',
  ),
  requesterRelation: choice(
    ['self', 'manager', 'other', 'unknown'],
    'What the one who asks is to the risky user. Self: the user is the caller of the ticket, or recorded it. Manager: otherwise the same for the manager.',
    ['ticket', 'manager'],
    'The ticket is not read or names no user; or it names no caller, ServiceNow does not know the caller, or the manager is not read.',
  ),
  requesterVerified: choice(
    ['verified', 'unverified', 'unknown'],
    'Verified: the ticket came on a channel that the configuration trusts to know who asks (`VERIFIED_CONTACT_TYPES`), or the enabled manager of the user is its caller and recorded it. Never where the user asks for the own account. It is never enough alone: the manager is asked.',
    ['ticket', 'manager'],
    'The ticket is not read or names no channel, or the one who recorded it may be the manager, who is not read.',
  ),
} as const;

export type FactName = keyof typeof factDocs;
export const factNames = Object.keys(factDocs) as readonly FactName[];
type ValueOf<D> = D extends { type: 'String'; values: readonly (infer V)[] }
  ? V
  : D extends { type: 'Long' }
    ? number
    : boolean;
export type Facts = { [K in FactName]: ValueOf<(typeof factDocs)[K]> };

/** Whether `name` is a fact; narrows, so that texts from rules and tables can be looked up safely. */
export const isFactName = (name: string): name is FactName => Object.hasOwn(factDocs, name);

/** `xKnown` of a number fact `xMinutes`, `xHours` or `xUsers`; null for any other. */
export function knownFactOf(name: string): FactName | null {
  if (!isFactName(name) || factDocs[name].type !== 'Long') return null;
  const known = name.replace(/(Minutes|Hours|Users)$/, 'Known');
  return isFactName(known) ? known : null;
}

/** @returns why `value` is not a value of the fact, or null where it is one. */
export function factValueProblem(name: FactName, value: unknown): string | null {
  const doc = factDocs[name];
  if (doc.type === 'Bool') return typeof value === 'boolean' ? null : `${name} is true or false`;
  if (doc.type === 'Long') return Number.isSafeInteger(value) ? null : `${name} is a whole number`;
  const values: readonly unknown[] = doc.values;
  return values.includes(value) ? null : `${name} is one of ${doc.values.join(', ')}`;
}

/** @returns everything that is wrong with a set of facts; empty where each fact is there with one of its values. */
export function factProblems(facts: Readonly<Record<string, unknown>>): string[] {
  const problems: string[] = [];
  for (const name of factNames) {
    const problem = factValueProblem(name, facts[name]);
    if (problem !== null) problems.push(problem);
  }
  return problems;
}
