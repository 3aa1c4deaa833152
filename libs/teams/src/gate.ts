import { activityKeptMs } from '@sallyport/idempotency';
import { decodeProtectedHeader, errors, jwtVerify, type JWTPayload } from 'jose';
import { activityFrom, invokeSchema, type InvokeActivity } from './activity';
import { botClouds } from './bot-cloud';
import { GateRefusal } from './gate-refusal';
import { SeenActivities } from './seen-activities';
import { isAllowedServiceUrl } from './service-url';
import { SigningKeys, type SigningKey } from './signing-keys';

export interface GateOptions {
  /** Application id of our bot: the only audience. */
  appId: string;
  tenantId: string;
  /** Default: the metadata of the public cloud's Bot Framework. */
  openIdMetadataUrl?: string;
  /** Default: the issuer of the public cloud's Bot Connector. */
  issuer?: string;
  /** Hosts that activities may name as theirs, for example `smba.trafficmanager.net`. */
  serviceUrlHosts: readonly string[];
  clock?: () => Date;
}

export interface Gate {
  /**
   * Everything that must hold before an activity is looked at by anything else. It proves that the Bot Connector
   * sent it, not what the person may do: ask the directory for that, at each click.
   *
   * @param authorization the `Authorization` header
   * @param body the parsed JSON body, bounded by the HTTP layer
   * @throws GateRefusal
   */
  verify(authorization: string | undefined, body: unknown): Promise<InvokeActivity>;
}

/** Bot Framework authentication: 5 minutes either way. */
const clockSkewS = 300;
/** A token that were good for longer could bring an activity again after it is forgotten. */
const tokenMaxLeftS = activityKeptMs / 1_000 - 2 * clockSkewS;
/** Tokens of the Connector are about 1 kB. */
const tokenMaxLength = 8_192;

/** @throws TypeError without app id, tenant or allowed hosts: an open gate must not start. */
export function createGate(options: GateOptions): Gate {
  const { appId, tenantId, serviceUrlHosts, clock = () => new Date() } = options;
  if (!appId || !tenantId || serviceUrlHosts.length === 0) {
    throw new TypeError('the gate needs an app id, a tenant id and at least one service host');
  }
  const issuer = options.issuer ?? botClouds.public.issuer;
  const metadataUrl = options.openIdMetadataUrl ?? botClouds.public.openIdMetadataUrl;
  const keys = new SigningKeys(metadataUrl, issuer, clock);
  const seen = new SeenActivities(clock);

  async function claimsOf(token: string, signingKey: SigningKey): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, signingKey.key, {
        algorithms: ['RS256'],
        issuer,
        audience: appId,
        requiredClaims: ['exp'],
        clockTolerance: clockSkewS,
        currentDate: clock(),
      });
      // jose also accepts a list of audiences that contains ours; a Connector token has exactly one.
      if (payload.aud !== appId) throw refused('invalidToken', 'more than one audience');
      const leftS = (payload.exp ?? Infinity) - clock().getTime() / 1_000;
      if (leftS > tokenMaxLeftS) throw refused('invalidToken', 'good for too long');
      return payload;
    } catch (error) {
      if (error instanceof errors.JOSEError) throw refused('invalidToken', error.code);
      throw error;
    }
  }

  return {
    async verify(authorization, body) {
      const token = bearerOf(authorization);
      const signingKey = await keyOf(token, keys);
      const claims = await claimsOf(token, signingKey);

      const parsed = invokeSchema.safeParse(body);
      if (!parsed.success) {
        const fields = parsed.error.issues.slice(0, 5).map((issue) => issue.path.join('.'));
        throw refused('malformedActivity', `unexpected ${fields.join(', ')}`);
      }
      const activity = parsed.data;
      if (!signingKey.endorsements.includes(activity.channelId)) {
        throw refused('notEndorsed', 'the key may not speak for this channel');
      }
      // Older tokens spell the claim in camel case; either way it must be the very same address.
      if ((claims['serviceurl'] ?? claims['serviceUrl']) !== activity.serviceUrl) {
        throw refused('serviceUrlMismatch', 'claim and activity differ');
      }
      if (!isAllowedServiceUrl(activity.serviceUrl, serviceUrlHosts)) {
        throw refused('serviceUrlNotAllowed', 'not an allowed host');
      }
      const tenants = [activity.conversation.tenantId, activity.channelData.tenant.id];
      if (tenants.some((tenant) => tenant.toLowerCase() !== tenantId.toLowerCase())) {
        throw refused('wrongTenant', 'another tenant');
      }
      const invoke = activityFrom(activity);
      if (invoke === null) throw refused('anonymousPerson', 'no directory identity');
      if (!seen.isFirstOrSame(invoke))
        throw refused('activityChanged', 'the same id, but not the same click');
      return invoke;
    },
  };
}

/** 401: no proof of the sender. 403: a genuine sender that may not come in. 400: not a click on a card. */
const statusOf = {
  missingToken: 401,
  invalidToken: 401,
  keysUnavailable: 401,
  notEndorsed: 403,
  serviceUrlMismatch: 403,
  serviceUrlNotAllowed: 403,
  wrongTenant: 403,
  anonymousPerson: 403,
  activityChanged: 403,
  malformedActivity: 400,
} as const;

function refused(code: keyof typeof statusOf, detail: string): GateRefusal {
  return new GateRefusal(code, statusOf[code], detail);
}

function bearerOf(authorization: string | undefined): string {
  const token = /^Bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(authorization ?? '')?.[1];
  if (token === undefined || token.length > tokenMaxLength) throw refused('missingToken', 'no bearer token');
  return token;
}

async function keyOf(token: string, keys: SigningKeys): Promise<SigningKey> {
  let keyId: string | undefined;
  try {
    const { alg, kid } = decodeProtectedHeader(token);
    // Before anything is fetched: no other algorithm is ever looked at.
    if (alg === 'RS256') keyId = kid;
  } catch {
    throw refused('invalidToken', 'unreadable header');
  }
  if (keyId === undefined) throw refused('invalidToken', 'not RS256, or no key id');
  let signingKey: SigningKey | null;
  try {
    signingKey = await keys.find(keyId);
  } catch (cause) {
    const refusal = refused('keysUnavailable', 'the signing keys cannot be fetched');
    refusal.cause = cause;
    throw refusal;
  }
  if (signingKey === null) throw refused('invalidToken', 'unknown signing key');
  return signingKey;
}
