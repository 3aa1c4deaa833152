import { EffectLedger, Leases } from '@sallyport/case-log';
import { createLogger, type Problem } from '@sallyport/service';
import { TicketIntake } from '@sallyport/servicenow';
import type { Alert } from './alert';
import { AlertTickets } from './alert-tickets';
import { CaseOpener } from './case-opener';
import { type IngestConfig, ingestConfigToken } from './config';
import { type Answer, newMessageId, post, runIngest, secrets, signed } from './testing/running-ingest';

let ingest: Awaited<ReturnType<typeof runIngest>>;
beforeAll(async () => {
  ingest = await runIngest();
}, 60_000);
beforeEach(() => {
  ingest.instance.reset();
  ingest.instance.users.push({ sys_id: inesSysId, u_entra_object_id: ines });
});
afterAll(() => ingest.close());

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const inesSysId = 'c'.repeat(32);
const type = 'sallyport.risk.detected.v1';
const source = '/sentinel/contoso';

const alertData = (over: object = {}) => ({
  detectionId: 'd-1',
  severity: 'high',
  detectedAt: '2026-11-20T10:00:00Z',
  ...over,
});
const alert = (top: object = {}, data: object = {}) => ({
  specversion: '1.0',
  id: newMessageId(),
  source,
  type,
  subject: ines,
  data: alertData(data),
  ...top,
});
const structured = { 'content-type': 'application/cloudevents+json; charset=utf-8' };
const send = (
  body: unknown,
  headers: Record<string, string> = structured,
  over: Parameters<typeof signed>[1] = {},
) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const signature = signed(text, { secret: secrets.alerts, ...over });
  return post(ingest.port, { ...headers, ...signature }, text, '/webhooks/alerts');
};
const sendBinary = (
  attributes: Record<string, string> = {},
  data: object = {},
  id = newMessageId(),
): Promise<Answer> => {
  const given: Record<string, string> = {
    specversion: '1.0',
    id,
    source,
    type,
    subject: ines,
    ...attributes,
  };
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [`ce-${name}`, value]));
  return send(
    alertData({ subject: ines, source, ...data }),
    { ...headers, 'content-type': 'application/json' },
    { id },
  );
};
const created = () => ingest.instance.incidents;
const caseCount = async () =>
  (await ingest.sql('SELECT count(*)::int AS n FROM sallyport.case_head'))[0]?.['n'];
/** Time passes for a lease that an attempt without an answer has left behind. */
const leasesEnd = () => ingest.sql('DELETE FROM sallyport.lease');

it('makes the incident of an alert, opens its case, and wakes context', async () => {
  const answer = await send(alert());
  const [row] = created();
  expect(answer).toMatchObject({ status: 202, body: { status: 'opened', ticket: row?.['number'] } });
  expect(row).toMatchObject({
    u_risky_user: inesSysId,
    correlation_id: expect.stringMatching(/^sallyport-[0-9a-f]{64}$/),
    correlation_display: 'Sallyport',
    category: 'identity_risk',
    urgency: '1',
  });
  const caseId = String(answer.body['caseId']);
  const stored = await ingest.log.load(caseId);
  expect(stored?.case.opened).toMatchObject({ origin: 'alert', ticketSysId: row?.['sys_id'] });
  expect(await ingest.queues.jobState({ caseId, stage: 'context', seq: 1 })).toBe('waiting');
});

it('takes the same alert in binary mode, and as the same', async () => {
  const id = newMessageId();
  const first = await sendBinary({ source: encodeURIComponent(source) }, {}, id);
  expect(first).toMatchObject({ status: 202, body: { status: 'opened' } });
  const again = await send(alert({ id }));
  expect(again).toMatchObject({ status: 202, body: { ...first.body, status: 'repeated' } });
  expect(created()).toHaveLength(1);
});

it('makes one incident and one case of twenty at the same instant', async () => {
  const before = Number(await caseCount());
  const one = alert();
  const answers = await Promise.all(Array.from({ length: 20 }, () => send(one)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(new Set(answers.map(({ body }) => body['caseId'])).size).toBe(1);
  expect(created()).toHaveLength(1);
  expect(await caseCount()).toBe(before + 1);
});

it('makes one incident where five replicas get the alert at the same instant', async () => {
  const replica = () =>
    new AlertTickets(
      ingest.app.get(TicketIntake),
      ingest.app.get(EffectLedger),
      ingest.app.get(Leases),
      ingest.app.get(CaseOpener),
      ingest.app.get<IngestConfig>(ingestConfigToken),
      () => new Date(),
      createLogger('spec', 'silent'),
    );
  const { subject: subjectId, id, data } = alert();
  const one: Alert = { ...data, id, source, subjectId, severity: 'high' };
  const results = await Promise.allSettled(Array.from({ length: 5 }, () => replica().ticketFor(one)));
  expect(created()).toHaveLength(1);
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as Problem] : [],
  );
  expect(refused.filter(({ code }) => code !== 'alertUnderWay')).toEqual([]);
  expect(await replica().ticketFor(one)).toMatchObject({ sysId: created()[0]?.['sys_id'] });
});

