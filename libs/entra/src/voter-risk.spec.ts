import { clientFor, graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';
import { MembershipReader } from './membership-reader';

const person = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const list = 'GET /identityProtection/riskyUsers';
const alone = (n: number) => `${list}/${person(n)}`;
const absent = graphError(404, 'ResourceNotFound');
const page = (...value: unknown[]): Scripted => ({ status: 200, body: { value } });
const row = (n: number, over: object = {}) => ({
  id: person(n),
  isDeleted: false,
  isProcessing: false,
  riskLevel: 'low',
  riskState: 'atRisk',
  riskDetail: 'none',
  riskLastUpdatedDateTime: '2026-11-20T09:00:00Z',
  ...over,
});

let server: Awaited<ReturnType<typeof graphServer>>;
let nowMs: number;
let reader: MembershipReader;
const given = async (routes: Record<string, Scripted | Scripted[]>) => {
  server = await graphServer(routes);
  nowMs = Date.parse('2026-11-20T10:00:00.000Z');
  reader = new MembershipReader(server.client, { ...stillRuntime(), now: () => new Date(nowMs) });
  return (n: number) => reader.atRisk(person(n), ['case', 'vote']);
};
afterEach(() => server.stop());
const asked = () => server.received.map(({ url }) => url.replace('/identityProtection/riskyUsers', ''));
/** Three people at once, or these. */
const crowd = async (atRisk: (n: number) => Promise<boolean>, ...people: number[]) =>
  Promise.all((people.length > 0 ? people : [1, 2, 3]).map(atRisk));
/** A tenant in which more people have had risk than one call tells of. */
const many = (...rows: unknown[]) =>
  page(...Array.from({ length: 501 }, (_, at) => row(1_000 + at, { riskState: 'dismissed' })), ...rows);

it.each([
  [{}, true],
  [{ riskState: 'confirmedCompromised' }, true],
  [{ riskState: 'somethingNew' }, true],
  [{ riskState: 'dismissed', isProcessing: true }, true],
  [{ riskState: 'remediated' }, false],
  [{ riskState: 'dismissed' }, false],
])('a voter whose own risk is %j is at risk: %p, alone and on the list', async (over, expected) => {
  const atRisk = await given({ [alone(1)]: { status: 200, body: row(1, over) }, [list]: many(row(2, over)) });
  expect(await crowd(atRisk, 2, 3)).toEqual([expected, false]);
  nowMs += 11 * 60_000;
  expect(await atRisk(1)).toBe(expected);
  expect(asked().at(-1)).toBe(`/${person(1)}`);
});

it('where the list takes more than one call, who clicks alone is asked for alone, every time', async () => {
  const atRisk = await given({ [list]: many(), [alone(1)]: [absent, { status: 200, body: row(1) }] });
  await atRisk(1);
  nowMs += 11 * 60_000;
  expect([await atRisk(1), await atRisk(1)]).toEqual([false, true]);
  expect(asked()).toEqual(['?$top=500', `/${person(1)}`, `/${person(1)}`]);
});

it('fifty people who click at once are one call', async () => {
  const atRisk = await given({ [list]: page(row(7)) });
  const fifty = Array.from({ length: 50 }, (_, at) => at + 1);
  const answers = await crowd(atRisk, ...fifty);
  expect(answers.map((is, at) => (is ? at + 1 : 0)).filter((n) => n > 0)).toEqual([7]);
  expect(asked()).toEqual(['?$top=500']);
});

it('answers from a reading for five seconds, and never from an older one', async () => {
  const atRisk = await given({ [list]: [page(), page(row(4))] });
  await crowd(atRisk);
  nowMs += 2_500;
  expect(await atRisk(4)).toBe(false);
  expect(asked()).toHaveLength(1);
  nowMs += 2_501;
  expect(await atRisk(4)).toBe(true);
  expect(asked()).toHaveLength(2);
});

it('does not take a reading for younger because the clock was set back', async () => {
  const atRisk = await given({ [list]: [page(), page(row(4))] });
  await crowd(atRisk);
  nowMs -= 1_000;
  await atRisk(4);
  expect(asked()).toHaveLength(2);
});

it('reads what has changed since half an hour before everybody was read, and lays it over', async () => {
  const changed = page(row(4), row(5, { riskState: 'remediated' }));
  const atRisk = await given({ [list]: [page(row(5), row(6)), changed] });
  await crowd(atRisk);
  nowMs += 60_000;
  expect(await crowd(atRisk, 4, 5, 6, 7)).toEqual([true, false, true, false]);
  expect(asked().at(-1)).toBe('?$filter=riskLastUpdatedDateTime gt 2026-11-20T09:30:00Z&$top=500');
});

it('begins the next reading while the last one still holds, so that a steady stream never waits', async () => {
  const atRisk = await given({ [list]: [page(), page(row(4))] });
  await crowd(atRisk);
  nowMs += 4_000;
  expect(await atRisk(4)).toBe(false);
  while (!(await atRisk(4))) await new Promise(setImmediate);
  expect(asked()).toHaveLength(2);
});

it('reads everybody anew after ten minutes', async () => {
  const atRisk = await given({ [list]: [page(row(5)), page()] });
  await crowd(atRisk);
  nowMs += 10 * 60_000 + 1;
  expect(await crowd(atRisk, 1, 5, 6)).toEqual([false, false, false]);
  expect(asked()).toEqual(['?$top=500', '?$top=500']);
});

it('begins no reading ahead of a click within two and a half seconds of one that failed', async () => {
  const atRisk = await given({ [list]: graphError(503, 'ServiceUnavailable') });
  const callsOf = async (ahead: boolean) => {
    const before = asked().length;
    if (ahead) reader.expectVoter();
    // A click that follows asks for itself, after whatever was begun.
    await expect(atRisk(1)).rejects.toMatchObject({ kind: 'unavailable' });
    await new Promise(setImmediate);
    return asked().length - before;
  };
  const ofOne = await callsOf(false);
  expect(await callsOf(true)).toBe(ofOne);
  nowMs += 2_501;
  expect(await callsOf(true)).toBe(2 * ofOne);
});

/** A page that is so long on its way. */
const slow = (forMs: number, ...value: unknown[]): Scripted => ({
  status: 200,
  body: {
    toJSON() {
      nowMs += forMs;
      return { value };
    },
  },
});

it('reads everybody anew where the list grew too old while its changes were on their way', async () => {
  const atRisk = await given({ [list]: [page(row(5)), slow(2_000), page(row(5))] });
  await crowd(atRisk);
  nowMs += 10 * 60_000 - 1_000;
  expect(await crowd(atRisk, 4, 5)).toEqual([false, true]);
  expect(asked()).toEqual(['?$top=500', expect.stringContaining('$filter'), '?$top=500']);
});

it('answers nobody, rather than that they are at risk, where no list comes in time', async () => {
  const atRisk = await given({ [list]: slow(11 * 60_000) });
  const answers = await Promise.allSettled([1, 2, 3].map(atRisk));
  expect(answers).toMatchObject([1, 2, 3].map(() => ({ status: 'rejected', reason: { code: 'tooOld' } })));
  // Two readings for who came first, and two for those who waited.
  expect(asked()).toHaveLength(4);
});

it.each<[string, Scripted]>([
  ['a call fails', graphError(503, 'ServiceUnavailable')],
  ['a row has no id', page({ ...row(1), id: undefined })],
])('answers nobody where %s', async (_, answer) => {
  const atRisk = await given({ [alone(1)]: absent, [list]: answer });
  const answers = await Promise.allSettled([1, 2, 3].map(atRisk));
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
});

it('takes a row that cannot be read for a risk', async () => {
  const atRisk = await given({ [list]: page({ id: person(2) }) });
  expect(await crowd(atRisk)).toEqual([false, true, false]);
});

it('asks one by one where the tenant has no list, and goes on doing so', async () => {
  const risky: Scripted = { status: 200, body: row(2) };
  const tooMany = { status: 200, body: { value: [], '@odata.nextLink': '' } };
  const routes = { [alone(1)]: absent, [alone(2)]: risky, [alone(3)]: absent, [list]: tooMany };
  const atRisk = await given(routes);
  tooMany.body['@odata.nextLink'] = `${server.origin}/v1.0/identityProtection/riskyUsers?$skiptoken=x`;
  expect(await crowd(atRisk)).toEqual([false, true, false]);
  const lists = asked().filter((url) => url.startsWith('?')).length;
  expect(await crowd(atRisk)).toEqual([false, true, false]);
  expect(asked().filter((url) => url.startsWith('?'))).toHaveLength(lists);
});

it('refuses whoever had given up before they asked', async () => {
  await given({ [list]: page() });
  const reader = new MembershipReader(server.client, stillRuntime());
  const late = AbortSignal.abort();
  await expect(reader.atRisk(person(1), ['t'], late)).rejects.toMatchObject({ code: 'deadline' });
  const rights = reader.rights(person(1), {}, null, ['t'], { signal: late });
  await expect(rights).rejects.toMatchObject({ code: 'deadline' });
  expect(asked()).toEqual([]);
});

it('asks nothing for those who have given up waiting', async () => {
  const refused = graphError(400, 'BadRequest');
  server = await graphServer({
    [list]: refused,
    [alone(1)]: 'silence',
    [alone(2)]: absent,
    [alone(3)]: absent,
  });
  const reader = new MembershipReader(clientFor(server.origin, 1_500), stillRuntime());
  const patience = new AbortController();
  const first = reader.atRisk(person(1), ['t'], patience.signal);
  const second = reader.atRisk(person(2), ['t'], patience.signal);
  const third = reader.atRisk(person(3), ['t']);
  while (!asked().includes(`/${person(1)}`)) await new Promise(setImmediate);
  patience.abort();
  await expect(first).rejects.toMatchObject({ code: 'deadline' });
  await expect(second).rejects.toMatchObject({ code: 'deadline' });
  expect(await third).toBe(false);
  expect(asked()).not.toContain(`/${person(2)}`);
});
