import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT, type CryptoKey, type JWTPayload } from 'jose';
import { botCloudNames, botClouds } from './bot-cloud';
import { createGate, type Gate } from './gate';
import { GateRefusal } from './gate-refusal';

const appId = '0d3f9f5e-7f4e-4d0c-8f57-5b9d7c1e0002';
const tenantId = 'c2b1f3a0-8a4b-4e77-b7c3-2f6a1d9e0003';
const voterId = '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001';
const serviceUrl = 'https://smba.trafficmanager.net/emea/';
const issuer = 'https://api.botframework.com';
const startS = Date.UTC(2026, 10, 20, 10) / 1_000;

const activity = {
  type: 'invoke',
  name: 'adaptiveCard/action',
  id: 'f:6f0c2a19-0d3b',
  timestamp: '2026-11-20T10:02:11.482Z',
  channelId: 'msteams',
  serviceUrl,
  from: { id: '29:1aBcExampleMriOne', name: 'Beth A.', aadObjectId: voterId },
  recipient: { id: `28:${appId}`, name: 'Identity Risk' },
  conversation: { id: '19:c@thread.tacv2;messageid=1', conversationType: 'channel', isGroup: true, tenantId },
  channelData: { tenant: { id: tenantId }, team: { id: '19:teamid@thread.tacv2' } },
  replyToId: '1795168931000',
  locale: 'en-GB',
  value: {
    action: {
      type: 'Action.Execute',
      verb: 'approve',
      data: { d: 'case-x.y', comment: ' Confirmed by phone ', admin: true },
    },
    trigger: 'manual',
  },
};
const claims = { serviceurl: serviceUrl };

let nowS: number;
let keys: { privateKey: CryptoKey; publicKey: CryptoKey };
let strangers: typeof keys;
let server: Server;
let origin: string;
let published: object[];
let metadataIssuer: string;
let keysOrigin: string;
let fetched: string[];
let down: boolean;
let gate: Gate;

const jwkOf = async (key: CryptoKey, kid: string, endorsements?: string[]) => ({
  ...(await exportJWK(key)),
  kid,
  use: 'sig',
  ...(endorsements ? { endorsements } : {}),
});

