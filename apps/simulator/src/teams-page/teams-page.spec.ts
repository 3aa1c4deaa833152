import { simulatedClients, stableGuid, teamsChannelId, teamsUserId } from '@sallyport/scenario';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { runSimulator, type RunningSimulator, start } from '../testing/running-simulator';

const marek = stableGuid('user', 'marek');
const sam = stableGuid('user', 'sam');
const channel = teamsChannelId('approvals');
let tenant: RunningSimulator;
let bot: Server;
let botAnswer: { type: string; value: unknown };
let received: { authorization: string | undefined; body: ReturnType<typeof JSON.parse> }[] = [];

beforeAll(async () => {
  tenant = await runSimulator();
  await tenant.setClock(start);
  await tenant.load({
    groups: [
      { key: 'secops', displayName: 'SecOps on-call', isAssignableToRole: true },
      { key: 'vip', displayName: 'VIPs' },
    ],
    users: [
      { key: 'ines', displayName: 'Ines Varga', groups: ['vip'] },
      { key: 'marek', displayName: 'Marek Horvath' },
      { key: 'sam', displayName: 'Sam Okoro', groups: ['secops'] },
      { key: 'gone', displayName: 'Gone Away', deleted: true },
      { key: 'shut', displayName: 'Shut Out', accountEnabled: false },
    ],
    incidents: [
      { key: 'ticket', number: 'INC0041207', subject: 'ines', state: '6', work_notes: ['first', 'second'] },
    ],
    teams: { channels: [{ key: 'approvals' }] },
  });
  bot = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      received.push({
        authorization: request.headers.authorization,
        body: JSON.parse(Buffer.concat(chunks).toString()),
      });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ statusCode: 200, ...botAnswer }));
    });
  });
  await new Promise<void>((resolve) => bot.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(bot.address() as AddressInfo).port}/api/messages`;
  await tenant.call('POST', '/_sim/teams/endpoint', { body: { url } });
});
beforeEach(() => {
  received = [];
  botAnswer = { type: 'application/vnd.microsoft.activity.message', value: 'Not one of the approvers.' };
});
afterAll(async () => {
  await new Promise((resolve) => bot.close(resolve));
  await tenant.stop();
});

const card = (text: string, actions: object[] = [{ type: 'Action.Execute', verb: 'approve' }]) => ({
  type: 'AdaptiveCard',
  version: '1.5',
  body: [{ type: 'TextBlock', text }],
  actions,
});
const activity = (text: string, actions?: object[]) => ({
  type: 'message',
  summary: text,
  attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: card(text, actions) }],
});
/** Posts as the bot does; the answer names the message. */
const toChannel = async (text: string) =>
  (
    await tenant.bot('POST', '/conversations', {
      body: { isGroup: true, channelData: { channel: { id: channel } }, activity: activity(text) },
    })
  ).json;
const toPerson = async (id: string, text: string) =>
  (
    await tenant.bot('POST', '/conversations', {
      body: { members: [{ id }], channelData: {}, activity: activity(text) },
    })
  ).json;
const view = async (person?: string) =>
  (await tenant.call('GET', `/teams-page/api/view${person === undefined ? '' : `?person=${person}`}`)).json;
const origin = () => `https://localhost:${tenant.simulator.port}`;
const clickAs = (
  person: string,
  { id, activityId }: { id: string; activityId: string },
  headers: Record<string, string> = { 'sec-fetch-site': 'same-origin', origin: origin() },
  more: object = {},
) =>
  tenant.call('POST', '/teams-page/api/click', {
    headers,
    body: {
      person,
      conversationId: id,
      activityId,
      verb: 'approve',
      data: { d: 'case', comment: 'I called her' },
      ...more,
    },
  });