it('makes an incident for each of two sources that use the same id', async () => {
  const id = newMessageId();
  await send(alert({ id }));
  expect(await send(alert({ id, source: '/defender' }))).toMatchObject({ status: 202 });
  expect(created()).toHaveLength(2);
});

it('arrives at the same case as the message that ServiceNow sends about the new incident', async () => {
  const { body } = await send(alert());
  const [row] = created();
  const data = {
    sys_id: row?.['sys_id'],
    number: row?.['number'],
    instance: 'contoso',
    category: 'identity_risk',
  };
  const message = JSON.stringify({
    type: 'incident.created',
    timestamp: '2026-11-20T10:02:11Z',
    data: { ...data, sys_mod_count: '0' },
  });
  expect(await post(ingest.port, signed(message), message)).toMatchObject({
    status: 202,
    body: { status: 'alreadyOpen', caseId: body['caseId'] },
  });
});

it.each<[string, () => void]>([
  ['no user record has the object id', () => void (ingest.instance.users.length = 0)],
  [
    'two user records have it',
    () => void ingest.instance.users.push({ sys_id: 'd'.repeat(32), u_entra_object_id: ines }),
  ],
  ['user records must not be read', () => ingest.instance.fail('GET sys_user', { status: 403 })],
])('names nobody on the incident where %s', async (_name, given) => {
  given();
  expect(await send(alert())).toMatchObject({ status: 202, body: { status: 'opened' } });
  expect(created()[0]).toMatchObject({ u_risky_user: '' });
  expect(created()[0]?.['description']).toContain('set the risky user by hand');
});

it('refuses another alert under the same id', async () => {
  const one = alert();
  await send(one);
  expect(await send({ ...one, data: alertData({ detectionId: 'd-2' }) })).toMatchObject({
    status: 409,
    body: { code: 'messageIdReused' },
  });
  expect(created()).toHaveLength(1);
});

