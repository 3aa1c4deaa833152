import { type Evidence } from '@sallyport/evidence';
import { type Answer, type Facts } from './fact-docs';
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
  | 'managementRestricted'
  | 'isPrivileged'
  | 'isBreakGlass'
  | 'isServiceAccount'
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
    managementRestricted: answerOf(user?.managementRestricted),
    isPrivileged: answerOf(roles && isPrivileged(roles)),
    isBreakGlass: answerOf(standing?.breakGlass),
    isServiceAccount: user?.resourceAccount ? 'yes' : answerOf(standing?.serviceAccount),
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
