import { evidenceOrigins, evidenceSchema } from '@sallyport/evidence';
import {
  aclRefusal,
  hibernating,
  noRecord,
  tableServer,
  type Route,
  type Scripted,
} from './table-server.fixture';
import { personColumnOf } from './ticket';
import { TicketReader } from './ticket-reader';

const sysId = '4fd1c0a7c3b2e210a1b2c3d4e5f60718';
const subjectField = 'u_risky_user.u_entra_object_id';
const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const beth = '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001';
const agent = '7d3c6a52-7c0d-4e7e-9a0f-2b1f0d5c9e22';
const row = {
  sys_id: sysId,
  number: 'INC0041207',
  state: '2',
  active: 'true',
  category: 'security',
  contact_type: 'monitoring',
  sys_mod_count: '3',
  short_description: 'Risky user **ines**',
  description: '',
  [subjectField]: ines.toUpperCase(),
  caller_id: { link: 'l', value: 'b'.repeat(32) },
  'caller_id.u_entra_object_id': beth,
  opened_by: 'a'.repeat(32),
  'opened_by.u_entra_object_id': agent,
};

type Server = Awaited<ReturnType<typeof tableServer>>;
let server: Server;
afterEach(() => server.stop());
const readerOf = async (routes: Record<string, Route>) => {
  server = await tableServer(routes);
  return new TicketReader(server.client, () => new Date('2026-11-20T10:00:00.000Z'));
};
const view = {
  subjectField,
  personColumn: 'u_entra_object_id',
  verifiedContactTypes: ['monitoring', 'Phone (verified)'],
};
const journalRow = {
  element: 'work_notes',
  element_id: sysId,
  value: 'Called **her** back',
  sys_created_on: '2026-11-20 09:40:00',
  sys_created_by: 'beth',
};
const ticket = async (
  scripted: Scripted,
  journal: Scripted = { status: 200, body: { result: [journalRow] } },
) =>
  (await readerOf({ [`GET incident/${sysId}`]: scripted, 'GET sys_journal_field': journal })).ticket(
    sysId,
    view,
    ['case-1', 2],
  );
const record = (over: object) => ({ status: 200, body: { result: { ...row, ...over } } });