beforeAll(async () => {
  [keys, strangers] = await Promise.all([generateKeyPair('RS256'), generateKeyPair('RS256')]);
  server = createServer((request, response) => {
    fetched.push(request.url ?? '');
    const body = request.url?.endsWith('/keys')
      ? { keys: published }
      : { issuer: metadataIssuer, jwks_uri: `${keysOrigin}/keys` };
    response.writeHead(down ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(async () => {
  nowS = startS;
  fetched = [];
  down = false;
  metadataIssuer = issuer;
  keysOrigin = origin;
  published = [
    await jwkOf(keys.publicKey, 'k1', ['msteams']),
    await jwkOf(keys.publicKey, 'k2', ['webchat']),
  ];
  gate = createGate({
    appId,
    tenantId,
    openIdMetadataUrl: `${origin}/openidconfiguration`,
    serviceUrlHosts: ['smba.trafficmanager.net'],
    clock: () => new Date(nowS * 1_000),
  });
});

interface Forgery {
  header?: { alg?: string; kid?: string };
  issuer?: string;
  audience?: string | string[];
  claims?: JWTPayload;
  issuedAtS?: number;
  lifetimeS?: number;
  key?: CryptoKey | Uint8Array;
}
async function tokenOf(forgery: Forgery = {}): Promise<string> {
  const issuedAtS = forgery.issuedAtS ?? startS;
  return new SignJWT(forgery.claims ?? claims)
    .setProtectedHeader({ alg: 'RS256', kid: 'k1', ...forgery.header })
    .setIssuer(forgery.issuer ?? issuer)
    .setAudience(forgery.audience ?? appId)
    .setNotBefore(issuedAtS)
    .setExpirationTime(issuedAtS + (forgery.lifetimeS ?? 3_600))
    .sign(forgery.key ?? keys.privateKey);
}
const verify = async (forgery?: Forgery, body: unknown = activity) =>
  gate.verify(`Bearer ${await tokenOf(forgery)}`, body);
const refusal = async (outcome: Promise<unknown>) => {
  const error: unknown = await outcome.catch((reason: unknown) => reason);
  if (!(error instanceof GateRefusal)) throw new Error(`expected a refusal, got ${JSON.stringify(error)}`);
  return [error.status, error.code];
};

it('lets a genuine click pass and keeps only what may be used of it', async () => {
  expect(await verify()).toEqual({
    activityId: 'f:6f0c2a19-0d3b',
    voterId,
    voterName: { untrusted: 'Beth A.' },
    conversationId: '19:c@thread.tacv2;messageid=1',
    replyToId: '1795168931000',
    serviceUrl,
    verb: 'approve',
    trigger: 'manual',
    cardId: 'case-x.y',
    comment: { untrusted: 'Confirmed by phone' },
  });
});

describe.each(botCloudNames)('in the cloud %s', (name) => {
  const cloud = botClouds[name];
  const serviceUrls = {
    public: 'https://smba.trafficmanager.net/teams/',
    usGovernment: 'https://smba.infra.gov.teams.microsoft.us/teams/',
    china: 'https://smba.partner.example/teams/',
  };
  const mine = serviceUrls[name];
  const gateOf = () =>
    createGate({
      ...{ appId, tenantId, issuer: cloud.issuer, openIdMetadataUrl: `${origin}/openidconfiguration` },
      serviceUrlHosts: [new URL(mine).host],
      clock: () => new Date(nowS * 1_000),
    });
  const click = async (issuedBy: string, from: string) => {
    const token = await tokenOf({ issuer: issuedBy, claims: { serviceurl: from } });
    return gateOf().verify(`Bearer ${token}`, { ...activity, serviceUrl: from });
  };
  beforeEach(() => (metadataIssuer = cloud.issuer));

  it('its own issuer passes, and that of no other cloud', async () => {
    expect(await click(cloud.issuer, mine)).toMatchObject({ voterId, serviceUrl: mine });
    for (const other of botCloudNames.filter((one) => one !== name)) {
      expect(await refusal(click(botClouds[other].issuer, mine))).toEqual([401, 'invalidToken']);
      expect(await refusal(click(cloud.issuer, serviceUrls[other]))).toEqual([403, 'serviceUrlNotAllowed']);
      metadataIssuer = botClouds[other].issuer;
      expect(await refusal(click(cloud.issuer, mine))).toEqual([401, 'keysUnavailable']);
      metadataIssuer = cloud.issuer;
    }
  });

  it('all that it is asked by is in that cloud', () => {
    const end = { public: 'com', usGovernment: 'us', china: 'cn' }[name];
    for (const url of Object.values(cloud)) expect(new URL(url).hostname).toMatch(new RegExp(`\\.${end}$`));
  });
});

describe('a forged token is refused:', () => {
  it.each<[string, Forgery, number, string]>([
    ['signed by a stranger under a known key id', { key: 'stranger' as never }, 401, 'invalidToken'],
    ['unknown key id', { header: { kid: 'k9' } }, 401, 'invalidToken'],
    ['no key id', { header: { kid: undefined as never } }, 401, 'invalidToken'],
    ['PS256 instead of RS256', { header: { alg: 'PS256' }, key: 'ps256' as never }, 401, 'invalidToken'],
    ['another audience', { audience: 'https://api.botframework.com' }, 401, 'invalidToken'],
    ['our audience among others', { audience: [appId, 'other'] }, 401, 'invalidToken'],
    ['issued by Entra', { issuer: `https://sts.windows.net/${tenantId}/` }, 401, 'invalidToken'],
    ['issuer with a trailing slash', { issuer: `${issuer}/` }, 401, 'invalidToken'],
    ['expired beyond the skew', { issuedAtS: startS - 3_600 - 301 }, 401, 'invalidToken'],
    ['good for longer than its activities are remembered', { lifetimeS: 110 * 60 + 1 }, 401, 'invalidToken'],
    ['good for a year', { lifetimeS: 365 * 86_400 }, 401, 'invalidToken'],
    ['not valid yet beyond the skew', { issuedAtS: startS + 302 }, 401, 'invalidToken'],
    ['key endorsed for another channel', { header: { kid: 'k2' } }, 403, 'notEndorsed'],
    ['no service URL', { claims: {} }, 403, 'serviceUrlMismatch'],
    ['another service URL', { claims: { serviceurl: `${serviceUrl}x` } }, 403, 'serviceUrlMismatch'],
  ])('%s', async (_name, forgery, status, code) => {
    const key = forgery.key as unknown;
    if (key === 'stranger') forgery = { ...forgery, key: strangers.privateKey };
    if (key === 'ps256') forgery = { ...forgery, key: (await generateKeyPair('PS256')).privateKey };
    expect(await refusal(verify(forgery))).toEqual([status, code]);
  });

  it('but not one that is good for as long as its activities are remembered', async () => {
    expect((await verify({ lifetimeS: 110 * 60 })).verb).toBe('approve');
  });

  it.each([
    ['expired within the skew', startS - 3_600 - 299],
    ['not valid yet within the skew', startS + 299],
  ])('but not one that is %s', async (_name, issuedAtS) => {
    expect((await verify({ issuedAtS })).verb).toBe('approve');
  });

  it('alg none', async () => {
    const unsigned = new UnsecuredJWT(claims)
      .setIssuer(issuer)
      .setAudience(appId)
      .setExpirationTime(startS + 60);
    expect(await refusal(gate.verify(`Bearer ${unsigned.encode()}`, activity))).toEqual([
      401,
      'missingToken',
    ]);
    expect(await refusal(gate.verify(`Bearer ${unsigned.encode()}x`, activity))).toEqual([
      401,
      'invalidToken',
    ]);
  });

  it('HS256 with the public key as the secret', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(await exportJWK(keys.publicKey)));
    expect(await refusal(verify({ header: { alg: 'HS256' }, key: secret }))).toEqual([401, 'invalidToken']);
    expect(fetched).toEqual([]);
  });

  it('without an end', async () => {
    const endless = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'RS256', kid: 'k1' })
      .setIssuer(issuer)
      .setAudience(appId)
      .sign(keys.privateKey);
    expect(await refusal(gate.verify(`Bearer ${endless}`, activity))).toEqual([401, 'invalidToken']);
  });

  it.each([undefined, '', 'Bearer', 'Basic YTpi', 'Bearer a.b', `Bearer ${'a'.repeat(9_000)}.b.c`])(
    'authorization %p',
    async (authorization) => {
      expect(await refusal(gate.verify(authorization, activity))).toEqual([401, 'missingToken']);
    },
  );

  it('an activity changed under an id that was seen', async () => {
    const token = `Bearer ${await tokenOf()}`;
    await gate.verify(token, activity);
    const other = { ...activity, from: { ...activity.from, aadObjectId: tenantId } };
    expect(await refusal(gate.verify(token, other))).toEqual([403, 'activityChanged']);
    expect((await gate.verify(token, activity)).voterId).toBe(voterId);
  });

  it('an activity changed under a valid token is still held to the claims of the token', async () => {
    const token = `Bearer ${await tokenOf()}`;
    const elsewhere = { ...activity, serviceUrl: 'https://evil.example/' };
    expect(await refusal(gate.verify(token, elsewhere))).toEqual([403, 'serviceUrlMismatch']);
  });
});

describe('an activity is refused:', () => {
  const value = (over: object) => ({ ...activity, value: { ...activity.value, ...over } });
  const action = (over: object) => value({ action: { ...activity.value.action, ...over } });
  it.each<[string, unknown, number, string]>([
    ['nothing', null, 400, 'malformedActivity'],
    ['a message', { ...activity, type: 'message' }, 400, 'malformedActivity'],
    ['another invoke', { ...activity, name: 'signin/verifyState' }, 400, 'malformedActivity'],
    ['another channel', { ...activity, channelId: 'webchat' }, 400, 'malformedActivity'],
    ['Action.Submit', action({ type: 'Action.Submit' }), 400, 'malformedActivity'],
    ['no card id', action({ data: {} }), 400, 'malformedActivity'],
    ['a card id that is an object', action({ data: { d: { $ne: null } } }), 400, 'malformedActivity'],
    [
      'an oversized comment',
      action({ data: { d: 'x', comment: 'x'.repeat(501) } }),
      400,
      'malformedActivity',
    ],
    ['an oversized verb', action({ verb: 'x'.repeat(101) }), 400, 'malformedActivity'],
    ['another tenant', { ...activity, channelData: { tenant: { id: voterId } } }, 403, 'wrongTenant'],
    [
      'a conversation of another tenant',
      { ...activity, conversation: { ...activity.conversation, tenantId: voterId } },
      403,
      'wrongTenant',
    ],
    ['nobody', { ...activity, from: { id: '29:x', name: 'Guest' } }, 403, 'anonymousPerson'],
    [
      'a name as identity',
      { ...activity, from: { id: '29:x', aadObjectId: 'beth' } },
      403,
      'anonymousPerson',
    ],
  ])('%s', async (_name, body, status, code) => {
    expect(await refusal(verify({}, body))).toEqual([status, code]);
  });

  it('a host that is not on the list, even where token and activity agree', async () => {
    for (const url of [
      'https://evil.example/',
      'http://smba.trafficmanager.net/',
      'https://a@smba.trafficmanager.net/',
    ]) {
      const outcome = verify({ claims: { serviceurl: url } }, { ...activity, serviceUrl: url });
      expect(await refusal(outcome)).toEqual([403, 'serviceUrlNotAllowed']);
    }
  });

  it.each(['automatic', 'later', null, undefined])('trigger %p never counts as a click', async (trigger) => {
    expect((await verify({}, value({ trigger }))).trigger).toBe('automatic');
  });
});

describe('signing keys', () => {
  it('are fetched once for many clicks at the same moment, and again after a day', async () => {
    await Promise.all([verify(), verify(), verify()]);
    expect(fetched).toEqual(['/openidconfiguration', '/keys']);
    nowS += 24 * 3_600;
    await verify({ issuedAtS: nowS });
    expect(fetched).toHaveLength(4);
  });

  it('are asked for again after a rotation, but at most once a minute for unknown key ids', async () => {
    await verify();
    published = [await jwkOf(strangers.publicKey, 'k3', ['msteams'])];
    const rotated = { header: { kid: 'k3' }, key: strangers.privateKey };
    for (let flood = 0; flood < 5; flood++) await refusal(verify(rotated));
    expect(fetched).toHaveLength(2);
    nowS += 60;
    expect((await verify(rotated)).verb).toBe('approve');
    expect(await refusal(verify())).toEqual([401, 'invalidToken']);
    expect(fetched).toHaveLength(4);
  });

  it('of less than a day stay good while the metadata cannot be reached, and no longer', async () => {
    await verify();
    down = true;
    nowS += 24 * 3_600 - 1;
    expect((await verify({ issuedAtS: nowS })).verb).toBe('approve');
    nowS += 1;
    expect(await refusal(verify({ issuedAtS: nowS }))).toEqual([401, 'keysUnavailable']);
    down = false;
    nowS += 2;
    expect((await verify({ issuedAtS: nowS })).verb).toBe('approve');
  });

  it('from metadata of another issuer are not used', async () => {
    metadataIssuer = 'https://evil.example';
    expect(await refusal(verify())).toEqual([401, 'keysUnavailable']);
  });

  it('that the metadata places on another host are not fetched', async () => {
    keysOrigin = origin.replace('127.0.0.1', 'localhost');
    expect(await refusal(verify())).toEqual([401, 'keysUnavailable']);
    expect(fetched).toEqual(['/openidconfiguration']);
  });

  it('without endorsements speak for nobody', async () => {
    published = [await jwkOf(keys.publicKey, 'k1')];
    expect(await refusal(verify())).toEqual([403, 'notEndorsed']);
  });
});

it('does not start open', () => {
  const options = { appId, tenantId, serviceUrlHosts: ['smba.trafficmanager.net'] };
  for (const missing of [{ appId: '' }, { tenantId: '' }, { serviceUrlHosts: [] }]) {
    expect(() => createGate({ ...options, ...missing })).toThrow(TypeError);
  }
});
