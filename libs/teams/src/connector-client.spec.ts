import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { botClouds } from './bot-cloud';
import { cardOf } from './cards/adaptive-card';
import { ConnectorClient } from './connector-client';

interface Received {
  method: string | undefined;
  url: string | undefined;
  authorization: string | undefined;
  body: Record<string, unknown>;
}
type Scripted = { status: number; body?: object; headers?: Record<string, string> } | 'reset' | 'silence';

let server: Server;
let serviceUrl: string;
let received: Received[];
let script: (request: Received) => Scripted;
beforeAll(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method, url, headers } = request;
      const body = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>;
      const got = { method, url, authorization: headers.authorization, body };
      received.push(got);
      const scripted = script(got);
      if (scripted === 'silence') return;
      if (scripted === 'reset') return void response.socket?.destroy();
      response.writeHead(scripted.status, { 'content-type': 'application/json', ...scripted.headers });
      response.end(scripted.body ? JSON.stringify(scripted.body) : undefined);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  serviceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/teams/`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  received = [];
  sleptMs = [];
  nowMs += 3_600_000;
});

const card = cardOf([]);
const credential = {
  getToken: async () => ({ token: 'bot-token', expiresOnTimestamp: Date.UTC(2100, 0, 1) }),
};
const options = () => ({
  tenantId: 'c2b1f3a0-8a4b-4e77-b7c3-2f6a1d9e0003',
  appId: '0d3f9f5e-7f4e-4d0c-8f57-5b9d7c1e0002',
  appSecret: 'secret',
  serviceUrl,
  serviceUrlHosts: ['127.0.0.1'],
  timeoutMs: 15_000,
});
/** Waits of the client pass at once, and are written down. */
let sleptMs: number[];
let nowMs = 0;
const runtime = {
  nowMs: () => nowMs,
  sleep: async (delayMs: number) => {
    sleptMs.push(delayMs);
    nowMs += delayMs;
  },
  random: () => 1,
};
const client = (over: { timeoutMs?: number } = {}) =>
  new ConnectorClient({ ...options(), ...over }, credential, runtime);
/** Only who waits for nothing gives up soon. */
const patience = (scripted: Scripted) => (scripted === 'silence' ? { timeoutMs: 200 } : {});

it('posts a card to a channel in one request', async () => {
  script = () => ({ status: 201, body: { id: '19:c@thread.tacv2;messageid=1', activityId: '1' } });
  const ref = await client().post({ channelId: '19:c@thread.tacv2' }, card, 'Approval needed\u202e');
  expect(ref).toEqual({ serviceUrl, conversationId: '19:c@thread.tacv2;messageid=1', activityId: '1' });
  expect(received).toEqual([
    {
      method: 'POST',
      url: '/teams/v3/conversations',
      authorization: 'Bearer bot-token',
      body: {
        bot: { id: '28:0d3f9f5e-7f4e-4d0c-8f57-5b9d7c1e0002' },
        tenantId: options().tenantId,
        isGroup: true,
        channelData: { channel: { id: '19:c@thread.tacv2' }, tenant: { id: options().tenantId } },
        activity: {
          type: 'message',
          summary: 'Approval needed⟨U+202E⟩',
          attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card }],
        },
      },
    },
  ]);
});

it('posts a card to a person, in the conversation that is opened first', async () => {
  script = ({ url }) => ({ status: 201, body: { id: url?.endsWith('activities') ? 'm1' : 'a:1/x' } });
  const ref = await client().post({ userId: '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001' }, card, 's');
  expect(ref).toEqual({ serviceUrl, conversationId: 'a:1/x', activityId: 'm1' });
  expect(received[0]?.body['members']).toEqual([{ id: '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001' }]);
  expect(received[1]?.url).toBe('/teams/v3/conversations/a%3A1%2Fx/activities');
});

it('updates a message in place', async () => {
  script = () => ({ status: 200, body: { id: '1' } });
  await client().update({ serviceUrl, conversationId: 'c;messageid=1', activityId: '1' }, card, 's');
  expect(received[0]).toMatchObject({
    method: 'PUT',
    url: '/teams/v3/conversations/c%3Bmessageid%3D1/activities/1',
    body: { id: '1', type: 'message' },
  });
});

it.each<[Scripted, object]>([
  [
    { status: 429, headers: { 'retry-after': '5' } },
    { kind: 'throttled', retryAfterMs: 5_000, maybeDelivered: false },
  ],
  [{ status: 412 }, { kind: 'unavailable', maybeDelivered: false, retryable: true }],
  [{ status: 502 }, { kind: 'unavailable', maybeDelivered: true, retryable: true }],
  [{ status: 504 }, { kind: 'unavailable', maybeDelivered: true }],
  ['reset', { kind: 'unavailable', code: 'connection', maybeDelivered: true }],
  ['silence', { kind: 'unavailable', code: 'timeout', maybeDelivered: true }],
  [{ status: 201 }, { kind: 'unavailable', code: 'noConversationId', maybeDelivered: true }],
  [
    { status: 201, body: { id: 'c' } },
    { kind: 'unavailable', code: 'noActivityId', maybeDelivered: true },
  ],
  [{ status: 403 }, { kind: 'gone', retryable: false }],
  [{ status: 404 }, { kind: 'gone', maybeDelivered: false }],
  [{ status: 413 }, { kind: 'tooBig', retryable: false }],
  [{ status: 400 }, { kind: 'rejected', retryable: false }],
  [{ status: 307, headers: { location: 'https://evil.example/' } }, { kind: 'rejected' }],
])('a post answered with %j fails as %j, after one request', async (scripted, expected) => {
  script = () => scripted;
  const post = client(patience(scripted)).post({ channelId: '19:c' }, card, 's');
  await expect(post).rejects.toMatchObject(expected);
  expect(received).toHaveLength(1);
});

it('nothing is delivered yet while only the conversation is being opened', async () => {
  script = () => 'reset';
  await expect(client().post({ userId: 'u' }, card, 's')).rejects.toMatchObject({
    name: 'TeamsError',
    maybeDelivered: false,
    retryable: true,
  });
  script = ({ url }) => (url?.endsWith('activities') ? 'reset' : { status: 201, body: { id: 'c' } });
  await expect(client().post({ userId: 'u' }, card, 's')).rejects.toMatchObject({ maybeDelivered: true });
});

it('opens a chat again after a broken connection, because nobody sees that, and posts once', async () => {
  let opened = 0;
  script = ({ url }) => {
    if (url?.endsWith('activities')) return { status: 201, body: { id: 'm1' } };
    opened += 1;
    return opened < 3 ? 'reset' : { status: 201, body: { id: 'c' } };
  };
  await client().post({ userId: 'u' }, card, 's');
  expect(received.filter(({ url }) => url?.endsWith('activities'))).toHaveLength(1);
  expect(opened).toBe(3);
});

it('a server that cannot be reached at all has not got the message', async () => {
  const gone = createServer();
  await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
  const { port } = gone.address() as AddressInfo;
  await new Promise((resolve) => gone.close(resolve));
  const unreachable = new ConnectorClient(
    { ...options(), serviceUrl: `http://127.0.0.1:${port}/teams/` },
    credential,
    runtime,
  );
  await expect(unreachable.post({ channelId: '19:c' }, card, 's')).rejects.toMatchObject({
    code: 'connection',
    maybeDelivered: false,
    retryable: true,
  });
});

