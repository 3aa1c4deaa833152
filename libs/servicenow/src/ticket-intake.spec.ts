import { patienceFor, tableServer, type Route, type Scripted } from './table-server.fixture';
import { TicketIntake } from './ticket-intake';

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const [first, second] = ['a'.repeat(32), 'b'.repeat(32)];
const correlation = 'sallyport-1';
const incident = { sys_id: first, number: 'INC1', reopen_count: '0', correlation_id: correlation };
const list = (...result: object[]): Scripted => ({ status: 200, body: { result } });

let server: Awaited<ReturnType<typeof tableServer>>;
afterEach(() => server.stop());
const intakeOf = async (routes: Record<string, Route>, timeoutMs?: number) => {
  server = await tableServer(routes, timeoutMs);
  return new TicketIntake(server.client);
};

describe('an incident of ours', () => {
  it.each<[string, Scripted, object | null]>([
    ['is found', list(incident), { sysId: first, number: 'INC1', reopenCount: 0 }],
    ['is not there', list(), null],
    ['is the oldest of several', list(incident, { ...incident, sys_id: second }), { sysId: first }],
    ['is not another one, where the condition was dropped', list({ ...incident, correlation_id: '' }), null],
  ])('%s', async (_, answer, expected) => {
    const found = await (await intakeOf({ 'GET incident': answer })).find(correlation);
    if (expected) expect(found).toMatchObject(expected);
    else expect(found).toBeNull();
    expect(server.calls()[0]!.query.get('sysparm_query')).toBe(
      `correlation_id=${correlation}^ORDERBYsys_created_on`,
    );
  });

  it('is never asked for by what could change the query', async () => {
    await expect((await intakeOf({})).find('x^NQactive=true')).rejects.toThrow(TypeError);
    expect(server.received).toEqual([]);
  });
});

describe('a user record', () => {
  const row = { sys_id: first, u_entra_object_id: ines.toUpperCase() };
  it.each<[string, Scripted, string | null]>([
    ['is the one with the object id', list(row), first],
    ['is nobody where there is none', list(), null],
    ['is nobody where there are several', list(row, { ...row, sys_id: second }), null],
    ['is nobody where the condition was dropped', list({ sys_id: second, u_entra_object_id: '' }), null],
    ['is nobody where the column is hidden', list({ sys_id: second }), null],
    ['is nobody without a sys_id', list({ ...row, sys_id: '' }), null],
  ])('%s', async (_, answer, expected) => {
    const intake = await intakeOf({ 'GET sys_user': answer });
    expect(await intake.userSysId('u_entra_object_id', ines)).toBe(expected);
  });

  it('is never looked for by a name', async () => {
    const intake = await intakeOf({});
    await expect(intake.userSysId('u_entra_object_id', 'Ines Varga')).rejects.toThrow(TypeError);
    expect(server.received).toEqual([]);
  });
});

describe('a new incident', () => {
  const fields = { short_description: 'Risky user', correlation_id: correlation, u_risky_user: second };
  const created = (over: object = {}): Scripted => ({
    status: 201,
    body: { result: { ...incident, ...fields, ...over } },
  });

  it('is sent once, and told where it stands', async () => {
    const intake = await intakeOf({ 'POST incident': created() });
    expect(await intake.create(fields)).toEqual({
      sysId: first,
      number: 'INC1',
      reopenCount: 0,
      ignored: [],
    });
    expect(JSON.parse(server.calls()[0]!.body)).toEqual(fields);
  });

  it('names the columns that an ACL kept', async () => {
    const intake = await intakeOf({ 'POST incident': created({ u_risky_user: '' }) });
    expect((await intake.create(fields)).ignored).toEqual(['u_risky_user']);
  });

  it.each<[string, Scripted]>([
    ['a reset connection', 'reset'],
    ['silence', 'silence'],
    ['a gateway error', { status: 502, body: {} }],
    ['an answer without the record', { status: 201, body: {} }],
  ])('after %s may exist, and is not sent again', async (_, answer) => {
    const intake = await intakeOf({ 'POST incident': answer }, patienceFor(answer));
    await expect(intake.create(fields)).rejects.toMatchObject({ kind: 'unavailable' });
    expect(server.calls()).toHaveLength(1);
  });

  it.each(['sys_id', 'a^b', ''])('never sends the column %p', async (column) => {
    await expect((await intakeOf({})).create({ [column]: 'x' })).rejects.toThrow(TypeError);
  });
});
