import { caseIdFor } from '@sallyport/idempotency';
import { Registry } from 'prom-client';
import { BackfillMetrics } from './backfill-metrics';
import { incident, type Row } from './testing/instance';
import { post, runBackfill, signed, ticketMessage } from './testing/running-ingest';

let rig: Awaited<ReturnType<typeof runBackfill>>;
beforeAll(async () => {
  rig = await runBackfill();
}, 60_000);
beforeEach(async () => {
  await rig.reset();
  rig.clock.now = Date.parse('2026-11-20T10:10:00.000Z');
});
afterAll(() => rig.close());

const at = (time: string, over: Row = {}) => incident({ sys_updated_on: `2026-11-20 ${time}`, ...over });
const arrive = (...rows: Row[]) => void rig.instance.incidents.push(...rows);
const caseIdOf = (row: Row, episode = 'reopened-0') =>
  caseIdFor({ instance: 'contoso', ticketSysId: row['sys_id'] ?? '', episode });
const opened = async (row: Row, episode?: string) =>
  (await rig.log.load(caseIdOf(row, episode)))?.case.opened;
const poll = async () => {
  rig.clock.now += 60_000;
  await rig.backfill.poll();
};
const lists = () => rig.instance.asked.filter(({ name }) => name === 'GET incident');
const sinceOf = (query = '') => /sys_updated_on>=([^^]+)/.exec(query)?.[1];
const polls = (result: string) => rig.metric('sallyport_backfill_polls_total', result);

it('opens the case of a ticket that no webhook told of, once', async () => {
  const row = at('10:00:00', { sys_mod_count: '4' });
  arrive(row);
  await poll();
  expect(await opened(row)).toMatchObject({
    origin: 'backfill',
    messageId: `backfill-${row['sys_id']}-4`,
    ticketNumber: row['number'],
  });
  expect(await rig.queues.jobState({ caseId: caseIdOf(row), stage: 'context', seq: 1 })).toBe('waiting');
  await poll();
  expect(await rig.caseCount()).toBe(1);
});

it('arrives at the same case as the webhook, whichever is first', async () => {
  const row = at('10:00:00');
  arrive(row);
  await poll();
  const message = JSON.stringify(ticketMessage({ sys_id: row['sys_id'], number: row['number'] }));
  expect(await post(rig.port, signed(message), message)).toMatchObject({
    status: 202,
    body: { status: 'alreadyOpen', caseId: caseIdOf(row) },
  });
});

it('takes a change of ours for no news, and a reopened ticket for a new episode', async () => {
  const row = at('10:00:00');
  arrive(row);
  await poll();
  Object.assign(row, {
    sys_updated_on: '2026-11-20 10:09:00',
    sys_mod_count: '1',
    sys_updated_by: 'svc.sallyport',
  });
  await poll();
  expect(await rig.caseCount()).toBe(1);
  Object.assign(row, { sys_updated_on: '2026-11-20 10:10:00', sys_mod_count: '2', reopen_count: '1' });
  await poll();
  expect(await opened(row, 'reopened-1')).toMatchObject({ origin: 'backfill' });
  expect(await rig.caseCount()).toBe(2);
});

it('leaves a ticket alone whose sender names its episodes', async () => {
  const row = at('10:00:00');
  const message = JSON.stringify(
    ticketMessage({ sys_id: row['sys_id'], number: row['number'], risk_episode: 'alert-7' }),
  );
  await post(rig.port, signed(message), message);
  arrive(row);
  await poll();
  expect(await rig.caseCount()).toBe(1);
});

it.each<[string, Row]>([
  ['of another category', { category: 'hardware' }],
  ['that is closed', { active: 'false' }],
])('leaves a ticket alone %s, also where ServiceNow drops the condition', async (_name, over) => {
  arrive(at('10:00:00', over));
  await poll();
  rig.config.BACKFILL_QUERY = 'nonsense=1';
  await rig.another().poll();
  expect(await rig.caseCount()).toBe(0);
});

