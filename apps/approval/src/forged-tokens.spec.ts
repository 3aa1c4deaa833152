/**
 * What the bot's endpoint answers to whoever is not the Bot Connector, over HTTP, with real keys, on a real case that
 * waits for this very vote. One row per forgery: what it is, what is sent, and the exact answer.
 */
import type { Case } from '@sallyport/case';
import { sampleDigest, sampleId } from '@sallyport/evidence/testing';
import { cardId } from '@sallyport/idempotency';
import { exportJWK, exportSPKI, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose';
import { approvalRig, type ApprovalRig, voting } from './testing/approval-rig';
import { botEndpoint, type BotEndpoint, serviceUrl } from './testing/bot-endpoint';
import { botIssuer, type Claims, type Signature } from './testing/bot-framework';
import { people } from './testing/teams-and-directory';

const otherTenant = sampleId(99);

let rig: ApprovalRig;
let endpoint: BotEndpoint;
let bot: BotEndpoint['bot'];
let c: Case;

beforeAll(async () => {
  rig = await approvalRig();
  endpoint = await botEndpoint(rig);
  ({ bot } = endpoint);
  c = await rig.newCase(...voting([{ role: 'secops', count: 2 }]));
}, 60_000);
afterAll(async () => {
  await endpoint.stop();
  await rig.close();
});

const post: BotEndpoint['post'] = (authorization, body) => endpoint.post(authorization, body);

/** A click of Ada's, as the Bot Connector would send it. */
const activity = (over: Record<string, unknown> = {}) => ({ ...endpoint.activity(c, people.ada), ...over });
const withValue = (action: object, value: object = {}) => {
  const plain = activity();
  return { ...plain, value: { ...plain.value, ...value, action: { ...plain.value.action, ...action } } };
};

const refused = (status: number, code: string) => ({
  status,
  type: 'application/problem+json; charset=utf-8',
  body: {
    type: `urn:sallyport:problem:${code}`,
    title: 'Not accepted',
    status,
    detail: 'The activity was not accepted. Nothing was recorded.',
    code,
  },
});

const bearer = (claims?: Claims, signature?: Signature) => endpoint.bearer(claims, signature);
const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const secretOf = (text: string) => new TextEncoder().encode(text);

type Row = [
  name: string,
  authorization: () => Promise<string | undefined> | string | undefined,
  number,
  string,
];
const tokens: Row[] = [
  ['no token', () => undefined, 401, 'missingToken'],
  ['an empty token', () => 'Bearer ', 401, 'missingToken'],
  ['another scheme', () => 'Basic YWRhOnBhc3M=', 401, 'missingToken'],
  ['two tokens at once', async () => `${await bearer()}, ${await bearer()}`, 401, 'missingToken'],
  ['a token of 10 kB', () => `Bearer ${'a'.repeat(10_000)}.b.c`, 401, 'missingToken'],
  ['what is no token', () => 'Bearer a.b.c', 401, 'invalidToken'],
  [
    'alg none, without a signature',
    () => `Bearer ${new UnsecuredJWT({ serviceurl: serviceUrl }).setIssuer(botIssuer).encode()}`,
    401,
    'missingToken',
  ],
  [
    'alg none, with some signature and a known key id',
    async () => `Bearer ${encoded({ alg: 'none', kid: 'k1' })}.${(await bot.token()).split('.')[1]}.AAAA`,
    401,
    'invalidToken',
  ],
  [
    'alg None in other letters',
    async () => `Bearer ${encoded({ alg: 'nOnE', kid: 'k1' })}.${(await bot.token()).split('.')[1]}.AAAA`,
    401,
    'invalidToken',
  ],
  [
    'HS256 with the public key as PEM for a secret',
    async () => bearer({}, { alg: 'HS256', key: secretOf(await exportSPKI(bot.keys.k1.publicKey)) }),
    401,
    'invalidToken',
  ],
  [
    'HS256 with the public key as JWK for a secret',
    async () =>
      bearer({}, { alg: 'HS256', key: secretOf(JSON.stringify(await exportJWK(bot.keys.k1.publicKey))) }),
    401,
    'invalidToken',
  ],
  [
    'PS256 instead of RS256',
    async () => bearer({}, { alg: 'PS256', key: (await generateKeyPair('PS256')).privateKey }),
    401,
    'invalidToken',
  ],
  [
    'ES256',
    async () => bearer({}, { alg: 'ES256', key: (await generateKeyPair('ES256')).privateKey }),
    401,
    'invalidToken',
  ],
  [
    'signed by a stranger under a known key id',
    () => bearer({}, { key: bot.keys.stranger.privateKey }),
    401,
    'invalidToken',
  ],
  [
    'a key of its own in its header',
    async () => {
      const jwk = await exportJWK(bot.keys.stranger.publicKey);
      const token = new SignJWT({ serviceurl: serviceUrl })
        .setProtectedHeader({ alg: 'RS256', kid: 'own', jwk })
        .setIssuer(botIssuer)
        .setAudience(rig.config.BOT_APP_ID)
        .setExpirationTime(Math.floor(rig.clock().getTime() / 1_000) + 600);
      return `Bearer ${await token.sign(bot.keys.stranger.privateKey)}`;
    },
    401,
    'invalidToken',
  ],
  ['an unknown key id', () => bearer({}, { kid: 'k9' }), 401, 'invalidToken'],
  ['no key id', () => bearer({}, { kid: null }), 401, 'invalidToken'],
  ['a key id that is a path', () => bearer({}, { kid: '../../keys/k1' }), 401, 'invalidToken'],
  ['another audience', () => bearer({ aud: sampleId(98) }), 401, 'invalidToken'],
  [
    'the Connector itself as audience',
    () => bearer({ aud: 'https://api.botframework.com' }),
    401,
    'invalidToken',
  ],
  [
    'our audience as a URI',
    () => bearer({ aud: `api://botid-${rig.config.BOT_APP_ID}` }),
    401,
    'invalidToken',
  ],
  ['our audience among others', () => bearer({ aud: [rig.config.BOT_APP_ID, 'x'] }), 401, 'invalidToken'],
  ['no audience', () => bearer({ aud: null }), 401, 'invalidToken'],
  [
    'issued by Entra, version 1',
    () => bearer({ iss: `https://sts.windows.net/${rig.config.ENTRA_TENANT_ID}/` }),
    401,
    'invalidToken',
  ],
  [
    'issued by Entra, version 2',
    () => bearer({ iss: `https://login.microsoftonline.com/${rig.config.ENTRA_TENANT_ID}/v2.0` }),
    401,
    'invalidToken',
  ],
  [
    'issued by the emulator',
    () => bearer({ iss: 'https://sts.windows.net/d6d49420-f39b-4df7-a1dc-d59a935871db/' }),
    401,
    'invalidToken',
  ],
  ['issued in another cloud', () => bearer({ iss: 'https://api.botframework.us' }), 401, 'invalidToken'],
  ['an issuer with a slash more', () => bearer({ iss: `${botIssuer}/` }), 401, 'invalidToken'],
  ['no issuer', () => bearer({ iss: null }), 401, 'invalidToken'],
  ['expired', () => bearer({ nbf: -7_200, exp: -301 }), 401, 'invalidToken'],
  ['not valid yet', () => bearer({ nbf: 301 }), 401, 'invalidToken'],
  ['without an end', () => bearer({ exp: null }), 401, 'invalidToken'],
  [
    'claims changed after signing',
    async () => {
      const [header, , signature] = (await bot.token({ aud: sampleId(98) })).split('.');
      const [, claims] = (await bot.token()).split('.');
      return `Bearer ${header}.${claims}.${signature}`;
    },
    401,
    'invalidToken',
  ],
  ['a key endorsed for another channel', () => bearer({}, { kid: 'k2' }), 403, 'notEndorsed'],
  ['a key endorsed for nothing', () => bearer({}, { kid: 'k3' }), 403, 'notEndorsed'],
  ['no service URL', () => bearer({ serviceurl: null }), 403, 'serviceUrlMismatch'],
  [
    'the service URL of another region',
    () => bearer({ serviceurl: 'https://smba.trafficmanager.net/amer/' }),
    403,
    'serviceUrlMismatch',
  ],
  [
    'the service URL without its slash',
    () => bearer({ serviceurl: serviceUrl.slice(0, -1) }),
    403,
    'serviceUrlMismatch',
  ],
];

type BodyRow = [name: string, body: () => unknown, number, string];
const bodies: BodyRow[] = [
  ['nothing', () => '{}', 400, 'malformedActivity'],
  ['a list', () => [activity()], 400, 'malformedActivity'],
  ['a message', () => activity({ type: 'message', text: 'approve' }), 400, 'malformedActivity'],
  ['another invoke', () => activity({ name: 'signin/tokenExchange' }), 400, 'malformedActivity'],
  ['another channel', () => activity({ channelId: 'webchat' }), 400, 'malformedActivity'],
  ['no id', () => activity({ id: '' }), 400, 'malformedActivity'],
  ['an id that is a number', () => activity({ id: 7 }), 400, 'malformedActivity'],
  ['an endless id', () => activity({ id: 'x'.repeat(1_001) }), 400, 'malformedActivity'],
  ['no sender', () => activity({ from: null }), 400, 'malformedActivity'],
  ['no conversation', () => activity({ conversation: {} }), 400, 'malformedActivity'],
  ['Action.Submit', () => withValue({ type: 'Action.Submit' }), 400, 'malformedActivity'],
  ['no verb', () => withValue({ verb: '' }), 400, 'malformedActivity'],
  ['an endless verb', () => withValue({ verb: 'approve'.repeat(100) }), 400, 'malformedActivity'],
  ['no card', () => withValue({ data: {} }), 400, 'malformedActivity'],
  ['a card that is an object', () => withValue({ data: { d: { $gt: '' } } }), 400, 'malformedActivity'],
  [
    'a comment that is too long',
    () => withValue({ data: { d: 'x', comment: 'x'.repeat(501) } }),
    400,
    'malformedActivity',
  ],
  [
    'a comment that is an object',
    () => withValue({ data: { d: 'x', comment: { html: '<b>' } } }),
    400,
    'malformedActivity',
  ],
  [
    'the channel of another tenant',
    () => activity({ channelData: { tenant: { id: otherTenant } } }),
    403,
    'wrongTenant',
  ],
  [
    'a conversation of another tenant',
    () => activity({ conversation: { id: 'c', tenantId: otherTenant } }),
    403,
    'wrongTenant',
  ],
  [
    'a service URL that the token does not name',
    () => activity({ serviceUrl: 'https://evil.example/' }),
    403,
    'serviceUrlMismatch',
  ],
  ['nobody', () => activity({ from: { id: '29:x', name: 'Ada' } }), 403, 'anonymousPerson'],
  [
    'an address for a person',
    () => activity({ from: { id: '29:x', aadObjectId: 'ada@x.example' } }),
    403,
    'anonymousPerson',
  ],
];

/** Whatever came, the case stands where it stood. */
async function expectUntouched(): Promise<void> {
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
}

describe('a token that is', () => {
  it.each(tokens)('%s', async (_, authorization, status, code) => {
    expect(await post(await authorization(), activity())).toEqual(refused(status, code));
    await expectUntouched();
  });
});

describe('under a true token, an activity with', () => {
  it.each(bodies)('%s', async (_, body, status, code) => {
    expect(await post(await bearer(), body())).toEqual(refused(status, code));
    await expectUntouched();
  });

  it('a host that is not ours, which the token names too', async () => {
    for (const evil of [
      'https://evil.example/',
      'http://smba.trafficmanager.net/',
      'https://a@smba.trafficmanager.net/',
    ]) {
      const answer = await post(await bearer({ serviceurl: evil }), activity({ serviceUrl: evil }));
      expect(answer).toEqual(refused(403, 'serviceUrlNotAllowed'));
    }
    await expectUntouched();
  });

  it.each([
    ['what is no JSON', '{"type":', 400, 'badBody'],
    ['a body of 100 kB', JSON.stringify({ type: 'x'.repeat(100_000) }), 413, 'bodyTooLarge'],
  ])('%s', async (_, body, status, code) => {
    expect(await post(await bearer(), body)).toMatchObject({ status, body: { status, code } });
    await expectUntouched();
  });

  it.each([
    [
      'a verb that is not ours',
      () => withValue({ verb: 'release' }),
      'This button is not one of ours. Nothing was recorded.',
    ],
    [
      'a card of another system',
      () => withValue({ data: { d: 'decision-1' } }),
      'This card does not belong to an open case.',
    ],
    [
      'the digest of another proposal',
      () => withValue({ data: { d: cardId(c.id, sampleDigest(99)) } }),
      'This card does not belong to an open case.',
    ],
    [
      'the digest of another proposal, only to look,',
      () => withValue({ verb: 'view', data: { d: cardId(c.id, sampleDigest(99)) } }),
      'This card does not belong to an open case.',
    ],
    [
      'a card of a case that is not there',
      () => withValue({ data: { d: cardId(`case-${'0'.repeat(32)}`, c.proposal?.digest ?? '') } }),
      'This card does not belong to an open case.',
    ],
  ])('%s is answered in words', async (_, body, value) => {
    expect(await post(await bearer(), body())).toMatchObject({
      status: 200,
      body: { statusCode: 200, type: 'application/vnd.microsoft.activity.message', value },
    });
    await expectUntouched();
  });
});

describe('the true click', () => {
  it('is a look, and no vote, where nobody pressed anything', async () => {
    for (const trigger of ['automatic', 'later', null]) {
      const answer = await post(await bearer(), withValue({}, { trigger }));
      expect(answer).toMatchObject({ status: 200, body: { statusCode: 200 } });
    }
    await expectUntouched();
  });

  it('votes, with properties that nobody asked for left behind', async () => {
    const data = {
      d: cardId(c.id, c.proposal?.digest ?? ''),
      role: 'securityLead',
      choice: 'deny',
      comment: '<b>ok</b>',
    };
    const body = { ...withValue({ data }), admin: true };
    const authorization = await bearer();
    expect(await post(authorization, body)).toMatchObject({
      status: 200,
      body: { statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' },
    });
    const { votes } = (await rig.caseNow(c)).proposal ?? {};
    expect(votes).toMatchObject([
      { voterId: people.ada, choice: 'approve', comment: { untrusted: '<b>ok</b>' } },
    ]);
    expect(JSON.stringify(votes)).not.toContain('securityLead');
    c = await rig.caseNow(c);

    // Replayed, with the same token: the card again, and no second vote.
    expect(await post(authorization, body)).toMatchObject({ status: 200, body: { statusCode: 200 } });
    await expectUntouched();

    // Its body exchanged, under its id and with the same token.
    for (const changed of [
      { ...body, from: { ...body.from, aadObjectId: people.bob } },
      { ...body, value: { ...body.value, action: { ...body.value.action, verb: 'deny' } } },
    ]) {
      expect(await post(authorization, changed)).toEqual(refused(403, 'activityChanged'));
    }
    await expectUntouched();
  });

  it('is refused under a key that was withdrawn, once the new key is known', async () => {
    const before = await bearer();
    await bot.rotate();
    rig.pass(60_000);
    expect(
      await post(await bearer({}, { kid: 'rotated' }), withValue({}, { trigger: 'automatic' })),
    ).toMatchObject({
      status: 200,
    });
    expect(await post(before, activity())).toEqual(refused(401, 'invalidToken'));
    await expectUntouched();
  });
});
