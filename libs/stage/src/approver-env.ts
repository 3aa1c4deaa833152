import {
  type GraphClient,
  groupProtection,
  type GroupProtection,
  MembershipReader,
  type RoleGroups,
} from '@sallyport/entra';
import { env } from '@sallyport/service';
import { z } from 'zod';
import { graphClientFrom } from './outside-env';

/** Whether a group that others than privileged administrators can change stops votes, or is only warned of. */
export const groupRequirements = ['required', 'warn'] as const;
export type GroupRequirement = (typeof groupRequirements)[number];

/** Who holds each role. Protect these groups; `ApproverGroups` checks it. */
export const approverEnv = {
  SECOPS_GROUP_ID: env.guid(),
  IDENTITY_OPS_GROUP_ID: env.guid(),
  SECURITY_LEAD_GROUP_ID: env.guid(),
  /**
   * Whether a service starts and takes votes although others than privileged administrators can change who approves
   * (`warn`), or not (`required`).
   */
  APPROVER_GROUPS_PROTECTED: z.enum(groupRequirements).default('required'),
};
export type ApproverConfig = z.output<z.ZodObject<typeof approverEnv>>;

/** Directory group of each role; the manager is read from the subject, not from a group. */
export function roleGroups(config: Omit<ApproverConfig, 'APPROVER_GROUPS_PROTECTED'>): RoleGroups {
  return {
    secops: config.SECOPS_GROUP_ID,
    identityOps: config.IDENTITY_OPS_GROUP_ID,
    securityLead: config.SECURITY_LEAD_GROUP_ID,
  };
}

/** The variable that names the group of each role, for words about it. */
export const groupVariables: Readonly<Record<string, keyof typeof approverEnv>> = {
  secops: 'SECOPS_GROUP_ID',
  identityOps: 'IDENTITY_OPS_GROUP_ID',
  securityLead: 'SECURITY_LEAD_GROUP_ID',
};

/** A click has ten seconds in all; each question to the directory gets less than half of them. */
const directoryTimeoutMs = 4_000;

/** For questions that a person waits for: ahead of whoever reads for other cases. */
function clickClientFrom(config: Parameters<typeof graphClientFrom>[0]): GraphClient {
  return graphClientFrom(config, {
    timeoutMs: directoryTimeoutMs,
    priority: 'release',
    budgetWaitMs: directoryTimeoutMs,
  });
}

/** Who is asked about voters at the click, and about the groups that make them voters. */
export interface VoterDirectory {
  people: MembershipReader;
  protectionOf: (groupId: string) => Promise<GroupProtection>;
}

/** A service has one: people who click at the same time share what is asked for them. */
export function voterDirectoryFrom(config: Parameters<typeof graphClientFrom>[0]): VoterDirectory {
  const client = clickClientFrom(config);
  return {
    people: new MembershipReader(client),
    protectionOf: (groupId) => groupProtection(client, groupId, ['approver-groups']),
  };
}
