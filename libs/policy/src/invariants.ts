import {
  type Action,
  actions,
  type Decision,
  heldBy,
  type PagedRole,
  type Quorum,
} from '@sallyport/evidence';
import { parseQuorum, unaskedReleasePack } from './obligations';
import { type Rule } from './rule';

/*
 * What no pack may ever do, whatever its rules say. `sallyport policy prove` shows each of these for the whole space of
 * facts. They stand in the product and not beside the rules, so that whoever weakens a rule cannot weaken the promise.
 */

type ByAction = Decision['rulings'];

/** What the rules can still come to while some facts are left open. */
export interface Outlook {
  mayPermit(action: Action): boolean;
  /** Whom the permits ask that fire whatever the open facts are. */
  surelyAsks(action: Action): Quorum;
  /** The rules that fire whatever the open facts are. */
  surelyFires: readonly Rule[];
}

/** What the pack should have ruled instead, in the form of the tables. */
export interface Expected {
  action: Action;
  effect: 'permit' | 'deny';
  /** As in `@approvals`. */
  quorum?: string;
  /** As in `@review`, `@page` and `@group`. */
  review?: true;
  page?: readonly PagedRole[];
  group?: true;
}

/** How an invariant would be broken. */
export interface Breach {
  instead: Expected;
  /** The actions whose rules matter. */
  actions: readonly Action[];
  /** False only where no completion of the open facts is a breach. */
  isPossible(outlook: Outlook): boolean;
  isFound(rulings: ByAction, fired: readonly Rule[]): boolean;
}

export interface Invariant {
  id: string;
  /** In plain words, as a promise. */
  says: string;
  /** For which facts, as a Cedar expression. */
  when: string;
  breach: Breach;
}

const permits = (action: Action): Breach => ({
  instead: { action, effect: 'deny' },
  actions: [action],
  isPossible: (outlook) => outlook.mayPermit(action),
  isFound: (rulings) => rulings[action].effect === 'permit',
});
const permitsBoth = (one: Action, other: Action, also: (rulings: ByAction) => boolean): Breach => ({
  instead: { action: one, effect: 'deny' },
  actions: [one, other],
  isPossible: (outlook) => outlook.mayPermit(one) && outlook.mayPermit(other),
  isFound: (rulings) =>
    rulings[one].effect === 'permit' && rulings[other].effect === 'permit' && also(rulings),
});
const asksLess = (action: Action, people: string): Breach => {
  const wanted = parseQuorum(people) ?? [];
  return {
    instead: { action, effect: 'permit', quorum: people },
    actions: [action],
    isPossible: (outlook) => outlook.mayPermit(action) && !covers(outlook.surelyAsks(action), wanted),
    isFound: (rulings) => rulings[action].effect === 'permit' && !covers(rulings[action].quorum, wanted),
  };
};
const asksNobody = (action: Action): Breach => ({
  instead: { action, effect: 'deny' },
  actions: [action],
  isPossible: (outlook) => outlook.mayPermit(action) && outlook.surelyAsks(action).length === 0,
  isFound: (rulings) => rulings[action].effect === 'permit' && rulings[action].quorum.length === 0,
});
const containsUnheld: Breach = {
  instead: { action: 'contain', effect: 'permit', review: true },
  actions: ['contain'],
  isPossible: (outlook) => outlook.mayPermit('contain') && !outlook.surelyFires.some(({ review }) => review),
  isFound: (rulings) => rulings.contain.effect === 'permit' && heldBy(rulings).length === 0,
};
/** What a rule that fires brings with it is brought whatever else fires. */
const without = (also: Pick<Expected, 'page' | 'group'>, brings: (rule: Rule) => boolean): Breach => ({
  instead: { action: 'release', effect: 'deny', ...also },
  actions,
  isPossible: ({ surelyFires }) => !surelyFires.some(brings),
  isFound: (_rulings, fired) => !fired.some(brings),
});
const deniesOrAsks = (action: Action): Breach => ({
  instead: { action, effect: 'permit' },
  actions: [action],
  isPossible: () => true,
  isFound: (rulings) => rulings[action].effect === 'deny' || rulings[action].quorum.length > 0,
});