const ref = () => ({ serviceUrl, conversationId: '19:c;messageid=1', activityId: '1' });

it.each<[Scripted, number[]]>([
  [{ status: 412 }, [1_000, 2_000]],
  [{ status: 502 }, [1_000, 2_000]],
  [{ status: 504 }, [1_000, 2_000]],
  ['reset', [1_000, 2_000]],
  [{ status: 429, headers: { 'retry-after': '3' } }, [4_000, 5_000]],
  // Without Retry-After the conversation is left alone for two seconds: half of it is waited for by the backoff.
  [{ status: 429 }, [1_000, 1_000, 2_000]],
])('repeats an update that is answered with %j', async (scripted, waitsMs) => {
  script = () => (received.length < 3 ? scripted : { status: 200, body: {} });
  await client().update(ref(), card, 's');
  expect(received).toHaveLength(3);
  expect(sleptMs).toEqual(waitsMs);
});

it.each<[Scripted, number]>([
  [{ status: 504 }, 4],
  [{ status: 404 }, 1],
  [{ status: 403 }, 1],
  [{ status: 429, headers: { 'retry-after': '60' } }, 1],
])('gives an update up after %j, sent %d times', async (scripted, times) => {
  script = () => scripted;
  await expect(client().update(ref(), card, 's')).rejects.toMatchObject({ name: 'TeamsError' });
  expect(received).toHaveLength(times);
});

