import { simulatedClients, stableGuid, stableSysId } from '@sallyport/scenario';
import { runSimulator, type RunningSimulator, start } from './testing/running-simulator';

let tenant: RunningSimulator;
let round = 0;
let key: string;
let id: string;

beforeAll(async () => {
  tenant = await runSimulator();
});
beforeEach(async () => {
  // A person of its own for each test: faults aim at one person and leave the others alone.
  key = `person-${++round}`;
  id = stableGuid('user', key);
  await tenant.setClock(start);
  await tenant.load({
    users: [{ key, risk: {}, signInSessionsValidFromDateTime: '-1d' }, { key: `${key}-bystander` }],
    incidents: [{ key: `${key}-ticket`, subject: key }],
  });
});
afterAll(() => tenant.stop());

const revoke = (who = id) => tenant.graph('executor', 'POST', `/users/${who}/revokeSignInSessions`);
const wasRevoked = async () =>
  Date.parse((await tenant.call('GET', `/_sim/users/${id}`)).json.signInSessionsValidFromDateTime) >=
  start.getTime();
const lastWrite = async () => (await tenant.call('GET', `/_sim/writes?subject=${id}`)).json.writes.at(-1);
const on = (more: object = {}) => ({ on: { surface: 'graph', user: key, ...more } });

describe('before the effect', () => {
  it('a status answers in the words of the system, and nothing happened', async () => {
    await tenant.fault({ ...on(), kind: 'status', status: 503 });
    const reply = await revoke();
    expect([reply.status, reply.json.error.code]).toEqual([503, 'ServiceUnavailable']);
    expect(await wasRevoked()).toBe(false);
    expect(await lastWrite()).toMatchObject({ operation: 'revokeSessions', applied: false, status: 503 });
  });

  it('a throttle comes with Retry-After only when told so', async () => {
    await tenant.fault([
      { ...on(), kind: 'throttle' },
      { ...on(), kind: 'throttle', retryAfterSeconds: 7 },
    ]);
    expect((await revoke()).headers['retry-after']).toBeUndefined();
    const second = await revoke();
    expect([second.status, second.headers['retry-after']]).toEqual([429, '7']);
    expect(await wasRevoked()).toBe(false);
  });

  it('a revoked token is refused with a claims challenge from now on, and a newer one is taken', async () => {
    const given = await tenant.token(simulatedClients.executor, tenant.graphScope);
    const headers = { authorization: `Bearer ${given}` };
    const send = (sent = {}) => tenant.graph('executor', 'POST', `/users/${id}/revokeSignInSessions`, sent);
    await tenant.fault({ ...on(), kind: 'tokenRevoked' });
    for (const reply of [await send({ headers }), await send({ headers })]) {
      expect([reply.status, reply.json.error.code]).toEqual([401, 'InvalidAuthenticationToken']);
      const encoded = /error="insufficient_claims", claims="([^"]+)"/.exec(
        String(reply.headers['www-authenticate']),
      )?.[1];
      expect(JSON.parse(Buffer.from(encoded ?? '', 'base64').toString())).toEqual({
        access_token: { nbf: { essential: true, value: expect.stringMatching(/^\d{10}$/) } },
      });
    }
    expect(await wasRevoked()).toBe(false);
    expect((await send()).status).toBe(200);
  });

  it('a reset breaks the connection', async () => {
    await tenant.fault({ ...on(), kind: 'resetBefore' });
    await expect(revoke()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await wasRevoked()).toBe(false);
  });

  it('a success without effect looks like any other', async () => {
    await tenant.fault({ ...on(), kind: 'noEffect' });
    expect((await revoke()).status).toBe(200);
    expect(await wasRevoked()).toBe(false);
    expect(await lastWrite()).toMatchObject({ applied: false, status: 200, fault: 'noEffect' });
  });

  it('a page of HTML is no JSON', async () => {
    await tenant.fault({ on: { surface: 'servicenow', user: key }, kind: 'html' });
    const reply = await tenant.table(
      'reader',
      'GET',
      `/incident/${stableSysId('incident', `${key}-ticket`)}`,
    );
    expect(reply.status).toBe(200);
    expect(reply.headers['content-type']).toContain('text/html');
  });
});

describe('after the effect', () => {
  it('a 504 hides that it happened', async () => {
    await tenant.fault({ ...on(), kind: 'statusAfterEffect', status: 504 });
    expect((await revoke()).status).toBe(504);
    expect(await wasRevoked()).toBe(true);
    expect(await lastWrite()).toMatchObject({ applied: true, status: 504 });
  });

  it('a reset hides it too', async () => {
    await tenant.fault({ ...on(), kind: 'resetAfter' });
    await expect(revoke()).rejects.toThrow(/socket hang up|ECONNRESET/);
    expect(await wasRevoked()).toBe(true);
    expect(await lastWrite()).toMatchObject({ applied: true, status: null });
  });

  it('a slow answer comes late, the effect at once', async () => {
    await tenant.fault({ ...on(), kind: 'slow', ms: 150 });
    const began = performance.now();
    const reply = revoke();
    while (!(await wasRevoked())) expect(performance.now() - began).toBeLessThan(5_000);
    expect((await reply).status).toBe(200);
    expect(performance.now() - began).toBeGreaterThanOrEqual(150);
  });

  it('a late one takes effect after its caller has hung up', async () => {
    await tenant.fault({ ...on(), kind: 'late', ms: 300 });
    let answered = false;
    const reply = revoke().finally(() => (answered = true));
    expect(await wasRevoked()).toBe(false);
    expect(answered).toBe(false);
    expect((await reply).status).toBe(200);
    expect(await wasRevoked()).toBe(true);
    expect(await lastWrite()).toMatchObject({ applied: true, status: 200 });
  });
});

