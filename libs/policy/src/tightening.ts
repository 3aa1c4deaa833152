import { type FactValue } from './condition';
import { type FactName } from './fact-docs';

/*
 * Which change of a fact makes a case more dangerous or less certain. The proof of monotony rests on it: no such change
 * may turn a refused release into a permitted one, or ask fewer people. Every fact has an entry, so that whoever adds a
 * fact decides.
 */

/** From the safest value to the worst; those in one list are equally bad, and unknown is never safe. */
type Order = readonly (readonly FactValue[])[] | 'larger' | 'none';

const yesIsBad: Order = [['no'], ['unknown', 'yes']];
const noIsBad: Order = [['yes'], ['unknown', 'no']];

const orders: Readonly<Record<FactName, Order>> = {
  subjectResolved: noIsBad,
  readingsComplete: [['yes'], ['no']],
  releaseReadingsComplete: [['yes'], ['no']],
  evidenceAgeKnown: [[true], [false]],
  evidenceAgeMinutes: 'larger',
  accountExists: noIsBad,
  accountDeleted: yesIsBad,
  accountEnabled: noIsBad,
  disabledByOthers: yesIsBad,
  isGuest: yesIsBad,
  isSynced: 'none',
  isFederated: 'none',
  resetTakesEffect: noIsBad,
  passwordReplacedByUs: noIsBad,
  managementRestricted: 'none',
  isPrivileged: yesIsBad,
  isBreakGlass: yesIsBad,
  isServiceAccount: yesIsBad,
  isWorkloadIdentity: [['no'], ['unknown']],
  isVip: yesIsBad,
  passwordlessCapable: 'none',
  selfServiceResetCapable: 'none',
  // "none" stands outside: where there is no risk there is nothing to release, which is a refusal of another kind.
  riskLevel: [['low'], ['medium'], ['high'], ['unknown', 'hidden']],
  riskState: [['atRisk'], ['confirmedCompromised', 'unknown']],
  riskProcessing: yesIsBad,
  highestDetectionLevel: [['low'], ['medium'], ['high'], ['unknown']],
  hasTokenTheft: yesIsBad,
  hasNationState: yesIsBad,
  hasThreatIntelligence: yesIsBad,
  hasLeakedCredentials: yesIsBad,
  hasConfirmedCompromise: yesIsBad,
  hasPostCompromiseActivity: yesIsBad,
  hasUnclassifiedDetection: yesIsBad,
  riskDismissedRecently: yesIsBad,
  campaignKnown: [[true], [false]],
  campaignUsers: 'larger',
  selfRemediated: noIsBad,
  mfaPassedAfterDetection: noIsBad,
  knownDeviceUsed: noIsBad,
  judgedSignInsExplained: noIsBad,
  foreignSignInInWindow: yesIsBad,
  usedDeviceEnrolledKnown: [[true], [false]],
  // A young device explains a detection, an old one is familiar: neither is worse in itself.
  usedDeviceEnrolledHours: 'none',
  usedDeviceEnrolledInWindow: yesIsBad,
  usedDeviceEnrolledBeforeDetection: noIsBad,
  otherDeviceEnrolledInWindow: yesIsBad,
  newDeviceEnrolledKnown: 'none',
  newDeviceEnrolledHours: 'none',
  securityInfoChangedInWindow: yesIsBad,
  consentInWindow: yesIsBad,
  roleChangedInWindow: yesIsBad,
  smartLockoutInWindow: yesIsBad,
  maliciousAddressInWindow: yesIsBad,
  managerKnown: noIsBad,
  managerChangedRecently: yesIsBad,
  requesterRelation: [['other'], ['unknown'], ['manager', 'self']],
  requesterVerified: [['verified'], ['unknown', 'unverified']],
};

/** Whether some values of the fact are worse than others: about the rest nothing is claimed. */
export const hasOrder = (fact: FactName): boolean => orders[fact] !== 'none';

/** Whether the fact, where it is "yes", says that something bad is the case. */
export const isBadNews = (fact: FactName): boolean => orders[fact] === yesIsBad;

/** Every smallest step for the worse that the fact can take among `values`: [before, after]. */
export function tightenings(
  fact: FactName,
  values: readonly FactValue[],
): [before: FactValue, after: FactValue][] {
  const order = orders[fact];
  if (order === 'none') return [];
  // A negative number is the unknown one; its companion says so, and has an order of its own.
  const levels =
    order === 'larger'
      ? values.filter((value) => typeof value === 'number' && value >= 0).map((value) => [value])
      : order;
  return levels
    .slice(1)
    .flatMap((worse, at) =>
      (levels[at] ?? []).flatMap((before) => worse.map((after): [FactValue, FactValue] => [before, after])),
    );
}
