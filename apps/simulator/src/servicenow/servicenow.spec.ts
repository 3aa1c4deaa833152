import { incidentNumber, stableGuid, stableSysId } from '@sallyport/scenario';
import { runSimulator, type RunningSimulator, start } from '../testing/running-simulator';

const ticket = stableSysId('incident', 'ticket');
const other = stableSysId('incident', 'other');
let tenant: RunningSimulator;

beforeAll(async () => {
  tenant = await runSimulator();
});
beforeEach(async () => {
  await tenant.setClock(start);
  await tenant.load({
    users: [
      { key: 'ines', displayName: 'Ines Varga' },
      { key: 'stranger', inServiceNow: false },
    ],
    incidents: [
      { key: 'ticket', subject: 'ines', caller: 'ines', state: 2, assignment_group: 'SecOps' },
      { key: 'other', subject: 'stranger', short_description: 'Printer', state: 1, opened_at: '-1h' },
    ],
  });
});
afterAll(() => tenant.stop());

const read = async (path: string) => (await tenant.table('reader', 'GET', path)).json.result;
const patch = (sysId: string, body: unknown) =>
  tenant.table('writer', 'PATCH', `/incident/${sysId}`, { body });

describe('a record', () => {
  it('is all strings; a reference is an object, an empty one an empty string', async () => {
    const row = await read(`/incident/${ticket}`);
    expect(row).toMatchObject({
      state: '2',
      active: 'true',
      sys_mod_count: '0',
      number: incidentNumber('ticket'),
    });
    expect(row.caller_id).toEqual({
      link: expect.stringContaining(`/api/now/table/sys_user/${stableSysId('sys_user', 'ines')}`),
      value: stableSysId('sys_user', 'ines'),
    });
    expect((await read(`/incident/${other}`)).u_risky_user).toBe('');
  });

  it('is dot-walked to the directory id of whom it is about', async () => {
    const fields = 'sysparm_fields=number,u_risky_user.u_entra_object_id,nonsense';
    expect(await read(`/incident/${ticket}?${fields}`)).toEqual({
      number: incidentNumber('ticket'),
      'u_risky_user.u_entra_object_id': stableGuid('user', 'ines'),
    });
  });

  it('shows plain references, display values in the zone of the API user, or both', async () => {
    const at = `/incident/${ticket}?sysparm_fields=state,caller_id,opened_at`;
    expect(await read(`${at}&sysparm_exclude_reference_link=true`)).toMatchObject({
      caller_id: stableSysId('sys_user', 'ines'),
      opened_at: '2026-11-20 08:50:00',
    });
    expect(await read(`${at}&sysparm_display_value=true`)).toMatchObject({
      state: 'In Progress',
      caller_id: { display_value: 'Ines Varga' },
      opened_at: '2026-11-20 09:50:00',
    });
    expect((await read(`${at}&sysparm_display_value=all`)).state).toEqual({
      display_value: 'In Progress',
      value: '2',
    });
  });

  it('that does not exist is 404 with an error body', async () => {
    const reply = await tenant.table('reader', 'GET', `/incident/${'0'.repeat(32)}`);
    expect([reply.status, reply.json.status]).toEqual([404, 'failure']);
  });
});

describe('a list', () => {
  const find = async (query: string) =>
    (await read(`/incident?sysparm_fields=sys_id&sysparm_query=${encodeURIComponent(query)}`)).map(
      (row: { sys_id: string }) => row.sys_id,
    );

  it.each([
    ['state=2', [ticket]],
    ['stateIN1,2^ORDERBYopened_at', [other, ticket]],
    ['stateIN1,2^ORDERBYDESCopened_at', [ticket, other]],
    ['short_descriptionLIKEprint', [other]],
    ['state=2^ORstate=1^short_descriptionSTARTSWITHrisky', [ticket]],
    ['state=9^NQstate=1', [other]],
    ['u_risky_userISEMPTY', [other]],
    ['opened_at>=2026-11-20 08:40:00', [ticket]],
    [`u_risky_user.u_entra_object_id=${stableGuid('user', 'ines')}`, [ticket]],
    ['assignment_group.name=SecOps', [ticket]],
  ])('answers the encoded query %s', async (query, expected) => {
    expect(await find(query)).toEqual(expected);
  });

  it.each([['stat=2^ORDERBYopened_at'], ['stateISBIGGERTHAN1^ORDERBYopened_at']])(
    'drops an invalid condition without a word: %s',
    async (query) => {
      expect(await find(query)).toEqual([other, ticket]);
    },
  );

  it('pages by limit and offset with a Link to the next page', async () => {
    const query = '/incident?sysparm_query=ORDERBYopened_at&sysparm_fields=sys_id';
    const first = await tenant.table('reader', 'GET', `${query}&sysparm_limit=1`);
    expect(first.json.result).toEqual([{ sys_id: other }]);
    const link = String(first.headers['link']);
    const next = /<https:\/\/[^/]+\/api\/now\/v2\/table([^>]+)>;rel="next"/.exec(link)?.[1] ?? '';
    const second = await tenant.table('reader', 'GET', next);
    expect(second.json.result).toEqual([{ sys_id: ticket }]);
    expect(second.headers['link']).toBeUndefined();
  });

  it('is empty with 200 where nothing matches', async () => {
    expect(await find('state=7')).toEqual([]);
  });
});