describe('reads', () => {
  it('answer an older state when stale', async () => {
    await revoke();
    await tenant.setClock(new Date(start.getTime() + 30_000));
    await tenant.fault({ ...on({ method: 'GET' }), kind: 'staleRead', secondsAgo: 60 });
    const read = () =>
      tenant.graph('contextReader', 'GET', `/users/${id}?$select=signInSessionsValidFromDateTime`);
    const seen = async () => Date.parse((await read()).json.signInSessionsValidFromDateTime);
    // The tenant was loaded less than a minute ago: then there was nobody.
    expect((await read()).status).toBe(404);
    expect(await seen()).toBeGreaterThanOrEqual(start.getTime());
    await tenant.setClock(new Date(start.getTime() + 90_000));
    await tenant.graph('executor', 'POST', `/users/${id}/revokeSignInSessions`);
    await tenant.fault({ ...on({ method: 'GET' }), kind: 'staleRead', secondsAgo: 30 });
    expect(await seen()).toBeLessThan(start.getTime() + 60_000);
  });

  it('answer an empty page that has a next one', async () => {
    await tenant.fault({ on: { surface: 'graph', path: '**/riskyUsers' }, kind: 'emptyPage' });
    const path = '/identityProtection/riskyUsers?$top=500';
    const empty = (await tenant.graph('contextReader', 'GET', path)).json;
    expect(empty.value).toEqual([]);
    const next = empty['@odata.nextLink'];
    const full = await tenant.graph('contextReader', 'GET', next.slice(next.indexOf('/identityProtection')));
    expect(full.json.value.length).toBeGreaterThan(0);
  });
});

describe('a fault', () => {
  it('strikes only whom it is aimed at, as often as it says, after as many as it lets pass', async () => {
    await tenant.fault({ ...on(), kind: 'status', status: 500, times: 2, after: 1 });
    expect((await revoke(stableGuid('user', `${key}-bystander`))).status).toBe(200);
    const statuses: number[] = [];
    for (let i = 0; i < 4; i++) statuses.push((await revoke()).status);
    expect(statuses).toEqual([200, 500, 500, 200]);
    const { faults } = (await tenant.call('GET', '/_sim/faults')).json;
    expect(faults.at(-1).struck).toBe(2);
  });

  it('finds the person in a body of many', async () => {
    await tenant.fault({
      ...on({ path: '/v1.0/identityProtection/riskyUsers/dismiss' }),
      kind: 'statusAfterEffect',
    });
    const body = { userIds: [stableGuid('user', `${key}-bystander`), id] };
    const reply = await tenant.graph('executor', 'POST', '/identityProtection/riskyUsers/dismiss', { body });
    expect(reply.status).toBe(504);
  });

  it('finds the incident about a person', async () => {
    await tenant.fault({
      on: { surface: 'servicenow', user: key, method: 'PATCH' },
      kind: 'status',
      status: 503,
    });
    const path = `/incident/${stableSysId('incident', `${key}-ticket`)}`;
    expect((await tenant.table('writer', 'PATCH', path, { body: { state: '2' } })).status).toBe(503);
    expect((await tenant.table('reader', 'GET', path)).json.result.state).toBe('1');
  });

  it('may match by a regular expression', async () => {
    await tenant.fault({ ...on({ path: `/revoke.*Sessions$/` }), kind: 'status', status: 502 });
    expect((await revoke()).status).toBe(502);
  });

  it('that makes no sense is refused', async () => {
    expect((await tenant.fault({ on: { surface: 'graph' }, kind: 'gremlin' })).status).toBe(400);
    expect((await tenant.fault({ ...on({ path: '/(/' }), kind: 'status' })).status).toBe(400);
  });
});

describe('in a batch', () => {
  const inner = (who: string) => ({ id: who, method: 'GET', url: `/users/${who}?$select=accountEnabled` });
  const batch = async (...who: string[]) => {
    const body = { requests: who.map(inner) };
    const { json } = await tenant.graph('contextReader', 'POST', '/$batch', { body });
    const answers: { id: string; status: number }[] = json.responses;
    return who.map((one) => answers.find((answer) => answer.id === one)?.status);
  };
  const bystander = () => stableGuid('user', `${key}-bystander`);

  it.each<[string, object, number]>([
    ['a status', { kind: 'status', status: 502 }, 502],
    ['a throttle', { kind: 'throttle' }, 429],
    ['a broken connection', { kind: 'resetBefore' }, 503],
    ['the past', { kind: 'staleRead', secondsAgo: 3_600 }, 404],
  ])('%s strikes the part that it is aimed at', async (_what, fault, status) => {
    await tenant.fault({ ...on({ path: '/v1.0/users/*' }), ...fault });
    expect(await batch(id, bystander())).toEqual([status, 200]);
    expect(await batch(id)).toEqual([200]);
  });
});

it('strikes no more once it is taken back', async () => {
  const { json } = await tenant.fault([
    { ...on(), kind: 'status', status: 500, times: 'always' },
    { ...on(), kind: 'status', status: 502, times: 'always' },
  ]);
  const [first, second] = json.ids;
  expect((await revoke()).status).toBe(500);
  await tenant.call('DELETE', `/_sim/faults?ids=${first}`);
  expect((await revoke()).status).toBe(502);
  await tenant.call('DELETE', `/_sim/faults?ids=${second}`);
  expect((await revoke()).status).toBe(200);
});