/** Whether `quorum` asks at least whom `wanted` asks. */
export function covers(quorum: Quorum, wanted: Quorum): boolean {
  return wanted.every(({ role, count }) => quorum.some((slot) => slot.role === role && slot.count >= count));
}

const fact = (test: string) => `context.facts.${test}`;
const either = (...tests: string[]) => tests.map(fact).join(' || ');
const all = (...tests: string[]) => tests.map(fact).join(' && ');

/** Whom or what nothing is done to: [id, in words, when]. */
const untouched: readonly [id: string, says: string, when: string][] = [
  ['break-glass', 'an emergency access account', fact('isBreakGlass != "no"')],
  ['service', 'a service or resource account', fact('isServiceAccount != "no"')],
  ['workload', 'what may be an application', fact('isWorkloadIdentity != "no"')],
  ['guest', 'a guest', fact('isGuest != "no"')],
  ['deleted', 'a deleted account', either('accountDeleted != "no"', 'accountExists != "yes"')],
  ['unresolved', 'an account that the ticket does not name', fact('subjectResolved != "yes"')],
  ['unread', 'an account of which a required reading is missing', fact('readingsComplete != "yes"')],
  ['stale', 'evidence that is stale', `!${fact('evidenceAgeKnown')} || ${fact('evidenceAgeMinutes > 60')}`],
  ['processing', 'a risk that is still computed', fact('riskProcessing != "no"')],
  [
    'unknown-risk',
    'a risk that is unknown or hidden',
    either('riskState == "unknown"', 'riskLevel == "unknown"', 'riskLevel == "hidden"'),
  ],
];

/** What is never released and never closed: people look, whoever agrees. */
const unreleased: readonly [id: string, says: string, when: string][] = [
  ['privileged', 'a privileged account', fact('isPrivileged != "no"')],
  ['token-theft', 'a case of token theft', fact('hasTokenTheft != "no"')],
  ['nation-state', 'a case with a nation-state address', fact('hasNationState != "no"')],
  ['threat-intelligence', 'a match of threat intelligence', fact('hasThreatIntelligence != "no"')],
  ['compromised', 'an account confirmed as compromised', fact('hasConfirmedCompromise != "no"')],
  ['post-compromise', 'activity of somebody inside', fact('hasPostCompromiseActivity != "no"')],
  ['unclassified', 'a case with a detection of an unknown kind', fact('hasUnclassifiedDetection != "no"')],
  ['unknown-level', 'a case with a detection of unknown level', fact('highestDetectionLevel == "unknown"')],
  [
    'release-readings',
    'a case whose logs, devices or manager are not read',
    fact('releaseReadingsComplete != "yes"'),
  ],
  ['other-device', 'an account with another new device', fact('otherDeviceEnrolledInWindow != "no"')],
  [
    'changed',
    'an account whose methods, consents or roles changed, or may have changed, in the suspect window',
    either('securityInfoChangedInWindow != "no"', 'consentInWindow != "no"', 'roleChangedInWindow != "no"'),
  ],
];