it.each<[string, () => Promise<Answer>, number, string]>([
  ['nothing signed', () => post(ingest.port, structured, '{}', '/webhooks/alerts'), 400, 'badWebhookHeaders'],
  [
    "ServiceNow's secret",
    () => send(alert(), structured, { secret: secrets.current }),
    401,
    'webhookNotVerified',
  ],
  ['no body', () => send(''), 400, 'noBody'],
  ['a body of 65 KB', () => send('x'.repeat(65 * 1_024)), 413, 'bodyTooLarge'],
  [
    'a batch',
    () => send([alert()], { 'content-type': 'application/cloudevents-batch+json' }),
    415,
    'batchNotSupported',
  ],
  [
    'another format',
    () => send(alert(), { 'content-type': 'application/cloudevents+avro' }),
    415,
    'notCloudEvent',
  ],
  ['plain JSON', () => send(alert(), { 'content-type': 'application/json' }), 415, 'notCloudEvent'],
  ['no content type', () => send(alert(), { 'content-type': '' }), 415, 'notCloudEvent'],
  ['what is not JSON', () => send('alert!'), 400, 'notJson'],
  ['an array', () => send([alert()]), 400, 'notOneEvent'],
  ['null', () => send('null'), 400, 'notOneEvent'],
  [
    'deep brackets',
    () => send(`{"type":"${type}","data":${'['.repeat(30_000)}${']'.repeat(30_000)}}`),
    422,
    'badAlert',
  ],
  ['another version', () => send(alert({ specversion: '0.3' })), 422, 'badAlert'],
  ['another type', () => send(alert({ type: 'com.example.other' })), 422, 'unknownType'],
  ['no type', () => send(alert({ type: undefined })), 422, 'badAlert'],
  ['no id', () => send(alert({ id: undefined })), 422, 'badAlert'],
  ['an empty source', () => send(alert({ source: '' })), 422, 'badAlert'],
  ['a source with half a character', () => send(alert({ source: '\ud800' })), 422, 'badAlert'],
  ['no subject', () => send(alert({ subject: undefined })), 422, 'badAlert'],
  ['a name as subject', () => send(alert({ subject: 'Ines Varga' })), 422, 'badAlert'],
  ['an address as subject', () => send(alert({ subject: 'ines@fabrikam.example' })), 422, 'badAlert'],
  ['no data', () => send(alert({ data: undefined })), 422, 'badAlert'],
  ['no detection', () => send(alert({}, { detectionId: undefined })), 422, 'badAlert'],
  ['an endless detection', () => send(alert({}, { detectionId: 'd'.repeat(201) })), 422, 'badAlert'],
  ['an unknown severity', () => send(alert({}, { severity: 'catastrophic' })), 422, 'badAlert'],
  ['a time that is none', () => send(alert({}, { detectedAt: 'yesterday' })), 422, 'badAlert'],
  ['two subjects', () => send(alert({}, { subject: newGuid })), 422, 'attributesNotSigned'],
  ['two sources', () => send(alert({}, { source: '/other' })), 422, 'attributesNotSigned'],
  ['binary mode with another ce-subject', () => sendBinary({ subject: newGuid }), 422, 'attributesNotSigned'],
  ['binary mode with another ce-source', () => sendBinary({ source: '/other' }), 422, 'attributesNotSigned'],
  ['binary mode with another ce-id', () => sendBinary({ id: 'other' }), 422, 'attributesNotSigned'],
  [
    'binary mode without the subject in data',
    () => sendBinary({}, { subject: undefined }),
    422,
    'attributesNotSigned',
  ],
  [
    'binary mode without the source in data',
    () => sendBinary({}, { source: undefined }),
    422,
    'attributesNotSigned',
  ],
  ['a ce- header that cannot be decoded', () => sendBinary({ source: '%E0%A4%A' }), 400, 'badEventHeader'],
])('refuses %s, as a problem, and asks ServiceNow nothing', async (_name, act, status, code) => {
  const before = await caseCount();
  const answer = await act();
  expect(answer).toMatchObject({ status, body: { status, code, type: `urn:sallyport:problem:${code}` } });
  expect(answer.headers['content-type']).toContain('application/problem+json');
  expect(ingest.instance.asked).toEqual([]);
  expect(await caseCount()).toBe(before);
});

describe('while ServiceNow fails', () => {
  it.each<[string, string, Parameters<typeof ingest.instance.fail>[1]]>([
    ['the search does not answer', 'GET incident', { status: 503 }],
    ['the search is hibernating', 'GET incident', 'html'],
    ['the user table does not answer', 'GET sys_user', { status: 502 }],
    ['the incident is refused for now', 'POST incident', { status: 429 }],
    ['the incident is refused', 'POST incident', { status: 403 }],
  ])(
    'asks for the alert again where %s, and takes it at once the next time',
    async (_name, call, failure) => {
      const one = alert();
      ingest.instance.fail(call, failure);
      const refused = await send(one);
      expect(refused.status).toBe(503);
      expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
      expect(await send(one)).toMatchObject({ status: 202, body: { status: 'opened' } });
      expect(created()).toHaveLength(1);
    },
  );

  it('finds the incident that was made although its answer was lost', async () => {
    ingest.instance.fail('POST incident', 'lost');
    expect(await send(alert())).toMatchObject({ status: 202, body: { status: 'opened' } });
    expect(created()).toHaveLength(1);
  });

  it('never makes a second one while the first may still commit', async () => {
    const one = alert();
    ingest.instance.fail('POST incident', 'late');
    expect((await send(one)).status).toBe(503);
    expect(await send(one)).toMatchObject({ status: 503, body: { code: 'alertUnderWay' } });
    ingest.instance.commitLate();
    expect(await send(one)).toMatchObject({ status: 202, body: { status: 'opened' } });
    expect(created()).toHaveLength(1);
  });

  it('makes it after all where it never came to be', async () => {
    const one = alert();
    ingest.instance.fail('POST incident', 'reset');
    expect((await send(one)).status).toBe(503);
    await leasesEnd();
    expect(await send(one)).toMatchObject({ status: 202 });
    expect(created()).toHaveLength(1);
  });

  it('takes the older of two incidents with one correlation id', async () => {
    const one = alert();
    await send(one);
    const [row] = created();
    await ingest.sql(`DELETE FROM sallyport.received_message; DELETE FROM sallyport.effect`);
    created().push({ ...row, sys_id: 'f'.repeat(32), sys_created_on: '2026-11-20 11:00:00' });
    expect(await send(one)).toMatchObject({ status: 202, body: { status: 'alreadyOpen' } });
  });
});

const newGuid = '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001';
