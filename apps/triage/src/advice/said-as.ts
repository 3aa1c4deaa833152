/** Words of plain English that a value of the evidence lends to a sentence which cites it, besides the value itself. */
type SaidAs = Readonly<Record<string, readonly string[]>>;

/**
 * By field and value. What is true and false is here, so that "compliant" can be said only of what is. A state that names
 * a person's act is said only as a state.
 */
const saidAs: Readonly<Record<string, SaidAs>> = {
  accountEnabled: {
    true: ['enabled'],
    false: ['disabled', 'not enabled'],
  },
  userType: { member: ['member'], guest: ['guest'] },
  synced: { true: ['synced', 'synchronised', 'synchronized'], false: ['not synced', 'cloud-only'] },
  breakGlass: { true: ['break-glass'], false: ['not a break-glass account', 'no break-glass account'] },
  serviceAccount: { true: ['service account'], false: ['not a service account', 'no service account'] },
  vip: { true: ['VIP', 'a VIP'], false: ['not a VIP', 'no VIP'] },
  mfaRegistered: {
    true: ['registered for MFA', 'MFA is registered'],
    false: ['not registered for MFA', 'MFA is not registered'],
  },
  selfServiceResetCapable: {
    true: ['self-service reset is possible', 'self-service password reset is possible'],
    false: ['self-service reset is not possible', 'self-service password reset is not possible'],
  },
  passwordlessCapable: { true: ['passwordless'], false: ['not passwordless'] },
  level: {
    low: ['low'],
    medium: ['medium'],
    high: ['high'],
    hidden: ['hidden'],
    none: ['none', 'no risk', 'without risk'],
  },
  state: {
    atRisk: ['at risk'],
    none: ['none'],
    dismissed: ['risk is dismissed', 'risk was dismissed', 'state dismissed', 'state is dismissed'],
    remediated: ['risk is remediated', 'risk was remediated', 'state remediated', 'state is remediated'],
  },
  succeeded: {
    true: ['succeeded', 'successful', 'successfully'],
    false: ['did not succeed', 'failed', 'unsuccessful', 'not successful'],
  },
  interactive: { true: ['interactive'], false: ['non-interactive', 'not interactive'] },
  mfa: {
    passed: ['passed', 'MFA'],
    claimed: ['MFA was claimed', 'MFA of an earlier sign-in', 'claimed MFA'],
    notPassed: ['did not pass MFA', 'MFA was not passed', 'without MFA'],
    unknown: ['MFA is not recorded', 'MFA is not known'],
  },
  conditionalAccess: {
    success: ['Conditional Access', 'satisfied'],
    failure: ['Conditional Access failed', 'failed Conditional Access'],
    notApplied: ['Conditional Access was not applied', 'Conditional Access did not apply'],
    unknown: ['Conditional Access is not known'],
  },
  knownDevice: {
    true: ['known device', 'device is known', 'device was known'],
    false: ['device is not known', 'device was not known', ...strange('device')],
  },
  knownNetwork: {
    true: ['known network', 'network is known', 'network was known', 'known address', 'address is known'],
    false: ['network is not known', 'address is not known', ...strange('network')],
  },
  kind: {
    selfServiceReset: ['reset', 'self-service reset', 'reset the password', 'password was reset'],
    securePasswordChange: ['secure password change'],
    passwordChange: ['password change', 'changed the password', 'password was changed'],
    adminPasswordReset: ['admin password reset', 'password was reset'],
    securityInfoRegistered: ['security info', 'registered', 'registration'],
    securityInfoDeleted: ['security info', 'deleted', 'deletion'],
    deviceRegistered: ['registered', 'registration'],
    consentGranted: ['consent granted', 'granted consent', 'consent was granted'],
    roleAssigned: ['role assigned', 'role was assigned'],
    managerChanged: ['change of the manager'],
    accountDisabled: ['account disabled', 'account was disabled'],
    accountEnabled: ['account enabled', 'account was enabled'],
    sessionsRevoked: ['sessions revoked', 'sessions were revoked'],
    riskDismissed: ['risk dismissed', 'risk was dismissed'],
  },
  by: {
    otherPerson: ['another person', 'by another person'],
    application: ['application', 'by an application'],
    subject: ['by the user', 'by the subject'],
    sallyport: ['Sallyport', 'by Sallyport'],
    unknown: [],
  },
  compliant: { true: ['compliant'], false: ['non-compliant', 'not compliant'] },
  managed: { true: ['managed'], false: ['not managed', 'unmanaged'] },
  verifiedChannel: {
    true: ['verified channel', 'over a verified channel'],
    false: [
      'no verified channel',
      'over no verified channel',
      'without a verified channel',
      'unverified channel',
    ],
  },
};
/** By field, whatever its value. */
const saidOfAny: SaidAs = {
  by: ['change', 'changes'],
  registeredAt: ['device was registered', 'registered device'],
  lastPasswordChangeAt: ['password change', 'password was changed'],
  sessionsValidFrom: ['sessions are valid from', 'sessions valid from'],
};

/** That something is new is a fact of the evidence, and would deny another: it has no plain word. */
function strange(what: string): string[] {
  return ['new', 'unknown', 'unusual'].flatMap((word) => [
    `${word} ${what}`,
    `${what} is ${word}`,
    `${what} was ${word}`,
  ]);
}

/** @returns phrases, each as it is written within a sentence */
export function phrasesFor(field: string, value: string | number | boolean): readonly string[] {
  return [
    ...(saidAs[field]?.[String(value)] ?? []),
    ...(saidOfAny[field] ?? []),
    ...(field === 'kind' ? spelledOut(String(value)) : []),
    ...(field === 'notKnown' ? [notKnown(String(value))] : []),
  ];
}

/** Of this part alone: `sign-ins are not known`. */
function notKnown(part: string): string {
  const name = part === 'signIns' ? 'sign-ins' : part;
  return `${name} ${name.endsWith('s') ? 'are' : 'is'} not known`;
}

/** `unlikelyTravel` as `unlikely travel`, and as the `travel` that it is about, where a kind of detection is words in a row. */
function spelledOut(kind: string): string[] {
  const words = kind.match(/^[a-z]+|[A-Z]{2,}(?![a-z])|[A-Z][a-z]+/g) ?? [];
  // Kinds of change are acts: how they are said is above.
  if (words.length < 2 || words.join('') !== kind || kind in (saidAs['kind'] ?? {})) return [];
  const plain = words.map((word) => (/^[A-Z]{2}/.test(word) ? word : word.toLowerCase()));
  return [plain.join(' '), ...plain.slice(-1)];
}