describe('a ticket', () => {
  it('is read by the calls of the reference, and by no other', async () => {
    await ticket(record({}));
    const calls = server.received
      .filter(({ path }) => path !== '/oauth_token.do')
      .map(({ method, path }) => `${method} /api/now/v2/table/${path.replace(sysId, '{id}')}`);
    expect(evidenceOrigins.ticket).toEqual({ calls });
  });

  it('is read with typed values, untrusted texts and its source', async () => {
    const reading = await ticket(record({}));
    expect(reading).toMatchObject({
      state: 'known',
      value: {
        number: 'INC0041207',
        active: true,
        modCount: 3,
        subjectId: ines,
        callerId: beth,
        openedById: agent,
        unknownRequester: false,
        verifiedChannel: true,
        journal: [
          {
            at: '2026-11-20T09:40:00.000Z',
            kind: 'work_notes',
            author: { untrusted: 'beth' },
            text: { untrusted: 'Called **her** back' },
          },
        ],
        shortDescription: { untrusted: 'Risky user **ines**' },
      },
      source: { requestId: null, readAt: '2026-11-20T10:00:00.000Z' },
    });
    expect(evidenceSchema.shape.ticket.parse(reading)).toEqual(reading);
    expect(server.calls()[0]!.query.get('sysparm_fields')!.split(',')).toContain(subjectField);
  });

  it.each<[object, object]>([
    [{ [subjectField]: '' }, { state: 'known', value: { subjectId: null } }],
    [{ [subjectField]: { link: 'l', value: ines } }, { state: 'known', value: { subjectId: ines } }],
    [{ [subjectField]: undefined }, { state: 'unknown', reason: 'notConfigured' }],
    [{ [subjectField]: 'ines.varga@fabrikam.example' }, { state: 'unknown', reason: 'invalid' }],
    [{ [subjectField]: `${ines},${beth}` }, { state: 'unknown', reason: 'ambiguous' }],
    [{ [subjectField]: `${ines},` }, { state: 'unknown', reason: 'ambiguous' }],
    [
      { 'opened_by.u_entra_object_id': '' },
      { state: 'known', value: { openedById: null, unknownRequester: true } },
    ],
    [
      { 'opened_by.u_entra_object_id': 'Beth' },
      { state: 'known', value: { openedById: null, unknownRequester: true } },
    ],
    [
      { opened_by: '', 'opened_by.u_entra_object_id': '' },
      { state: 'known', value: { openedById: null, unknownRequester: false } },
    ],
    [{ 'opened_by.u_entra_object_id': undefined }, { state: 'unknown', reason: 'notConfigured' }],
    [
      { opened_by: undefined, 'opened_by.u_entra_object_id': '' },
      { state: 'known', value: { openedById: null, unknownRequester: true } },
    ],
    [
      { caller_id: undefined, 'caller_id.u_entra_object_id': '' },
      { state: 'known', value: { callerId: null, unknownRequester: true } },
    ],
    [{ caller_id: undefined }, { state: 'known', value: { callerId: beth, unknownRequester: false } }],
    [{ contact_type: 'phone (VERIFIED)' }, { state: 'known', value: { verifiedChannel: true } }],
    [{ contact_type: 'phone' }, { state: 'known', value: { verifiedChannel: false } }],
    [{ contact_type: '' }, { state: 'known', value: { verifiedChannel: null } }],
    [
      { 'caller_id.u_entra_object_id': '' },
      { state: 'known', value: { callerId: null, unknownRequester: true } },
    ],
    [
      { caller_id: '', 'caller_id.u_entra_object_id': '' },
      { state: 'known', value: { callerId: null, unknownRequester: false } },
    ],
    [{ 'caller_id.u_entra_object_id': undefined }, { state: 'unknown', reason: 'notConfigured' }],
    [{ active: '1' }, { state: 'unknown', reason: 'invalid' }],
    [{ sys_mod_count: '' }, { state: 'unknown', reason: 'invalid' }],
    [{ state: '' }, { state: 'unknown', reason: 'invalid' }],
    // Left out, as an ACL of the field does it.
    ...['state', 'active', 'category', 'contact_type', 'sys_mod_count', 'description'].map(
      (field): [object, object] => [
        { [field]: undefined },
        { state: 'unknown', reason: 'notConfigured', detail: `the instance has no readable field ${field}` },
      ],
    ),
    [{ sys_id: 'f'.repeat(32) }, { state: 'unknown', reason: 'invalid' }],
  ])('with %j is %j', async (over, expected) => {
    expect(await ticket(record(over))).toMatchObject(expected);
  });

  it.each<[Scripted, string]>([
    [noRecord, 'notFound'],
    [aclRefusal, 'forbidden'],
    [hibernating, 'unavailable'],
    ['reset', 'unavailable'],
    [{ status: 429, body: {} }, 'unavailable'],
    [{ status: 200, body: { result: [] } }, 'invalid'],
  ])('answered with %j is unknown: %s', async (scripted, reason) => {
    expect(await ticket(scripted)).toMatchObject({ state: 'unknown', reason });
  });

  it.each<[string, Scripted, number | null]>([
    ['hidden by an ACL', aclRefusal, null],
    ['not answered', 'reset', null],
    ['a hibernating page', hibernating, null],
    [
      'of another shape',
      { status: 200, body: { result: [{ ...journalRow, sys_created_on: 'today' }] } },
      null,
    ],
    ['empty', { status: 200, body: { result: [] } }, 0],
    [
      'wider than asked',
      { status: 200, body: { result: [journalRow, { ...journalRow, element_id: 'x' }] } },
      1,
    ],
    ['longer than asked', { status: 200, body: { result: Array(30).fill(journalRow) } }, 20],
  ])('with a journal that is %s is known all the same', async (_, journal, rows) => {
    const reading = await ticket(record({}), journal);
    expect(reading.state === 'known' && (reading.value.journal?.length ?? null)).toBe(rows);
    expect(evidenceSchema.shape.ticket.parse(reading)).toEqual(reading);
  });

  it('names caller and opener by the column that the subject is named by', async () => {
    const subject = 'u_risky_user.u_aad_oid';
    const people = { 'caller_id.u_aad_oid': ines, 'opened_by.u_aad_oid': beth };
    const other = { ...row, [subject]: ines, ...people };
    const reader = await readerOf({
      [`GET incident/${sysId}`]: { status: 200, body: { result: other } },
      'GET sys_journal_field': noRecord,
    });
    const renamed = { ...view, subjectField: subject, personColumn: personColumnOf(subject) };
    expect(await reader.ticket(sysId, renamed, [])).toMatchObject({
      state: 'known',
      value: { subjectId: ines, callerId: ines, openedById: beth },
    });
    expect(personColumnOf('u_risky_user_id')).toBe('u_entra_object_id');
  });

  it('asks nothing about who asks where it is not told how, and claims nothing', async () => {
    const reader = await readerOf({
      [`GET incident/${sysId}`]: record({}),
      'GET sys_journal_field': noRecord,
    });
    expect(await reader.ticket(sysId, { subjectField, verifiedContactTypes: [] }, [])).toMatchObject({
      state: 'known',
      value: { callerId: null, openedById: null, unknownRequester: true },
    });
    expect(server.calls()[0]!.query.get('sysparm_fields')).not.toMatch(/caller_id|opened_by/);
  });

  it('is never asked for by anything but a sys_id, nor a field that is not a name', async () => {
    const reader = await readerOf({});
    await expect(reader.ticket('../sys_user', view, [])).rejects.toThrow(TypeError);
    await expect(reader.ticket(sysId, { ...view, subjectField: 'a^NQb' }, [])).rejects.toThrow(TypeError);
    expect(server.received).toEqual([]);
  });
});