describe('the page', () => {
  it('is served with everything that it loads, and may load nothing else', async () => {
    const page = await tenant.call('GET', '/teams-page');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style/);
    expect(page.text).not.toMatch(/<script>|<style|onclick=|http:|https:/);
    const loaded = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path = '']) => path);
    expect(loaded).toEqual(expect.arrayContaining(['/teams-page/page.js', '/teams-page/page.css']));
    for (const path of [...loaded, ...(await importsOf('/teams-page/page.js'))]) {
      const file = await tenant.call('GET', path);
      expect([path, file.status, String(file.headers['content-type'])]).toEqual([
        path,
        200,
        expect.stringMatching(path.endsWith('.css') ? /css/ : /javascript/),
      ]);
    }
  });

  it('has no other paths', async () => {
    for (const path of ['/teams-page/none', '/teams-page/../teams-page.ts', '/teams-page/%2e%2e/main.ts'])
      expect((await tenant.call('GET', path)).status).toBe(404);
  });

  /** The modules that a module loads, and those that they load. */
  async function importsOf(path: string): Promise<string[]> {
    const { text } = await tenant.call('GET', path);
    const direct = [...text.matchAll(/from '\.\/([^']+)'/g)].map(([, name = '']) => `/teams-page/${name}`);
    return [...direct, ...(await Promise.all(direct.map(importsOf))).flat()];
  }
});

describe('what a person sees', () => {
  it('is the channel and the own chat, newest last, and no chat of others', async () => {
    const first = await toChannel('first card');
    const second = await toChannel('second card');
    await toPerson(marek, 'are you her manager?');
    const path = `/conversations/${encodeURIComponent(first.id)}/activities/${first.activityId}`;
    await tenant.bot('PUT', path, { body: activity('first card, decided', []) });

    const [seen, chat] = (await view(marek)).conversations;
    expect(seen).toMatchObject({ kind: 'channel', name: 'approvals', open: 1 });
    expect(seen.messages).toMatchObject([
      { activityId: first.activityId, revision: 1, card: card('first card, decided', []) },
      { activityId: second.activityId, revision: 0, updatedAt: null },
    ]);
    expect(chat).toMatchObject({ kind: 'chat', open: 1, messages: [{ text: 'are you her manager?' }] });
    expect((await view(sam)).conversations[1].messages).toEqual([]);
    expect((await view()).conversations).toHaveLength(1);
  });

  it('lists who can sign in, those who approve first', async () => {
    await toPerson(marek, 'are you her manager?');
    const people: { name: string; detail: string; canApprove: boolean }[] = (await view()).people;
    expect(people.map(({ name, detail, canApprove }) => [name, detail, canApprove])).toEqual([
      ['Marek Horvath', 'asked in a chat', true],
      ['Sam Okoro', 'SecOps on-call', true],
      ['Ines Varga', 'VIPs', false],
    ]);
  });

  it('shows the tickets with their state in words and their notes, newest first', async () => {
    expect((await view()).tickets).toMatchObject([
      { number: 'INC0041207', state: 'Resolved', isDone: true, subject: 'Ines Varga' },
    ]);
    expect((await view()).tickets[0].notes.map(({ text }: { text: string }) => text)).toEqual([
      'second',
      'first',
    ]);
  });
});

describe('a click', () => {
  it('goes to the bot as a signed invoke of that person, and words come back', async () => {
    const message = await toChannel('press me');
    const answer = await clickAs(sam, message);
    expect([answer.status, answer.json]).toEqual([
      200,
      { kind: 'message', text: 'Not one of the approvers.' },
    ]);
    expect(received).toHaveLength(1);
    expect(received[0]?.authorization).toMatch(/^Bearer ey/);
    expect(received[0]?.body).toMatchObject({
      from: { aadObjectId: sam, name: 'Sam Okoro' },
      replyToId: message.activityId,
      value: { action: { verb: 'approve', data: { d: 'case', comment: 'I called her' } }, trigger: 'manual' },
    });
  });

  it('answered with a card gives it to this viewer and leaves the message as it is', async () => {
    const message = await toChannel('press me too');
    botAnswer = { type: 'application/vnd.microsoft.card.adaptive', value: card('yours alone') };
    const answer = (await clickAs(sam, message)).json;
    expect(answer).toMatchObject({ kind: 'card', card: card('yours alone'), revision: 0 });
    const { messages } = (await view(sam)).conversations[0];
    expect(messages.at(-1)).toMatchObject({ activityId: message.activityId, card: card('press me too') });
  });

  it.each([
    [
      'an error',
      { type: 'application/vnd.microsoft.error', value: { code: 'x', message: 'Sorry.' } },
      'Sorry.',
    ],
    ['something unknown', { type: 'application/x', value: 1 }, 'Unable to reach app. Please try again.'],
  ])('answered with %s says so', async (_what, given, text) => {
    botAnswer = given;
    expect((await clickAs(sam, await toChannel('press'))).json).toEqual({ kind: 'error', text });
  });

  it.each([
    ['another site', { 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }],
    ['another origin', { origin: 'https://evil.example' }],
    ['a sibling host', { 'sec-fetch-site': 'same-site' }],
    ['an opaque origin', { origin: 'null' }],
    ['nowhere', {}],
  ])('from %s is refused and nobody hears of it', async (_from, headers) => {
    expect((await clickAs(sam, await toChannel('press'), headers)).status).toBe(403);
    expect(received).toEqual([]);
  });

  it('on the chat of somebody else, or as nobody, is refused', async () => {
    const message = await toPerson(marek, 'for Marek only');
    expect((await clickAs(sam, message)).json.kind).toBe('refused');
    expect((await clickAs(stableGuid('user', 'gone'), await toChannel('press'))).status).toBe(403);
    expect((await clickAs(stableGuid('user', 'shut'), await toChannel('press'))).status).toBe(403);
    expect((await clickAs(marek, { ...message, activityId: '1' })).status).toBe(403);
    expect(received).toEqual([]);
    expect((await clickAs(marek, message)).status).toBe(200);
  });

  it('cannot forge a token or pretend to be automatic', async () => {
    const message = await toChannel('press');
    for (const more of [{ forged: { none: true } }, { trigger: 'automatic' }])
      expect((await clickAs(sam, message, undefined, more)).status).toBe(400);
    expect(received).toEqual([]);
  });
});

