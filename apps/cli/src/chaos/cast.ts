/** The cases of a chaos run: a few kinds of story about people who exist only in it. */
import { randomUUID } from 'node:crypto';
import type { ReviewReason, StepKind } from '@sallyport/evidence';
import { caseIdFor } from '@sallyport/idempotency';
import {
  incidentNumber,
  simulatedClients,
  stableGuid,
  stableSysId,
  type TenantGiven,
} from '@sallyport/scenario';
import type { Electorate } from '../../../../tools/allowed';
import { rehearsal } from '../stack/service-env';

export interface Ballot {
  person: string;
  choice: 'approve' | 'deny';
}

export interface ChaosCase {
  kind: string;
  tenant: TenantGiven;
  caseId: string;
  ticketSysId: string;
  ticketNumber: string;
  subjectId: string;
  /** Who answers, with directory object id. */
  ballots: readonly Ballot[];
  /** The ticket message, the same at every delivery. */
  message: { id: string; body: string };
  /** How it ends where nothing that it met was beyond repair; else it is with a person. */
  ends: string;
  /** Why a person has it, where that is how it ends. */
  review?: ReviewReason;
  /** What has then been done in the directory. */
  writes: readonly StepKind[];
  /** Whose votes count. */
  electorate: Electorate;
}

type Kind = (
  name: string,
  at: number,
) => Pick<ChaosCase, 'ballots' | 'ends' | 'review' | 'writes'> & { user: object; more?: object[] };

/** As the tenant of every rehearsal has them. */
const holders = {
  secops: ['sam', 'sara'].map((key) => stableGuid('user', key)),
  identityOps: [stableGuid('user', 'ivo')],
  securityLead: [stableGuid('user', 'lena')],
};
const sam = { person: stableGuid('user', 'sam'), choice: 'approve' } as const;
const lena = { person: stableGuid('user', 'lena'), choice: 'approve' } as const;
const managerOf = (name: string, choice: Ballot['choice']): Ballot => ({
  person: stableGuid('user', `${name}-manager`),
  choice,
});

/**
 * Ten users with one kind of detection around the same time are a campaign, in which nobody is released: those who
 * shall be released are spread over kinds and hours, and the others have a kind of their own, also over hours.
 */
const spread = [
  'unfamiliarFeatures',
  'unlikelyTravel',
  'newCountry',
  'anonymizedIPAddress',
  'impossibleTravel',
];
const ofOthers = 'maliciousIPAddress';
const hoursApart = [0, 3, 6];

/** High risk of the kind that nobody is released from. */
const highRisk = (at: number) => {
  const hours = hoursApart[at % hoursApart.length] ?? 0;
  return {
    risk: { level: 'high', lastUpdated: '-30m' },
    detections: [{ type: ofOthers, level: 'high', at: `-${hours * 60 + 40}m` }],
  };
};

/** Medium risk that a new device explains. */
const explained = (name: string, at: number) => {
  const turn = Math.floor(at / 4);
  const hours = hoursApart[Math.floor(turn / spread.length) % hoursApart.length] ?? 0;
  const ago = (minutes: number) => `-${hours * 60 + minutes}m`;
  return {
    risk: { level: 'medium', lastUpdated: ago(35) },
    manager: `${name}-manager`,
    devices: [{ key: `${name}-laptop`, registered: ago(300) }],
    detections: [{ type: spread[turn % spread.length], level: 'medium', at: ago(40) }],
    signIns: [{ at: ago(38), mfa: true, device: { key: `${name}-laptop`, trustType: 'Azure AD joined' } }],
  };
};
/** By automation of the tenant that is listed among our own applications: only then may a release enable it again. */
const disabledByUs = {
  ...{ at: '-30m', activity: 'Disable account', category: 'UserManagement' },
  by: { app: 'Automation', appId: simulatedClients.executorContainment.appId },
};
const withManager = (name: string) => [{ key: `${name}-manager`, displayName: `Manager of ${name}` }];

