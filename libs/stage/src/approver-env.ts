import { MembershipReader, type RoleGroups } from '@sallyport/entra';
import { env } from '@sallyport/service';
import type { z } from 'zod';
import { graphClientFrom } from './outside-env';

/** Who holds each role. Protect these groups: make them role-assignable. */
export const approverEnv = {
  SECOPS_GROUP_ID: env.guid(),
  IDENTITY_OPS_GROUP_ID: env.guid(),
  SECURITY_LEAD_GROUP_ID: env.guid(),
};
export type ApproverConfig = z.output<z.ZodObject<typeof approverEnv>>;

/** Directory group of each role; the manager is read from the subject, not from a group. */
export function roleGroups(config: ApproverConfig): RoleGroups {
  return {
    secops: config.SECOPS_GROUP_ID,
    identityOps: config.IDENTITY_OPS_GROUP_ID,
    securityLead: config.SECURITY_LEAD_GROUP_ID,
  };
}

/** A click has ten seconds in all; each question to the directory gets less than half of them. */
const directoryTimeoutMs = 4_000;

/** Asks the directory about voters at click time, ahead of whoever reads for other cases: a person waits. */
export function membershipReaderFrom(config: Parameters<typeof graphClientFrom>[0]): MembershipReader {
  return new MembershipReader(
    graphClientFrom(config, {
      timeoutMs: directoryTimeoutMs,
      priority: 'release',
      budgetWaitMs: directoryTimeoutMs,
    }),
  );
}