/** What is not released, though it may be closed. */
const unproven: readonly [id: string, says: string, when: string][] = [
  [
    'unknown-credentials',
    'a case of which it is not known whether somebody else has the password',
    fact('hasLeakedCredentials == "unknown"'),
  ],
  ['mfa', 'an account without MFA after the detection', fact('mfaPassedAfterDetection != "yes"')],
  ['device', 'an account that was not used from a known device', fact('knownDeviceUsed != "yes"')],
  [
    'unexplained',
    'an account at risk by a sign-in that is not known to have failed or to be of the user',
    fact('judgedSignInsExplained != "yes"'),
  ],
  [
    'foreign-sign-in',
    'an account to which a sign-in succeeded, or may have, from a device that is not the user’s',
    fact('foreignSignInInWindow != "no"'),
  ],
  ['disabled', 'an account that somebody else disabled, or may have', fact('disabledByOthers != "no"')],
  [
    'dismissed-before',
    'an account whose risk somebody dismissed within a week',
    fact('riskDismissedRecently != "no"'),
  ],
  [
    'blocked',
    'an account refused with 50053',
    either('smartLockoutInWindow != "no"', 'maliciousAddressInWindow != "no"'),
  ],
  [
    'unexplained-device',
    'an account used from a device that is new, unless it was there before the detection and for less than 24 hours',
    `${fact('usedDeviceEnrolledInWindow != "no"')} && (${either('usedDeviceEnrolledBeforeDetection != "yes"', 'usedDeviceEnrolledHours >= 24')} || !${fact('usedDeviceEnrolledKnown')})`,
  ],
  [
    'old-password',
    'an account whose password somebody else may have and that we do not surely replace',
    `(${either('resetTakesEffect != "yes"', 'passwordReplacedByUs != "yes"')}) && (${either('riskLevel == "high"', 'highestDetectionLevel == "high"', 'hasLeakedCredentials != "no"')})`,
  ],
  ['requester', 'a case whose requester is not verified', fact('requesterVerified != "verified"')],
  ['unknown-request', 'a case of which it is not known who asks', fact('requesterRelation == "unknown"')],
  ['self-request', 'a case that the user asks about', fact('requesterRelation == "self"')],
  [
    'manager-request',
    'a case that the manager asks about, who would have to confirm',
    fact('requesterRelation == "manager"'),
  ],
  [
    'manager',
    'a case without a settled manager',
    either('managerKnown != "yes"', 'managerChangedRecently != "no"'),
  ],
  [
    'campaign',
    'one of many with the same detection',
    `!${fact('campaignKnown')} || ${fact('campaignUsers >= 10')}`,
  ],
  [
    'vip-high',
    'a VIP with high risk',
    `${fact('isVip != "no"')} && (${either('riskLevel == "high"', 'highestDetectionLevel == "high"', 'hasLeakedCredentials != "no"')})`,
  ],
  ['no-risk', 'a risk that is not open', fact('riskState != "atRisk"')],
];

/** What is not over with containment: a person looks at it afterwards. */
const held: readonly [id: string, says: string, when: string][] = [
  ['token-theft', 'a case of token theft', fact('hasTokenTheft == "yes"')],
  ['nation-state', 'a case with a nation-state address', fact('hasNationState == "yes"')],
  ['threat-intelligence', 'a match of threat intelligence', fact('hasThreatIntelligence == "yes"')],
  ['compromised', 'an account confirmed as compromised', fact('hasConfirmedCompromise == "yes"')],
  ['post-compromise', 'activity of somebody inside', fact('hasPostCompromiseActivity == "yes"')],
  ['unclassified', 'a case with a detection of an unknown kind', fact('hasUnclassifiedDetection == "yes"')],
  ['other-device', 'an account with another new device', fact('otherDeviceEnrolledInWindow == "yes"')],
  [
    'changed',
    'an account whose methods, consents or roles changed in the suspect window',
    // An account confirmed as compromised is held as that.
    `${fact('riskState != "confirmedCompromised"')} && (${either('securityInfoChangedInWindow == "yes"', 'consentInWindow == "yes"', 'roleChangedInWindow == "yes"')})`,
  ],
];

const fullyEvidencedLow = all(
  'accountEnabled == "yes"',
  'isVip == "no"',
  'riskState == "atRisk"',
  'riskLevel == "low"',
  'highestDetectionLevel == "low"',
  'hasLeakedCredentials == "no"',
  'judgedSignInsExplained == "yes"',
  'mfaPassedAfterDetection == "yes"',
  'knownDeviceUsed == "yes"',
  'usedDeviceEnrolledInWindow == "no"',
  'usedDeviceEnrolledKnown',
  'usedDeviceEnrolledHours >= 24',
);

const verbs = { contain: 'contains', release: 'releases', close: 'closes' } as const;
const always = 'true';
const high = either(
  'riskLevel == "high"',
  'highestDetectionLevel == "high"',
  'hasLeakedCredentials == "yes"',
);

