import { teamsUserId } from '@sallyport/scenario';
import { SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { botConnectorIssuer } from './bot-framework-keys';
import { type World } from './world';

/** Teams gives up on an invoke after 10 to 15 seconds. */
const invokeTimeoutMs = 15_000;
const tokenLifetimeSeconds = 3_600;

export const clickSchema = z.strictObject({
  /** Id of the person who clicks. Somebody unknown to the tenant clicks with this as object id. */
  person: z.string(),
  conversationId: z.string(),
  activityId: z.string(),
  verb: z.string(),
  data: z.record(z.string(), z.unknown()).default({}),
  /** `automatic` is the refresh when a card scrolls into view; nobody pressed anything. */
  trigger: z.enum(['manual', 'automatic']).default('manual'),
  /** Id of the invoke; the same one again is Teams retrying. */
  invokeId: z.string().optional(),
  /** What a forger would change about the token. Absent: a true one. */
  forged: z
    .strictObject({
      issuer: z.string().optional(),
      audience: z.string().optional(),
      serviceUrl: z.string().optional(),
      expiresInSeconds: z.number().int().optional(),
      /** Signs with the tenant's own Entra key, as any app in the tenant could. */
      key: z.literal('entra').optional(),
      none: z.literal(true).optional(),
    })
    .default({}),
});
export type Click = z.infer<typeof clickSchema>;

/** Sends what Teams sends when a person presses a button of a card. Returns the bot's answer; throws when it is unreachable. */
export async function click(given: Click, world: World): Promise<{ status: number; body: unknown }> {
  if (world.botEndpoint === null)
    throw new Error('no bot endpoint: set SIMULATOR_BOT_ENDPOINT or POST /_sim/teams/endpoint');
  const message = world.conversations.find(given.conversationId, given.activityId);
  if (message === undefined) throw new Error('no such message');
  const activity = invokeActivity(given, message.serviceUrl, message.channelId, world);
  const token = await connectorToken(given, message.serviceUrl, world);
  const response = await fetch(world.botEndpoint, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      ...(given.forged.none ? {} : { Authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify(activity),
    signal: AbortSignal.timeout(invokeTimeoutMs),
  });
  const text = await response.text();
  return {
    status: response.status,
    body: (response.headers.get('content-type') ?? '').includes('json') ? JSON.parse(text) : text,
  };
}

function invokeActivity(given: Click, serviceUrl: string, channelId: string | null, world: World) {
  const { SIMULATOR_TENANT_ID: tenantId, SIMULATOR_BOT_APP_ID: botAppId } = world.config;
  const user = world.state.users.current.get(given.person);
  return {
    type: 'invoke',
    name: 'adaptiveCard/action',
    id: given.invokeId ?? `f:${randomUUID()}`,
    timestamp: world.clock.now().toISOString(),
    channelId: 'msteams',
    serviceUrl,
    from: { id: teamsUserId(given.person), name: user?.displayName ?? 'Unknown', aadObjectId: given.person },
    recipient: { id: `28:${botAppId}`, name: 'Sallyport' },
    conversation: {
      id: given.conversationId,
      conversationType: channelId === null ? 'personal' : 'channel',
      isGroup: channelId !== null,
      tenantId,
    },
    channelData: {
      tenant: { id: tenantId },
      ...(channelId === null ? {} : { team: { id: channelId }, channel: { id: channelId } }),
    },
    replyToId: given.activityId,
    locale: 'en-GB',
    value: { action: { type: 'Action.Execute', verb: given.verb, data: given.data }, trigger: given.trigger },
  };
}

function connectorToken(
  { forged }: Click,
  serviceUrl: string,
  { keys, clock, config }: World,
): Promise<string> {
  const key = forged.key === 'entra' ? keys.entra : keys.botConnector;
  const issuedAt = Math.floor(clock.now().getTime() / 1_000);
  return new SignJWT({ serviceurl: forged.serviceUrl ?? serviceUrl })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: key.kid })
    .setIssuer(forged.issuer ?? botConnectorIssuer)
    .setAudience(forged.audience ?? config.SIMULATOR_BOT_APP_ID)
    .setNotBefore(issuedAt)
    .setExpirationTime(issuedAt + (forged.expiresInSeconds ?? tokenLifetimeSeconds))
    .sign(key.privateKey);
}