describe('a PATCH', () => {
  it('returns the record, counts the change, and appends a journal row that reads back as a row only', async () => {
    const reply = await patch(ticket, { work_notes: 'Sessions revoked', state: '2' });
    expect(reply.json.result).toMatchObject({
      work_notes: '',
      sys_mod_count: '1',
      sys_updated_by: 'svc.sallyport',
    });
    const query = `name=incident^element_id=${ticket}^element=work_notes`;
    const rows = await read(`/sys_journal_field?sysparm_query=${encodeURIComponent(query)}`);
    expect(rows.filter(({ value }: { value: string }) => value === 'Sessions revoked')).toHaveLength(1);
    await patch(ticket, { work_notes: 'Sessions revoked' });
    const twice = await read(`/sys_journal_field?sysparm_query=${encodeURIComponent(query)}`);
    expect(twice.filter(({ value }: { value: string }) => value === 'Sessions revoked')).toHaveLength(2);
  });

  it('that changes nothing does not count', async () => {
    expect((await patch(ticket, { state: '2' })).json.result.sys_mod_count).toBe('0');
  });

  it('ignores system fields and unknown ones with 200', async () => {
    const reply = await patch(ticket, { sys_created_by: 'me', priority: '1', nonsense: 'x' });
    expect(reply.status).toBe(200);
    expect(reply.json.result).toMatchObject({ sys_created_by: 'system', priority: '3' });
  });

  it('resolves only with a code and notes', async () => {
    expect((await patch(ticket, { state: '6' })).status).toBe(403);
    expect((await read(`/incident/${ticket}`)).state).toBe('2');
    const body = { state: '6', close_code: 'Solution provided', close_notes: 'Done' };
    const reply = await patch(ticket, body);
    expect(reply.status).toBe(200);
    expect(reply.json.result).toMatchObject({
      state: '6',
      resolved_at: expect.stringMatching(/^2026-11-20 09:/),
    });
  });

  it('is recorded for the incident and for the person', async () => {
    await patch(ticket, { work_notes: 'x' });
    for (const subject of [ticket, stableGuid('user', 'ines')]) {
      const { writes } = (await tenant.call('GET', `/_sim/writes?subject=${subject}`)).json;
      expect(writes.at(-1)).toMatchObject({ operation: 'ticketPatch', target: ticket, applied: true });
    }
  });

  it('keeps both of two that come at the same instant', async () => {
    await Promise.all([patch(ticket, { work_notes: 'one' }), patch(ticket, { work_notes: 'two' })]);
    expect((await read(`/incident/${ticket}`)).sys_mod_count).toBe('2');
  });
});

it('a POST makes an incident and says where', async () => {
  const body = {
    short_description: 'New',
    correlation_id: 'case-1',
    u_risky_user: stableSysId('sys_user', 'ines'),
  };
  const reply = await tenant.table('writer', 'POST', '/incident', { body });
  expect(reply.status).toBe(201);
  expect(reply.headers['location']).toContain(reply.json.result.sys_id);
  const found = await read('/incident?sysparm_query=correlation_id=case-1');
  expect(found).toHaveLength(1);
});

it('choices and groups can be read', async () => {
  const query = encodeURIComponent('name=incident^element=close_code^inactive=false');
  const codes = await read(`/sys_choice?sysparm_query=${query}&sysparm_fields=value`);
  expect(codes).toContainEqual({ value: 'Solution provided' });
  expect(await read('/sys_user_group?sysparm_query=name=SecOps')).toHaveLength(1);
});

describe('access', () => {
  it('lets the intake make incidents and change none', async () => {
    const body = { short_description: 'Risky user' };
    const made = await tenant.table('intake', 'POST', '/incident', { body });
    expect([made.status, made.json.result.sys_created_by]).toEqual([201, 'svc.sallyport.intake']);
    expect((await tenant.table('intake', 'PATCH', `/incident/${ticket}`, { body })).status).toBe(403);
    expect((await tenant.table('reader', 'POST', '/incident', { body })).status).toBe(403);
  });

  it('needs a token, and a reader may not write', async () => {
    expect((await tenant.call('GET', `/api/now/v2/table/incident`)).status).toBe(401);
    const reply = await tenant.table('reader', 'PATCH', `/incident/${ticket}`, { body: { state: '2' } });
    expect([reply.status, reply.json.error.message]).toEqual([403, 'Operation Failed']);
  });

  it('gives tokens only for the right secret', async () => {
    const form = { grant_type: 'client_credentials', client_id: 'simulated-writer', client_secret: 'x' };
    expect((await tenant.call('POST', '/oauth_token.do', { form })).status).toBe(401);
  });

  it('refuses other methods, tables and content types', async () => {
    expect((await tenant.table('writer', 'DELETE', `/incident/${ticket}`)).status).toBe(405);
    expect((await tenant.table('reader', 'GET', '/sys_properties')).status).toBe(400);
    const headers = { accept: 'application/xml' };
    expect((await tenant.table('reader', 'GET', '/incident', { headers })).status).toBe(406);
  });
});
