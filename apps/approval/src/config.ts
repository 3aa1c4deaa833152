import { graphCloudOf } from '@sallyport/entra';
import { env } from '@sallyport/service';
import { approverEnv, graphEnv, stageEnv } from '@sallyport/stage';
import { botCloudNames } from '@sallyport/teams';
import { z } from 'zod';
import { type BusinessHours, isTimeZone, parseHours } from './business-hours';

const channelId = z
  .string()
  .regex(/^19:.+@thread\.(tacv2|skype)$/, 'must be a Teams channel id (19:…@thread.tacv2)');

const loopback = new Set(['localhost', '127.0.0.1', '[::1]']);
/** Whoever could change what comes from there on its way could make tokens that we believe. */
const trustedUrl = env.url().refine(
  (text) => {
    // That it is no URL at all is told already.
    if (!URL.canParse(text)) return true;
    const { protocol, hostname } = new URL(text);
    return protocol === 'https:' || loopback.has(hostname);
  },
  { error: 'must be https; plain http on the loopback interface only' },
);

const hours = z.string().transform((text, ctx) => {
  const parsed = parseHours(text);
  if (!parsed)
    ctx.addIssue({
      code: 'custom',
      message: 'must look like "Mon-Fri 08:00-18:00" or "Sun-Thu 22:00-06:00"',
    });
  return parsed ?? z.NEVER;
});

export const approvalConfig = z
  .object({
    ...stageEnv,
    ...graphEnv,
    /** App registration of the Teams bot. Tokens made out to anybody else are refused. */
    BOT_APP_ID: env.guid(),
    BOT_APP_SECRET: env.secret(),
    /** Base address for proactive messages, such as https://smba.trafficmanager.net/emea/ */
    TEAMS_SERVICE_URL: env.url(),
    /** Which of Microsoft's clouds the bot is registered in; GCC is in the public one. */
    BOT_CLOUD: z.enum(botCloudNames).default('public'),
    /** Only for rehearsals: instead of the cloud's own. */
    BOT_OPENID_METADATA_URL: trustedUrl.optional(),
    BOT_TOKEN_ISSUER: trustedUrl.optional(),
    /** Address of the console as people reach it; cards link to the case there. */
    CONSOLE_URL: env.url().optional(),
    /** How many times Teams' documented limits for each conversation hold here; more than 1 only for rehearsals. */
    TEAMS_LIMITS_FACTOR: z.coerce.number().min(0.1).max(1_000).default(1),
    /** Channel in which SecOps, Identity Operations and security leads are asked, and manual reviews are told. */
    TEAMS_APPROVALS_CHANNEL_ID: channelId,
    ...approverEnv,
    /** Where the security lead is called as well, where a rule says so; the members of the group are, one by one. */
    SECURITY_LEAD_CHANNEL_ID: channelId.optional(),
    /** Time to answer, in minutes. After it the case goes to manual review; silence never approves. */
    APPROVAL_TTL_MINUTES: env.int(240, 5, 10_080),
    /** How often those who have not answered are reminded, evenly spread over the time; one reminder is at half time. */
    APPROVAL_REMINDERS: env.int(1, 0, 3),
    /** Minutes after which others are told as well, where there are any. Unset: three quarters of the time to answer. */
    ESCALATION_AFTER_MINUTES: z.coerce.number().int().min(1).max(10_080).optional(),
    /** Whom an escalation tells: another channel, the members of a group one by one, or both. It gives nobody a right. */
    ESCALATION_CHANNEL_ID: channelId.optional(),
    ESCALATION_GROUP_ID: env.guid().optional(),
    /** Working hours, such as `Mon-Fri 08:00-18:00`, also past midnight: only they count as time to answer. Unset: every hour counts. */
    APPROVAL_HOURS: hours.optional(),
    /** IANA name of the zone that the hours are in. */
    APPROVAL_TIME_ZONE: z
      .string()
      .refine(isTimeZone, 'must be a time zone such as Europe/Budapest')
      .default('UTC'),
    /** Days on which nobody works: `2026-12-25,2026-12-26`. */
    APPROVAL_HOLIDAYS: env.list().pipe(z.array(z.iso.date()).max(400)).default([]),
  })
  .refine(
    ({ ESCALATION_AFTER_MINUTES: after, APPROVAL_TTL_MINUTES: ttl }) => after === undefined || after < ttl,
    { path: ['ESCALATION_AFTER_MINUTES'], error: 'must be less than APPROVAL_TTL_MINUTES' },
  )
  .refine(
    // A tenant, its directory and its bot are in one cloud; a Graph that is not Microsoft's is a rehearsal.
    ({ BOT_CLOUD: cloud, GRAPH_BASE_URL: graph }) => (graphCloudOf(graph)?.name ?? cloud) === cloud,
    { path: ['BOT_CLOUD'], error: 'must be the cloud of GRAPH_BASE_URL' },
  );
export type ApprovalConfig = z.output<typeof approvalConfig>;

export const approvalConfigToken = Symbol('approval config');

/** When people are at work, or null where every hour counts. */
export function businessHours(config: ApprovalConfig): BusinessHours | null {
  const { APPROVAL_HOURS, APPROVAL_TIME_ZONE, APPROVAL_HOLIDAYS } = config;
  if (!APPROVAL_HOURS) return null;
  return { ...APPROVAL_HOURS, timeZone: APPROVAL_TIME_ZONE, holidays: new Set(APPROVAL_HOLIDAYS) };
}

/** Whether there is anybody to escalate to. */
export function escalates(config: ApprovalConfig): boolean {
  return config.ESCALATION_CHANNEL_ID !== undefined || config.ESCALATION_GROUP_ID !== undefined;
}
