import { sampleId } from '@sallyport/evidence/testing';
import { manager, type Outside, people, second, subject } from './outside';
import type { Story } from './play';

const approving = [
  { voter: manager, choice: 'approve' },
  { voter: people.ada, choice: 'approve' },
] as const;
/** Clicks that must count for nothing stand before those that do. */
const meddling = [
  { voter: subject, choice: 'approve' },
  { voter: people.stranger, choice: 'approve' },
] as const;

/** More than machines with a time service are apart. Beyond a minute nothing but the account before the call is proof. */
const skewMs = 45_000;

const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';

/** The account is disabled, and Graph refuses to enable it. */
const halfReleased: Story['given'] = (_account, outside) => {
  outside.disable(2);
  outside.first.enableAccount = '403';
};

/** Many others show the same detection: nobody is released alone. */
function manyAlike(outside: Outside): void {
  const alike = outside.detection('', 3, 'unfamiliarFeatures');
  outside.detectionsOfOthers = Array.from({ length: 11 }, (_, at) => {
    return { ...alike, id: `other-${at}`, userId: sampleId(600 + at) };
  });
}

export const stories: readonly Story[] = [
  {
    name: 'release',
    given: (_account, outside) => outside.disable(2),
    ballots: [...meddling, ...approving],
    ends: ['released'],
    writes: ['dismissRisk', 'enableAccount'],
  },
  {
    name: 'contain',
    given: (account) => (account.risk.level = 'high'),
    ballots: approving,
    ends: ['contained'],
    writes: ['revokeSessions', 'forcePasswordChange'],
  },
  {
    name: 'changed after the approval',
    ballots: approving,
    when: {
      event: 'approval.decided',
      then: (outside) =>
        outside.account.detections.push(outside.detection('detection-2', 0, 'anonymizedIPAddress')),
    },
    ends: ['manualReview'],
    writes: [],
  },
  {
    name: 'at risk again after the release',
    // A device of the suspect window would be a reason for a person to look.
    given: (account) => (account.deviceAgeHours = 5_000),
    ballots: approving,
    when: {
      event: 'execution.completed',
      then: (outside) => {
        Object.assign(outside.account.risk, { state: 'atRisk', level: 'high' });
        outside.account.detections.push(outside.detection('detection-2', 0, 'maliciousIPAddress'));
      },
    },
    ends: ['contained'],
    writes: ['dismissRisk', 'revokeSessions', 'forcePasswordChange'],
  },
  {
    name: 'denied',
    ballots: [
      { voter: manager, choice: 'approve' },
      { voter: people.bob, choice: 'deny' },
    ],
    ends: ['manualReview'],
    writes: [],
  },
  { name: 'nobody answers', ballots: meddling, ends: ['manualReview'], writes: [] },
  {
    name: 'privileged',
    given: (account) => account.roles.push({ roleTemplateId: globalAdministrator }),
    ends: ['manualReview'],
    writes: [],
  },
  {
    name: 'first of a group',
    given: (account, outside) => {
      account.risk.level = 'high';
      manyAlike(outside);
    },
    ends: ['manualReview'],
    writes: ['revokeSessions', 'forcePasswordChange'],
  },
  {
    name: 'already remediated',
    given: (account, outside) => {
      const detail = 'userPerformedSecuredPasswordReset';
      const updatedAt = outside.ago(2);
      Object.assign(account.risk, { level: 'none', state: 'remediated', detail, updatedAt });
      const cured = { riskState: 'remediated', riskDetail: detail, lastUpdatedDateTime: updatedAt };
      account.detections = [{ ...outside.detection('detection-1', 3, 'unfamiliarFeatures'), ...cured }];
      account.passwordChangedAt = outside.ago(2);
      account.audits.push(outside.selfServiceReset(2));
    },
    ends: ['selfRemediated'],
    writes: [],
  },
  {
    name: 'two tickets',
    tickets: [subject, subject],
    given: (account) => (account.risk.level = 'high'),
    ends: ['contained', 'linked'],
    writes: ['revokeSessions', 'forcePasswordChange'],
  },
  {
    name: 'dry run',
    given: (account) => (account.risk.level = 'high'),
    ticket: { category: 'dry_run' },
    ballots: approving,
    ends: ['manualReview'],
    writes: [],
  },
  {
    name: 'the directory is ahead',
    oneOf: 4,
    given: (_account, outside) => ((outside.skewMs = skewMs), outside.disable(2)),
    ballots: approving,
    ends: ['released'],
    writes: ['dismissRisk', 'enableAccount'],
  },
  {
    name: 'the directory is behind',
    oneOf: 4,
    given: (account, outside) => ((outside.skewMs = -skewMs), (account.risk.level = 'high')),
    ballots: approving,
    ends: ['contained'],
    writes: ['revokeSessions', 'forcePasswordChange'],
  },
  {
    name: 'retry of a dismissal without effect',
    oneOf: 8,
    given: (_, outside) => (outside.first.dismissRisk = 'silent'),
    ballots: approving,
    endsReviews: 'retry',
    ends: ['released'],
    writes: ['dismissRisk', 'dismissRisk'],
  },
  {
    name: 'retry of half a containment',
    given: (account, outside) => {
      account.risk.level = 'high';
      outside.first.forcePasswordChange = '403';
    },
    endsReviews: 'retry',
    ends: ['contained'],
    writes: ['revokeSessions', 'forcePasswordChange', 'forcePasswordChange'],
  },
  {
    name: 'done by hand',
    oneOf: 4,
    given: (_, outside) => (outside.first.dismissRisk = 'silent'),
    ballots: approving,
    endsReviews: 'doneByHand',
    ends: ['resolvedByHand'],
    writes: ['dismissRisk'],
  },
  {
    name: 'two people in one dismissal',
    oneOf: 3,
    tickets: [subject, second],
    atOnce: true,
    ballots: approving,
    ends: ['released', 'released'],
    writes: ['dismissRisk', 'dismissRisk'],
    calls: 1,
  },
  {
    name: 'ticket closed before acting',
    oneOf: 4,
    ballots: approving,
    when: {
      event: 'approval.decided',
      then: ({ tickets }) =>
        tickets.forEach((ticket) => Object.assign(ticket, { state: '7', active: 'false' })),
    },
    ends: ['manualReview'],
    writes: [],
  },
  {
    name: 'ticket moved to somebody else before acting',
    oneOf: 8,
    ballots: approving,
    when: {
      event: 'approval.decided',
      then: ({ tickets }) =>
        tickets.forEach((ticket) => Object.assign(ticket, { 'u_risky_user.u_entra_object_id': second })),
    },
    // Asked anew, about the other one.
    ends: ['released'],
    writes: ['dismissRisk'],
  },
  {
    name: 'other rules before acting',
    oneOf: 8,
    ballots: approving,
    when: { event: 'approval.decided', then: (_, ground) => (ground.otherRules = true) },
    ends: ['released'],
    writes: ['dismissRisk'],
  },
  {
    name: 'blind watch',
    oneOf: 12,
    ballots: approving,
    when: { event: 'execution.completed', then: (outside) => outside.goBlind() },
    ends: ['manualReview'],
    writes: ['dismissRisk'],
  },
  {
    name: 'a password that only a person can change',
    oneOf: 4,
    given: (account) => ((account.risk.level = 'high'), (account.canReset = false)),
    ends: ['manualReview'],
    writes: ['revokeSessions'],
  },
  {
    name: 'a release of which a step is only for people',
    oneOf: 18,
    given: (account, outside) => (outside.disable(2), (account.synced = true)),
    ballots: approving,
    ends: ['manualReview'],
    writes: ['dismissRisk'],
  },
  {
    name: 'half a release',
    oneOf: 18,
    given: halfReleased,
    ballots: approving,
    // Watched first: what is left waits until nobody has to look at the account any more.
    ends: ['manualReview'],
    writes: ['dismissRisk', 'enableAccount'],
  },
  {
    name: 'half a release, at risk again and held',
    oneOf: 18,
    given: halfReleased,
    ballots: approving,
    when: {
      event: 'execution.completed',
      then: (outside) => {
        Object.assign(outside.account.risk, { state: 'atRisk' });
        manyAlike(outside);
      },
    },
    ends: ['manualReview'],
    writes: ['dismissRisk', 'enableAccount'],
  },
  {
    name: 'contain by raising the risk',
    setting: 'other',
    oneOf: 4,
    given: (account) => (account.risk.level = 'high'),
    ends: ['contained'],
    writes: ['revokeSessions', 'raiseRisk'],
  },
  {
    name: 'low risk that nobody is asked about',
    setting: 'other',
    oneOf: 4,
    given: (account, outside) => {
      account.risk.level = 'low';
      account.deviceAgeHours = 100;
      account.detections = [outside.detection('detection-1', 3, 'unfamiliarFeatures', 'low')];
    },
    ends: ['released'],
    writes: ['dismissRisk'],
  },
];
