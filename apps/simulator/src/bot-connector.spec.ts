import { simulatedClients, stableGuid, teamsChannelId, teamsUserId } from '@sallyport/scenario';
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { botAppId, runSimulator, type RunningSimulator, start, tenantId } from './testing/running-simulator';

const ines = stableGuid('user', 'ines');
const channel = teamsChannelId('secops');
let tenant: RunningSimulator;
let bot: Server;
let received: { authorization: string; body: ReturnType<typeof JSON.parse> }[] = [];

beforeAll(async () => {
  tenant = await runSimulator();
  await tenant.setClock(start);
  await tenant.load({
    users: [{ key: 'ines', displayName: 'Ines Varga' }],
    incidents: [{ key: 'ticket', number: 'INC0041207', subject: 'ines' }],
    teams: { channels: [{ key: 'secops' }] },
  });
  bot = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString());
      received.push({ authorization: request.headers.authorization ?? '', body });
      response.setHeader('content-type', 'application/json');
      response.end(
        JSON.stringify({ statusCode: 200, type: 'application/vnd.microsoft.activity.message', value: 'ok' }),
      );
    });
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/api/messages`;
  await tenant.call('POST', '/_sim/teams/endpoint', { body: { url } });
});
beforeEach(() => {
  received = [];
});
afterAll(async () => {
  await new Promise((resolve) => bot.close(resolve));
  await tenant.stop();
});

const card = (text: string) => ({
  type: 'message',
  attachments: [
    {
      contentType: 'application/vnd.microsoft.card.adaptive',
      content: { type: 'AdaptiveCard', body: [{ text }] },
    },
  ],
});
const postToChannel = (text: string) =>
  tenant.bot('POST', '/conversations', {
    body: { isGroup: true, channelData: { channel: { id: channel } }, activity: card(text) },
  });

it('posts a card to a channel, updates it, and keeps what it was', async () => {
  const posted = await postToChannel('Approval needed: case INC0041207');
  expect(posted.status).toBe(201);
  const { id, activityId } = posted.json;
  expect(id).toBe(`${channel};messageid=${activityId}`);
  const path = `/conversations/${encodeURIComponent(id)}/activities/${activityId}`;
  expect((await tenant.bot('PUT', path, { body: card('INC0041207 decided') })).status).toBe(200);
  const { messages } = (await tenant.call('GET', '/_sim/teams/messages?contains=INC0041207')).json;
  expect(messages).toHaveLength(1);
  expect(messages[0].earlier).toHaveLength(1);
  const { counts } = (await tenant.call('GET', `/_sim/writes?subject=${ines}`)).json;
  expect(counts).toEqual({ cardPosted: { asked: 1, applied: 1 }, cardUpdated: { asked: 1, applied: 1 } });
});

it.each([
  ['object id', ines],
  ['Teams id', teamsUserId(ines)],
])('writes to a person by %s', async (_how, memberId) => {
  const body = { members: [{ id: memberId }], tenantId, channelData: { tenant: { id: tenantId } } };
  const { id } = (await tenant.bot('POST', '/conversations', { body })).json;
  const sent = await tenant.bot('POST', `/conversations/${encodeURIComponent(id)}/activities`, {
    body: card('hello'),
  });
  expect(sent.status).toBe(201);
  const member = await tenant.bot('GET', `/conversations/${encodeURIComponent(id)}/members/${ines}`);
  expect(member.json).toMatchObject({ id: teamsUserId(ines), aadObjectId: ines, tenantId });
});

it('lets a bot send seven messages a second into one conversation, where limits are real', async () => {
  const limited = await runSimulator({ SIMULATOR_LIMITS: 'real' });
  const moment = jest.spyOn(Date, 'now');
  try {
    await limited.load({ teams: { channels: [{ key: 'secops' }, { key: 'other' }] } });
    const post = (to: string) =>
      limited.bot('POST', '/conversations', {
        body: { isGroup: true, channelData: { channel: { id: to } }, activity: card('x') },
      });
    // However slow the machine, all of this is one moment.
    moment.mockReturnValue(Date.now());
    const answers: number[] = [];
    for (let message = 0; message < 9; message += 1) answers.push((await post(channel)).status);
    expect(answers).toEqual([201, 201, 201, 201, 201, 201, 201, 429, 429]);
    expect((await post(teamsChannelId('other'))).status).toBe(201);
  } finally {
    moment.mockRestore();
    await limited.stop();
  }
});

it('refuses what Teams refuses', async () => {
  const unknown = {
    isGroup: true,
    channelData: { channel: { id: '19:other@thread.tacv2' } },
    activity: card('x'),
  };
  expect((await tenant.bot('POST', '/conversations', { body: unknown })).status).toBe(403);
  expect((await postToChannel('x'.repeat(60_000))).json.error.code).toBe('MessageSizeTooBig');
  expect(
    (await tenant.bot('PUT', `/conversations/${channel}/activities/1`, { body: card('x') })).status,
  ).toBe(404);
  expect((await tenant.call('POST', '/teams/v3/conversations', { body: {} })).status).toBe(401);
  const graphToken = await tenant.token(simulatedClients.executor, tenant.graphScope);
  const headers = { authorization: `Bearer ${graphToken}` };
  expect((await tenant.call('POST', '/teams/v3/conversations', { headers, body: {} })).status).toBe(401);
});

describe('a click', () => {
  const clickOn = async (more: object = {}) => {
    const { id, activityId } = (await postToChannel('press me')).json;
    const body = {
      person: ines,
      conversationId: id,
      activityId,
      verb: 'approve',
      data: { d: 'case', reason: 'Confirmed' },
      ...more,
    };
    return tenant.call('POST', '/_sim/teams/click', { body });
  };
  const keySet = async () => {
    const metadata = (await tenant.call('GET', '/botframework/v1/.well-known/openidconfiguration')).json;
    expect(metadata.issuer).toBe('https://api.botframework.com');
    return (await tenant.call('GET', new URL(metadata.jwks_uri).pathname)).json;
  };
  const verify = async () => {
    const token = received[0]?.authorization.replace('Bearer ', '') ?? '';
    return jwtVerify(token, createLocalJWKSet(await keySet()), {
      issuer: 'https://api.botframework.com',
      audience: botAppId,
      algorithms: ['RS256'],
      currentDate: start,
      clockTolerance: 60,
    });
  };

  it('reaches the bot as a true invoke, signed with an endorsed key', async () => {
    const reply = await clickOn();
    expect(reply.json).toMatchObject({ status: 200, body: { value: 'ok' } });
    const { payload } = await verify();
    const activity = received[0]?.body;
    expect(activity).toMatchObject({
      type: 'invoke',
      name: 'adaptiveCard/action',
      channelId: 'msteams',
      from: { aadObjectId: ines, name: 'Ines Varga' },
      recipient: { id: `28:${botAppId}` },
      conversation: { tenantId, conversationType: 'channel' },
      value: {
        trigger: 'manual',
        action: { type: 'Action.Execute', verb: 'approve', data: { reason: 'Confirmed' } },
      },
    });
    expect(payload['serviceurl']).toBe(activity.serviceUrl);
    const { kid } = decodeProtectedHeader(received[0]?.authorization.replace('Bearer ', '') ?? '');
    const key = (await keySet()).keys.find((candidate: { kid: string }) => candidate.kid === kid);
    expect(key.endorsements).toContain('msteams');
  });

  it.each([
    ['the audience', { audience: 'someone-else' }],
    ['the issuer', { issuer: 'https://attacker.example' }],
    ['the expiry', { expiresInSeconds: -3_600 }],
    ['the key', { key: 'entra' }],
  ])('can be forged in %s, which a bot must notice', async (_what, forged) => {
    await clickOn({ forged });
    await expect(verify()).rejects.toThrow();
  });

  it('on a message that is not there is an error of the scenario', async () => {
    expect((await clickOn({ activityId: '1' })).status).toBe(400);
  });
});