const kinds: Readonly<Record<string, Kind>> = {
  contain: (_name, at) => ({
    user: highRisk(at),
    ballots: [],
    ends: 'contained',
    writes: ['revokeSessions', 'forcePasswordChange'],
  }),
  release: (name, at) => ({
    user: explained(name, at),
    more: withManager(name),
    ballots: [managerOf(name, 'approve'), sam],
    ends: 'released',
    writes: ['dismissRisk'],
  }),
  blocked: (name, at) => ({
    user: { ...explained(name, at), accountEnabled: false, audits: [disabledByUs] },
    more: withManager(name),
    ballots: [managerOf(name, 'approve'), sam],
    ends: 'released',
    writes: ['dismissRisk', 'enableAccount'],
  }),
  vip: (_name, at) => ({
    user: { groups: ['vip'], ...highRisk(at) },
    ballots: [lena],
    ends: 'contained',
    writes: ['revokeSessions', 'forcePasswordChange'],
  }),
  remediated: () => ({
    user: {
      lastPasswordChangeDateTime: '-20m',
      risk: {
        level: 'none',
        state: 'remediated',
        detail: 'userPerformedSecuredPasswordReset',
        lastUpdated: '-19m',
      },
      detections: [
        {
          type: 'unfamiliarFeatures',
          level: 'medium',
          state: 'remediated',
          detail: 'userPerformedSecuredPasswordReset',
          at: '-50m',
          lastUpdated: '-19m',
        },
      ],
      signIns: [{ at: '-15m', mfa: true }],
      audits: [
        {
          at: '-20m',
          activity: 'Reset password (self-service)',
          service: 'Self-service Password Management',
        },
      ],
    },
    ballots: [],
    ends: 'selfRemediated',
    writes: [],
  }),
  denied: (name, at) => ({
    user: explained(name, at),
    more: withManager(name),
    ballots: [managerOf(name, 'deny')],
    ends: 'manualReview',
    review: 'approvalDenied',
    writes: [],
  }),
};

/** Which kind comes when: three in eight are contained, since containment is what must never be lost. */
const order = ['contain', 'release', 'remediated', 'contain', 'vip', 'blocked', 'contain', 'denied'] as const;

/** The `at`th case of a run. */
export function chaosCase(run: string, at: number): ChaosCase {
  const kind = order[at % order.length] ?? 'contain';
  const name = `${run}-${at}`;
  const made = kinds[kind]?.(name, at);
  if (!made) throw new RangeError(`there is no kind ${kind}`);
  const ticket = `${name}-ticket`;
  const ticketSysId = stableSysId('incident', ticket);
  const ticketNumber = incidentNumber(ticket);
  const user = { key: name, displayName: `Person ${name}`, ...made.user };
  return {
    kind,
    tenant: {
      users: [user, ...(made.more ?? [])],
      incidents: [{ key: ticket, subject: name, short_description: `Risky user: ${name}` }],
    } as TenantGiven,
    caseId: caseIdFor({ instance: rehearsal.instance, ticketSysId, episode: 'reopened-0' }),
    ticketSysId,
    ticketNumber,
    subjectId: stableGuid('user', name),
    ballots: made.ballots,
    message: { id: `msg_${randomUUID()}`, body: messageBody(ticketSysId, ticketNumber) },
    ends: made.ends,
    ...(made.review && { review: made.review }),
    writes: made.writes,
    electorate: {
      holders: { ...holders, manager: [managerOf(name, 'approve').person] },
      involved: [stableGuid('user', name)],
    },
  };
}

function messageBody(ticketSysId: string, number: string): string {
  const facts = { sys_mod_count: 0, reopen_count: 0, category: 'security' };
  return JSON.stringify({
    type: 'incident.created',
    timestamp: new Date().toISOString(),
    data: { sys_id: ticketSysId, number, instance: rehearsal.instance, ...facts },
  });
}