const everyPack: readonly Invariant[] = [
  ...untouched.flatMap(([id, what, when]) =>
    (['contain', 'release', 'close'] as const).map((action) => ({
      id: `never-${action}-${id}`,
      says: `Automation never ${verbs[action]} ${what}.`,
      when,
      breach: permits(action),
    })),
  ),
  ...unreleased.flatMap(([id, what, when]) =>
    (['release', 'close'] as const).map((action) => ({
      id: `never-${action}-${id}`,
      says: `Automation never ${verbs[action]} ${what}.`,
      when,
      breach: permits(action),
    })),
  ),
  ...unproven.map(([id, what, when]) => ({
    id: `never-release-${id}`,
    says: `Automation never releases ${what}.`,
    when,
    breach: permits('release'),
  })),
  ...held.map(([id, what, when]) => ({
    id: `held-${id}`,
    says: `Wherever automation contains ${what}, a person looks afterwards.`,
    when,
    breach: containsUnheld,
  })),
  {
    id: 'break-glass-pages',
    says: 'The security lead is called for an emergency access account.',
    when: fact('isBreakGlass == "yes"'),
    breach: without({ page: ['securityLead'] }, ({ page }) => page.includes('securityLead')),
  },
  {
    id: 'campaign-groups',
    says: 'Many with the same detection are one group case.',
    when: all('campaignKnown', 'campaignUsers >= 10'),
    breach: without({ group: true }, ({ groups }) => groups),
  },
  {
    id: 'never-close-unproven',
    says: 'No case is closed as self-remediated without proof.',
    when: either('selfRemediated != "yes"', 'riskState != "remediated"'),
    breach: permits('close'),
  },
  {
    id: 'privileged-asks-two',
    says: 'An account that is, or may be, privileged is contained only after two people of SecOps.',
    when: fact('isPrivileged != "no"'),
    breach: asksLess('contain', 'secops:2'),
  },
  {
    id: 'vip-high-asks-lead',
    says: 'Who is, or may be, a VIP with high risk is contained only after the security lead.',
    when: `${fact('isVip != "no"')} && (${high})`,
    breach: asksLess('contain', 'securityLead:1'),
  },
  {
    id: 'high-asks-three',
    says: 'High risk or leaked credentials are released only after manager, identity operations and SecOps.',
    when: high,
    breach: asksLess('release', 'manager:1,identityOps:1,secops:1'),
  },
  {
    id: 'high-contained-first',
    says: 'High risk or leaked credentials are contained at once wherever a release is asked for.',
    when: high,
    breach: {
      instead: { action: 'release', effect: 'deny' },
      actions: ['release', 'contain'],
      isPossible: (outlook) => outlook.mayPermit('release'),
      isFound: ({ release, contain }) => release.effect === 'permit' && !contain.immediate,
    },
  },
  {
    id: 'release-waits-for-containment',
    says: 'No release passes over a containment that still waits for people.',
    when: always,
    breach: permitsBoth('release', 'contain', ({ contain }) => !contain.immediate),
  },
  {
    id: 'close-leaves-nothing',
    says: 'No case is closed while containment or release is due.',
    when: always,
    breach: {
      instead: { action: 'close', effect: 'deny' },
      actions: ['close', 'contain', 'release'],
      isPossible: (outlook) =>
        outlook.mayPermit('close') && (outlook.mayPermit('contain') || outlook.mayPermit('release')),
      isFound: ({ close, contain, release }) =>
        close.effect === 'permit' && (contain.effect === 'permit' || release.effect === 'permit'),
    },
  },
];

/** What is promised for a pack of this name. Only the pack that is known for it may release unasked, and only low risk. */
export function invariantsFor(pack: string): readonly Invariant[] {
  if (pack !== unaskedReleasePack)
    return [
      ...everyPack,
      {
        id: 'release-asks',
        says: 'Nothing is released unless somebody is asked, and SecOps is always among them.',
        when: always,
        breach: asksLess('release', 'secops:1'),
      },
    ];
  return [
    ...everyPack,
    {
      id: 'unasked-only-low',
      says: 'Nobody is asked only about low risk that is fully evidenced.',
      when: `!(${fullyEvidencedLow})`,
      breach: asksNobody('release'),
    },
    {
      id: 'asked-asks-secops',
      says: 'Everything else is released only after SecOps, among others.',
      when: `!(${fullyEvidencedLow})`,
      breach: asksLess('release', 'secops:1'),
    },
    {
      id: 'unasked-low-released',
      says: 'A low risk that is fully evidenced is released with nobody asked.',
      when: `${fullyEvidencedLow} && ${nothingAgainst()}`,
      breach: deniesOrAsks('release'),
    },
  ];
}

/** None of what forbids a release is, or may be, the case. */
function nothingAgainst(): string {
  return [...untouched, ...unreleased, ...unproven].map(([, , when]) => `!(${when})`).join(' && ');
}
