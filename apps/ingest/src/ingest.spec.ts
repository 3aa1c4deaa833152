import {
  type Answer,
  newMessageId,
  post,
  runIngest,
  secrets,
  signed,
  ticketMessage,
} from './testing/running-ingest';

let ingest: Awaited<ReturnType<typeof runIngest>>;
beforeAll(async () => {
  ingest = await runIngest();
}, 60_000);
afterAll(() => ingest.close());

const json = (data: Record<string, unknown> = {}, top: Record<string, unknown> = {}) =>
  JSON.stringify(ticketMessage(data, top));
const send = (body: string, over: Parameters<typeof signed>[1] = {}) =>
  post(ingest.port, signed(body, over), body);
const without = (body: string, name: 'webhook-id' | 'webhook-timestamp' | 'webhook-signature') => {
  const { [name]: _, ...rest } = signed(body);
  return rest;
};
const minutes = (count: number) => new Date(Date.now() + count * 60_000);
const caseCount = async () =>
  (await ingest.sql('SELECT count(*)::int AS n FROM sallyport.case_head'))[0]?.['n'];

it('opens a case for a signed ticket message, and wakes context', async () => {
  const answer = await send(json({ number: 'INC0050001' }));
  expect(answer).toMatchObject({ status: 202, body: { status: 'opened' } });
  const caseId = String(answer.body['caseId']);
  const stored = await ingest.log.load(caseId);
  expect(stored?.case).toMatchObject({
    phase: 'opened',
    opened: { ticketNumber: 'INC0050001', episode: 'reopened-0' },
  });
  expect(await ingest.queues.jobState({ caseId, stage: 'context', seq: 1 })).toBe('waiting');
});