describe('the backfill', () => {
  const since = '2026-11-20T09:00:00.500Z';
  const change = (n: number, over: object = {}) => ({
    sys_id: n.toString(16).padStart(32, '0'),
    number: `INC${n}`,
    sys_mod_count: '1',
    sys_updated_on: '2026-11-20 09:31:48',
    category: 'security',
    reopen_count: '0',
    active: 'true',
    ...over,
  });
  const next = { link: '<https://x/api?sysparm_offset=100>;rel="next",<https://x/api>;rel="last"' };

  it('asks for what changed, in order, and goes on over short and empty pages while there is a next link', async () => {
    const reader = await readerOf({
      'GET incident': (_request, turn) =>
        [
          { status: 200, body: { result: [change(1)] }, headers: next },
          { status: 200, body: { result: [] }, headers: next },
          { status: 200, body: { result: [change(1), change(2)] } },
        ][turn]!,
    });
    const asked = (name: string) => server.calls().map(({ query }) => query.get(name));
    const changes = await reader.changedSince(since, 'category=security', 500);
    expect(changes.map(({ number }) => number)).toEqual(['INC1', 'INC2']);
    expect(changes[0]).toMatchObject({ updatedAt: '2026-11-20T09:31:48.000Z', modCount: 1, reopenCount: 0 });
    const from = (time: string) =>
      `category=security^sys_updated_on>=2026-11-20 ${time}^ORDERBYsys_updated_on^ORDERBYsys_id`;
    // On from the last time that was seen; where there is none, on by offset.
    expect(asked('sysparm_query')).toEqual([from('09:00:00'), from('09:31:48'), from('09:31:48')]);
    expect(asked('sysparm_offset')).toEqual(['0', '0', '50']);
  });

  describe('of more than one page, while rows change', () => {
    const clock = (n: number) => `2026-11-20 09:31:${String(n).padStart(2, '0')}`;
    /** An instance with 150 rows, of which some are touched before it answers about the second page. */
    const touching = (touched: number, seconds: number) => {
      const rows = Array.from({ length: 150 }, (_, n) =>
        change(n, { sys_updated_on: clock(Math.floor((n * seconds) / 150)) }),
      );
      return readerOf({
        'GET incident': ({ query }, turn) => {
          // A second that fills a page is asked for twice: first in its place, then from its start.
          if (turn === (seconds === 1 ? 2 : 1))
            for (const row of rows.slice(0, touched)) row.sys_updated_on = '2026-11-20 09:40:00';
          const from = /sys_updated_on>=([^^]+)/.exec(query.get('sysparm_query') ?? '')?.[1] ?? '';
          const offset = Number(query.get('sysparm_offset'));
          const key = (row: (typeof rows)[number]) => `${row.sys_updated_on} ${row.sys_id}`;
          const found = rows
            .filter((row) => row.sys_updated_on >= from)
            .sort((a, b) => (key(a) < key(b) ? -1 : 1));
          return { status: 200, body: { result: found.slice(offset, offset + 100) } };
        },
      });
    };
    const found = async (reader: Awaited<ReturnType<typeof readerOf>>) =>
      (await reader.changedSince(since, 'category=security', 400)).map(({ number }) => number);

    it.each([
      ['a row of the first page', 1, 30],
      ['every row of the first page', 100, 30],
      ['a row of a second that fills more than a page', 1, 1],
      ['nearly half a page of such a second', 49, 1],
    ])('none is missed where %s changes', async (_, touched, seconds) => {
      expect(new Set(await found(await touching(touched, seconds))).size).toBe(150);
    });

    it('it says so where one may be missing', async () => {
      await expect(found(await touching(50, 1))).rejects.toMatchObject({ code: 'pagesMoved' });
    });
  });

  it('drops what the instance returns beyond the question, and stops at the limit', async () => {
    const old = change(9, { sys_updated_on: '2026-11-19 23:59:59' });
    const reader = await readerOf({
      'GET incident': { status: 200, body: { result: [old, change(1), change(2)] }, headers: next },
    });
    expect(await reader.changedSince(since, 'category=security', 1)).toMatchObject([{ number: 'INC1' }]);
    expect(server.calls()).toHaveLength(1);
  });

  it('ends after fifty pages that lead nowhere', async () => {
    const reader = await readerOf({ 'GET incident': { status: 200, body: { result: [] }, headers: next } });
    await expect(reader.changedSince(since, 'category=security', 1)).rejects.toMatchObject({
      code: 'tooManyPages',
    });
    expect(server.calls()).toHaveLength(50);
  });

  it.each(['', 'category=security^NQactive=true', 'category=security^EQ', 'category=security^ORDERBYnumber'])(
    'refuses %p as a query',
    async (query) => {
      const reader = await readerOf({});
      await expect(reader.changedSince(since, query, 1)).rejects.toThrow(TypeError);
    },
  );
});
