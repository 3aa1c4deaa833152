import { type Evidence, type User } from '@sallyport/evidence';
import { type Answer, type Facts } from './fact-docs';
import { replacesPassword } from './plan';
import { isPrivileged } from './privilege';
import { answerOf, knownValue } from './reading';

type AccountFacts = Pick<
  Facts,
  | 'subjectResolved'
  | 'accountExists'
  | 'accountDeleted'
  | 'accountEnabled'
  | 'isGuest'
  | 'isSynced'
  | 'isFederated'
  | 'resetTakesEffect'
  | 'passwordReplacedByUs'
  | 'managementRestricted'
  | 'isPrivileged'
  | 'isBreakGlass'
  | 'isServiceAccount'
  | 'isWorkloadIdentity'
  | 'isVip'
  | 'passwordlessCapable'
  | 'selfServiceResetCapable'
>;

/** Who the account is and what may be done to it at all. */
export function accountFacts(evidence: Evidence): AccountFacts {
  const user = knownValue(evidence.user);
  const standing = knownValue(evidence.standing);
  const roles = knownValue(evidence.roles);
  const registration = knownValue(evidence.registration);
  return {
    subjectResolved: subjectResolved(evidence),
    accountExists: accountExists(evidence),
    accountDeleted: answerOf(knownValue(evidence.risk)?.deleted),
    accountEnabled: answerOf(user?.accountEnabled),
    isGuest: user && user.userType !== 'unknown' ? answerOf(user.userType === 'guest') : 'unknown',
    isSynced: answerOf(user?.synced),
    isFederated: answerOf(user?.federated),
    resetTakesEffect: resetTakesEffect(user),
    passwordReplacedByUs: answerOf(replacesPassword(evidence)),
    managementRestricted: answerOf(user?.managementRestricted),
    isPrivileged: answerOf(roles && isPrivileged(roles)),
    isBreakGlass: answerOf(standing?.breakGlass),
    isServiceAccount: user?.resourceAccount ? 'yes' : answerOf(standing?.serviceAccount),
    // Only the id of a person or of a room answers as a user; any other id may be that of an application.
    isWorkloadIdentity: user ? 'no' : 'unknown',
    isVip: answerOf(standing?.vip),
    passwordlessCapable: answerOf(registration?.passwordlessCapable),
    selfServiceResetCapable: answerOf(registration?.selfServiceResetCapable),
  };
}

function subjectResolved({ ticket, user }: Evidence): Answer {
  const named = knownValue(ticket)?.subjectId;
  if (named === null) return 'no';
  return answerOf(named === undefined || user.state === 'unknown' ? undefined : user.value.id === named);
}

function accountExists({ user }: Evidence): Answer {
  if (user.state === 'known') return 'yes';
  return user.reason === 'notFound' ? 'no' : 'unknown';
}

/** Writeback cannot be read by an application, nor is setting `passwordProfile` documented to write anything back. */
function resetTakesEffect(user: User | undefined): Answer {
  if (user?.federated) return 'no';
  return !user || user.synced !== false || user.federated === null ? 'unknown' : 'yes';
}
