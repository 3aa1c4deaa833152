import { env } from '@sallyport/service';
import { graphEnv, stageEnv } from '@sallyport/stage';
import { z } from 'zod';

export const approvalConfig = z.object({
  ...stageEnv,
  ...graphEnv,
  /** App registration of the Teams bot. Tokens made out to anybody else are refused. */
  BOT_APP_ID: env.guid(),
  BOT_APP_SECRET: env.secret(),
  /** Base address for proactive messages, such as https://smba.trafficmanager.net/emea/ */
  TEAMS_SERVICE_URL: env.url(),
  /** Only for national clouds and rehearsals. */
  BOT_OPENID_METADATA_URL: env.url().optional(),
  BOT_TOKEN_ISSUER: env.url().optional(),
  /** Channel in which SecOps, Identity Operations and security leads are asked, and manual reviews are told. */
  TEAMS_APPROVALS_CHANNEL_ID: z
    .string()
    .regex(/^19:.+@thread\.(tacv2|skype)$/, 'must be a Teams channel id (19:…@thread.tacv2)'),
  /** Who holds each role. Protect these groups: make them role-assignable. */
  SECOPS_GROUP_ID: env.guid(),
  IDENTITY_OPS_GROUP_ID: env.guid(),
  SECURITY_LEAD_GROUP_ID: env.guid(),
  /** Time to answer, in minutes. After it the case goes to manual review; silence never approves. */
  APPROVAL_TTL_MINUTES: env.int(240, 5, 10_080),
});
export type ApprovalConfig = z.output<typeof approvalConfig>;

/** Directory group of each role; the manager is read from the subject, not from a group. */
export function roleGroups(config: ApprovalConfig): {
  secops: string;
  identityOps: string;
  securityLead: string;
} {
  return {
    secops: config.SECOPS_GROUP_ID,
    identityOps: config.IDENTITY_OPS_GROUP_ID,
    securityLead: config.SECURITY_LEAD_GROUP_ID,
  };
}