it('gives a webhook that may be on its way half a minute', async () => {
  const row = at('10:10:45');
  arrive(row);
  await poll(); // at 10:11:00
  expect(await rig.caseCount()).toBe(0);
  await poll();
  expect(await opened(row)).toBeDefined();
});

it('asks from its watermark with two minutes of overlap, and first for a day', async () => {
  arrive(at('10:00:00'));
  await poll();
  await poll();
  expect(lists().map(({ query }) => sinceOf(query))).toEqual(['2026-11-19 10:09:00', '2026-11-20 09:58:00']);
});

it('finds a ticket that became visible late, with an older time', async () => {
  arrive(at('10:00:00'));
  await poll();
  const late = at('09:59:00');
  arrive(late);
  await poll();
  expect(await opened(late)).toBeDefined();
});

it('reads a backlog in pages by time, also a second that is fuller than a page', async () => {
  const rows = [
    ...Array.from({ length: 150 }, () => at('09:00:00')),
    ...Array.from({ length: 130 }, (_, n) =>
      at(`09:${String(1 + Math.floor(n / 60)).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}`),
    ),
  ];
  arrive(...rows);
  await poll();
  expect(await rig.caseCount()).toBe(280);
  expect(lists().length).toBeLessThan(12);
}, 60_000);

it.each<[string, Parameters<typeof rig.instance.fail>[1]]>([
  ['is down', { status: 503 }],
  ['hibernates', 'html'],
  ['breaks off', 'reset'],
  ['refuses', { status: 403 }],
  ['answers something else', { status: 200, body: { result: [{ number: 'INC1' }] } }],
])('survives that ServiceNow %s, says so, and reads the same again', async (_name, failure) => {
  const row = at('10:00:00');
  arrive(row);
  rig.instance.fail('GET incident', failure);
  const failed = await polls('failed');
  await poll();
  expect(await polls('failed')).toBe(failed + 1);
  expect(await rig.caseCount()).toBe(0);
  await poll();
  expect(await opened(row)).toBeDefined();
});

it('counts each result from nothing on, so that the first one is an increase', async () => {
  const registry = new Registry();
  new BackfillMetrics(registry);
  expect(await registry.metrics()).toContain('sallyport_backfill_polls_total{result="stuck"} 0');
});

it('says that it is stuck where one second holds more than it can read, and goes on once it is asked for less', async () => {
  const row = at('09:30:00');
  arrive(...Array.from({ length: 2_600 }, () => at('09:00:00', { category: 'hardware' })), row);
  rig.config.BACKFILL_QUERY = 'nonsense=1';
  const [stuck, failed] = [await polls('stuck'), await polls('failed')];
  rig.clock.now += 60_000;
  await rig.another().poll();
  expect([await polls('stuck'), await polls('failed')]).toEqual([stuck + 1, failed]);
  expect(await opened(row)).toBeUndefined();
  rig.config.BACKFILL_QUERY = 'category=identity_risk';
  rig.clock.now += 60_000;
  await rig.another().poll();
  expect(await opened(row)).toBeDefined();
}, 60_000);

it('is done by one of two replicas per interval, and by the other where one is gone', async () => {
  const other = rig.another();
  rig.clock.now += 60_000;
  await Promise.all([rig.backfill.poll(), other.poll()]);
  expect(lists()).toHaveLength(1);
  rig.clock.now += 60_000;
  await other.poll();
  expect(lists()).toHaveLength(2);
});

it('moves the watermark only over what was opened', async () => {
  const row = at('10:00:00');
  arrive(row);
  await rig.sql('ALTER TABLE sallyport.received_message RENAME TO gone');
  await poll();
  await rig.sql('ALTER TABLE sallyport.gone RENAME TO received_message');
  expect(await rig.sql('SELECT 1 FROM sallyport.watermark')).toEqual([]);
  await poll();
  expect(await opened(row)).toBeDefined();
});