describe('a refresh', () => {
  const refreshing = (userIds?: string[]) => ({
    ...activity('look'),
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          ...card('look'),
          refresh: { action: { type: 'Action.Execute', verb: 'view', data: { d: 'case' } }, userIds },
        },
      },
    ],
  });
  const posted = async (body: object) =>
    (
      await tenant.bot('POST', '/conversations', {
        body: { isGroup: true, channelData: { channel: { id: channel } }, activity: body },
      })
    ).json;
  const refreshAs = (person: string, { id, activityId }: { id: string; activityId: string }, more = {}) =>
    tenant.call('POST', '/teams-page/api/refresh', {
      headers: { 'sec-fetch-site': 'same-origin', origin: origin() },
      body: { person, conversationId: id, activityId, ...more },
    });

  it("sends the card's own action as automatic, and the answer is for that person", async () => {
    botAnswer = { type: 'application/vnd.microsoft.card.adaptive', value: card('as you may see it') };
    const answer = await refreshAs(sam, await posted(refreshing()));
    expect(answer.json).toMatchObject({ kind: 'card', card: card('as you may see it') });
    expect(received[0]?.body.value).toEqual({
      action: { type: 'Action.Execute', verb: 'view', data: { d: 'case' } },
      trigger: 'automatic',
    });
  });

  it('is only for those whom the card names, where it names any', async () => {
    const message = await posted(refreshing([teamsUserId(marek)]));
    expect((await refreshAs(sam, message)).status).toBe(403);
    expect(received).toEqual([]);
    expect((await refreshAs(marek, message)).status).toBe(200);
  });

  it('does not choose what it sends, and needs a card that asks for it', async () => {
    const message = await posted(refreshing());
    expect((await refreshAs(sam, message, { verb: 'approve' })).status).toBe(400);
    expect((await refreshAs(sam, await toChannel('plain'))).json).toMatchObject({ kind: 'message' });
    expect(received).toEqual([]);
  });
});

it('a bot that is not there is said in the words of Teams', async () => {
  const log = jest.spyOn(console, 'error').mockImplementation(() => undefined);
  const lonely = await runSimulator();
  try {
    await lonely.load({ users: [{ key: 'sam' }], teams: { channels: [{ key: 'approvals' }] } });
    const token = await lonely.token(simulatedClients.approvalBot, 'https://api.botframework.com/.default');
    const { id, activityId } = (
      await lonely.call('POST', '/teams/v3/conversations', {
        headers: { authorization: `Bearer ${token}` },
        body: { isGroup: true, channelData: { channel: { id: channel } }, activity: activity('press') },
      })
    ).json;
    const answer = await lonely.call('POST', '/teams-page/api/click', {
      headers: { 'sec-fetch-site': 'same-origin' },
      body: { person: sam, conversationId: id, activityId, verb: 'approve', data: {} },
    });
    expect(answer.json).toEqual({ kind: 'error', text: 'Unable to reach app. Please try again.' });
    expect(log).toHaveBeenCalledTimes(1);
  } finally {
    await lonely.stop();
    log.mockRestore();
  }
});