it.each<[string, () => Promise<Answer>, number, string]>([
  ['nothing signed at all', () => post(ingest.port, {}, json()), 400, 'badWebhookHeaders'],
  ['no webhook-id', () => bare('webhook-id'), 400, 'badWebhookHeaders'],
  ['no webhook-timestamp', () => bare('webhook-timestamp'), 400, 'badWebhookHeaders'],
  ['no webhook-signature', () => bare('webhook-signature'), 400, 'badWebhookHeaders'],
  ['webhook-id twice', () => twice('webhook-id'), 400, 'badWebhookHeaders'],
  ['webhook-timestamp twice', () => twice('webhook-timestamp'), 400, 'badWebhookHeaders'],
  ['webhook-signature twice', () => twice('webhook-signature'), 400, 'badWebhookHeaders'],
  ['an id with a dot', () => send(json(), { id: 'msg.1' }), 400, 'badWebhookHeaders'],
  ['an id of 129 characters', () => send(json(), { id: 'a'.repeat(129) }), 400, 'badWebhookHeaders'],
  ['a timestamp that is not a number', () => retimed('yesterday'), 400, 'badWebhookHeaders'],
  [
    'a timestamp with something after it',
    () => retimed(`${Math.floor(Date.now() / 1_000)}x`),
    400,
    'badWebhookHeaders',
  ],
  ['a timestamp of twenty digits', () => retimed('9'.repeat(20)), 400, 'badWebhookHeaders'],
  ['a message of six minutes ago', () => send(json(), { at: minutes(-6) }), 401, 'webhookNotVerified'],
  ['a message of six minutes hence', () => send(json(), { at: minutes(6) }), 401, 'webhookNotVerified'],
  ['another secret', () => send(json(), { secret: secrets.foreign }), 401, 'webhookNotVerified'],
  [
    'one byte changed',
    () => altered((body) => body.replace('INC0041207', 'INC0041208')),
    401,
    'webhookNotVerified',
  ],
  ['one space added', () => altered((body) => `${body} `), 401, 'webhookNotVerified'],
  ['another id than was signed', () => resigned({ 'webhook-id': newMessageId() }), 401, 'webhookNotVerified'],
  [
    'only v1a entries',
    () => resigned({ 'webhook-signature': 'v1a,AAAA v1a,BBBB' }),
    401,
    'webhookNotVerified',
  ],
  ['an empty v1 entry', () => resigned({ 'webhook-signature': 'v1' }), 401, 'webhookNotVerified'],
  [
    'a body of 10 MB',
    () => post(ingest.port, signed('x'), Buffer.alloc(10_000_000, 'x')),
    413,
    'bodyTooLarge',
  ],
  ['a body one byte too long', () => send('x'.repeat(64 * 1_024 + 1)), 413, 'bodyTooLarge'],
  ['no body', () => send(''), 400, 'noBody'],
  ['a body that is not UTF-8', () => notUtf8(), 400, 'notUtf8'],
  ['a body that is not JSON', () => send('ticket=INC0041207'), 400, 'notJson'],
  ['half a JSON object', () => send(json().slice(0, -1)), 400, 'notJson'],
  ['a JSON array', () => send('[]'), 422, 'badTicketMessage'],
  ['a JSON null', () => send('null'), 422, 'badTicketMessage'],
  ['brackets as deep as the limit lets them', () => send(nested(32_000)), 422, 'badTicketMessage'],
  ['deep brackets where a text belongs', () => send(`{"data":${nested(32_000)}}`), 422, 'badTicketMessage'],
  ['no data', () => send(json({}, { data: undefined })), 422, 'badTicketMessage'],
  ['an unknown type', () => send(json({}, { type: 'incident.deleted' })), 422, 'badTicketMessage'],
  ['a timestamp that is none', () => send(json({}, { timestamp: 'today' })), 422, 'badTicketMessage'],
  ['no sys_id', () => send(json({ sys_id: undefined })), 422, 'badTicketMessage'],
  ['a sys_id that is not hex', () => send(json({ sys_id: 'z'.repeat(32) })), 422, 'badTicketMessage'],
  ['a sys_id with a path in it', () => send(json({ sys_id: '../../sys_user' })), 422, 'badTicketMessage'],
  ['a number of another kind', () => send(json({ number: '<b>INC1</b>' })), 422, 'badTicketMessage'],
  ['a number that is a number', () => send(json({ number: 41_207 })), 422, 'badTicketMessage'],
  ['a negative mod count', () => send(json({ sys_mod_count: -1 })), 422, 'badTicketMessage'],
  ['a mod count in words', () => send(json({ sys_mod_count: 'three' })), 422, 'badTicketMessage'],
  [
    'half a character in the risk episode',
    () => send(json({ risk_episode: '\ud800' })),
    422,
    'badTicketMessage',
  ],
  ['an endless risk episode', () => send(json({ risk_episode: 'e'.repeat(201) })), 422, 'badTicketMessage'],
  ['a cloned instance', () => send(json({ instance: 'contosodev' })), 422, 'wrongInstance'],
  ['an unknown category', () => send(json({ category: 'hardware' })), 422, 'unknownCategory'],
])('refuses %s, as a problem, and opens nothing', async (_, act, status, code) => {
  const before = await caseCount();
  const answer = await act();
  expect(answer).toMatchObject({ status, body: { status, code, type: `urn:sallyport:problem:${code}` } });
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(Object.keys(answer.body)).toEqual(expect.arrayContaining(['title', 'detail']));
  expect(await caseCount()).toBe(before);
});

it('names every field that is wrong, and repeats none of the values', async () => {
  const { body } = await send(json({ sys_id: '<script>', number: 7, category: undefined }));
  const errors = body['errors'] as { pointer: string }[];
  expect(errors.map((error) => error.pointer).sort()).toEqual([
    '/data/category',
    '/data/number',
    '/data/sys_id',
  ]);
  expect(JSON.stringify(body)).not.toContain('script');
});

it('lists the accepted categories', async () => {
  const { body } = await send(json({ category: 'hardware' }));
  expect(body['accepted']).toEqual(['identity_risk', 'security']);
});

it.each<[string, (body: string) => Record<string, string>]>([
  ['signed with the secret that is being rotated out', (body) => signed(body, { secret: secrets.previous })],
  [
    'signed by both secrets',
    (body) => signatures(body, 'v1a,AAAA', signatureOf(body, secrets.foreign), signatureOf(body)),
  ],
  ['four minutes old', (body) => signed(body, { at: minutes(-4) })],
])('accepts a message %s', async (_, headers) => {
  const body = json();
  expect(await post(ingest.port, headers(body), body)).toMatchObject({
    status: 202,
    body: { status: 'opened' },
  });
});

it('takes values as ServiceNow sends them: text for numbers, and more fields than we know', async () => {
  const answer = await send(
    json({ sys_mod_count: '3', reopen_count: '2', short_description: 'x' }, { source: 'sn' }),
  );
  expect(answer.status).toBe(202);
  const stored = await ingest.log.load(String(answer.body['caseId']));
  expect(stored?.case.opened.episode).toBe('reopened-2');
});