it('a 429 makes every other message to that conversation wait, and no other conversation', async () => {
  const one = client();
  script = () => ({ status: 429, headers: { 'retry-after': '4' } });
  await expect(one.post({ channelId: '19:c' }, card, 's')).rejects.toMatchObject({ kind: 'throttled' });
  script = () => ({ status: 201, body: { id: '19:c;messageid=1', activityId: '1' } });
  await one.post({ channelId: '19:other' }, card, 's');
  expect(sleptMs).toEqual([]);
  await one.post({ channelId: '19:c' }, card, 's');
  expect(sleptMs).toEqual([4_000]);
});

it('sends updates of one message in order, and of those that wait only the newest', async () => {
  script = () => ({ status: 200, body: {} });
  const one = client();
  await Promise.all(['first', 'second', 'third'].map((summary) => one.update(ref(), card, summary)));
  expect(received.map(({ body }) => body['summary'])).toEqual(['first', 'third']);
});

it('does not send what Teams would refuse as too big', async () => {
  const huge = cardOf([{ type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: 'x'.repeat(60_000) }] }]);
  const refused = { kind: 'tooBig', code: 'messageTooBig', retryable: false };
  await expect(client().post({ channelId: '19:c' }, huge, 's')).rejects.toMatchObject(refused);
  await expect(client().update(ref(), huge, 's')).rejects.toMatchObject(refused);
  expect(received).toEqual([]);
});

it('asks for a token of its own cloud', async () => {
  const asked: unknown[] = [];
  const getToken = async (scope: string | string[]) => {
    asked.push(scope);
    return credential.getToken();
  };
  script = () => ({ status: 201, body: { id: 'c', activityId: '1' } });
  const { tokenScope } = botClouds.usGovernment;
  await new ConnectorClient(options(), { getToken }, runtime).post({ channelId: '19:c' }, card, 's');
  const abroad = new ConnectorClient({ ...options(), tokenScope }, { getToken }, runtime);
  await abroad.post({ channelId: '19:c' }, card, 's');
  expect(asked).toEqual(['https://api.botframework.com/.default', 'https://api.botframework.us/.default']);
});

it('the token never goes to a host that is not on the list', async () => {
  const stolen = { ...ref(), serviceUrl: 'https://evil.example/' };
  await expect(client().update(stolen, card, 's')).rejects.toMatchObject({ code: 'serviceUrlNotAllowed' });
  expect(
    () => new ConnectorClient({ ...options(), serviceUrl: 'https://evil.example/' }, credential),
  ).toThrow(TypeError);
});

it.each([
  [
    Object.assign(new Error('invalid_client'), { statusCode: 401 }),
    { kind: 'rejected', code: 'tokenRefused' },
  ],
  [new Error('down'), { kind: 'unavailable', code: 'tokenUnavailable', maybeDelivered: false }],
])('without a token nothing is sent (%s)', async (reason, expected) => {
  const without = new ConnectorClient(options(), { getToken: () => Promise.reject(reason) });
  await expect(without.post({ channelId: 'c' }, card, 's')).rejects.toMatchObject(expected);
  expect(received).toEqual([]);
});
