import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
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
beforeEach(() => (received = []));

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
  timeoutMs: 200,
});
const client = () => new ConnectorClient(options(), credential);

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
  await expect(client().post({ channelId: '19:c' }, card, 's')).rejects.toMatchObject(expected);
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

it('the token never goes to a host that is not on the list', async () => {
  const ref = { serviceUrl: 'https://evil.example/', conversationId: 'c', activityId: '1' };
  await expect(client().update(ref, card, 's')).rejects.toMatchObject({ code: 'serviceUrlNotAllowed' });
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