it('answers a replay like the first delivery, and the same id with another body with a conflict', async () => {
  const id = newMessageId();
  const body = json();
  const first = await send(body, { id });
  expect(await send(body, { id, at: minutes(1) })).toMatchObject({
    status: 202,
    body: { caseId: first.body['caseId'], status: 'repeated' },
  });
  expect(await send(json(), { id })).toMatchObject({ status: 409, body: { code: 'messageIdReused' } });
});

it('opens one case for two messages about one episode, and another when the ticket is reopened', async () => {
  const ticket = { sys_id: 'b'.repeat(32) };
  const first = await send(json(ticket));
  const second = await send(json({ ...ticket, sys_mod_count: 4 }));
  expect(second).toMatchObject({
    status: 202,
    body: { caseId: first.body['caseId'], status: 'alreadyOpen' },
  });
  const reopened = await send(json({ ...ticket, reopen_count: 1 }));
  expect(reopened.body).toMatchObject({ status: 'opened' });
  expect(reopened.body['caseId']).not.toBe(first.body['caseId']);
});

it('opens one case for the same webhook sent 50 times in parallel', async () => {
  const body = json();
  const headers = signed(body);
  const before = Number(await caseCount());
  const answers = await Promise.all(Array.from({ length: 50 }, () => post(ingest.port, headers, body)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(new Set(answers.map((answer) => answer.body['caseId'])).size).toBe(1);
  expect(answers.filter((answer) => answer.body['status'] === 'opened')).toHaveLength(1);
  expect(await caseCount()).toBe(before + 1);
  expect((await ingest.log.load(String(answers[0]?.body['caseId'])))?.case.seq).toBe(1);
});

it('only takes POST', async () => {
  const answer = await fetch(`http://127.0.0.1:${ingest.port}/webhooks/tickets`);
  expect(answer.status).toBe(404);
  expect(await answer.json()).toMatchObject({ code: 'notFound' });
});

// From here on things are taken away for good: these two come last, in this order.

it('stores the case and says so although the queue is gone', async () => {
  await ingest.sql('DROP SCHEMA bullmq CASCADE');
  const answer = await send(json());
  expect(answer).toMatchObject({ status: 202, body: { status: 'opened' } });
  expect((await ingest.log.load(String(answer.body['caseId'])))?.case.phase).toBe('opened');
});

it('asks to send it again later while the database is gone, and stays up', async () => {
  await ingest.losePostgres();
  for (const _ of [1, 2]) {
    const answer = await send(json());
    expect(answer).toMatchObject({ status: 503, body: { code: 'caseLogUnavailable' } });
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
  }
  expect((await fetch(`http://127.0.0.1:${ingest.port}/healthz`)).status).toBe(200);
  expect((await fetch(`http://127.0.0.1:${ingest.port}/readyz`)).status).toBe(503);
});

function bare(name: Parameters<typeof without>[1]): Promise<Answer> {
  const body = json();
  return post(ingest.port, without(body, name), body);
}

function twice(name: 'webhook-id' | 'webhook-timestamp' | 'webhook-signature'): Promise<Answer> {
  const body = json();
  const headers = signed(body);
  return post(ingest.port, { ...headers, [name]: [headers[name], headers[name]] }, body);
}

function retimed(timestamp: string): Promise<Answer> {
  return resigned({ 'webhook-timestamp': timestamp });
}

function resigned(over: Record<string, string>): Promise<Answer> {
  const body = json();
  return post(ingest.port, { ...signed(body), ...over }, body);
}

function altered(change: (body: string) => string): Promise<Answer> {
  const body = json();
  return post(ingest.port, signed(body), change(body));
}

/** Read as text, these bytes are the signed ones: every broken byte becomes the same replacement character. */
function notUtf8(): Promise<Answer> {
  const body = json({ note: '\ufffd' });
  const bytes = Buffer.from(body.replace('\ufffd', '\u00ff'), 'latin1');
  return post(ingest.port, signed(body), bytes);
}

const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

const sentId = 'msg_rotation';
const sentAt = new Date();
function signatureOf(body: string, secret = secrets.current): string {
  return signed(body, { id: sentId, at: sentAt, secret })['webhook-signature'];
}
function signatures(body: string, ...entries: string[]) {
  return { ...signed(body, { id: sentId, at: sentAt }), 'webhook-signature': entries.join(' ') };
}
