import {
  aclRefusal,
  hibernating,
  patienceFor,
  tableServer,
  type Received,
  type Scripted,
} from './table-server.fixture';
import { TicketWriter } from './ticket-writer';

const sysId = '4fd1c0a7c3b2e210a1b2c3d4e5f60718';
const operationId = 'b'.repeat(64);
const otherOperation = 'c'.repeat(64);
const resolve = { state: '6', close_code: 'Solution provided', close_notes: 'Contained.' };

/** An incident and its journal, kept as an instance keeps them. */
class Incident {
  modCount = 3;
  fields: Record<string, string> = { state: '2', close_code: '', close_notes: '' };
  journal: { value: string; sys_created_by: string }[] = [];
  readonly protectedFields = new Set<string>();

  apply({ body }: Received): void {
    for (const [field, value] of Object.entries(JSON.parse(body) as Record<string, string>)) {
      if (field === 'work_notes') this.journal.push({ value, sys_created_by: 'svc.sallyport' });
      else if (!this.protectedFields.has(field)) this.fields[field] = value;
    }
    this.modCount++;
  }
  record(): Scripted {
    return {
      status: 200,
      body: { result: { sys_id: sysId, sys_mod_count: String(this.modCount), ...this.fields } },
    };
  }
}

type Server = Awaited<ReturnType<typeof tableServer>>;
let server: Server;
let incident: Incident;
afterEach(() => server.stop());
const instance = async (
  patch: (request: Received, turn: number) => Scripted,
  userName?: string,
  timeoutMs?: number,
) => {
  incident = new Incident();
  const routes = {
    [`GET incident/${sysId}`]: () => incident.record(),
    'GET sys_journal_field': () => ({ status: 200, body: { result: incident.journal } }),
    [`PATCH incident/${sysId}`]: patch,
  };
  server = await tableServer(routes, timeoutMs);
  return new TicketWriter(server.client, userName);
};
const faithful = (request: Received): Scripted => {
  incident.apply(request);
  return incident.record();
};
const write = { operationId, note: 'Sessions revoked.', fields: resolve };

it('sends what is only wished for too, and does not mind where it is kept as it was', async () => {
  const writer = await instance(faithful);
  const wished = { parent_incident: 'd'.repeat(32) };
  await writer.write(sysId, { ...write, wished });
  expect(incident.fields).toMatchObject({ ...resolve, ...wished });
  incident.protectedFields.add('parent_incident');
  const again = { ...write, operationId: otherOperation, wished: { parent_incident: '' } };
  expect(await writer.write(sysId, again)).toMatchObject({ alreadyWritten: false });
  expect(incident.fields).toMatchObject(wished);
  await expect(writer.write(sysId, { ...again, wished: { sys_id: 'x' } })).rejects.toThrow(TypeError);
});

it('writes note and fields in one request and marks the note with its operation', async () => {
  const writer = await instance(faithful);
  expect(await writer.write(sysId, write)).toEqual({ modCount: 4, alreadyWritten: false });
  expect(incident.journal[0]?.value).toBe(`Sessions revoked.\n\n[sallyport op=${operationId}]`);
  expect(incident.fields).toMatchObject(resolve);
  expect(server.calls().map(({ method }) => method)).toEqual(['GET', 'PATCH']);
  expect(server.calls()[0]!.query.get('sysparm_query')).toBe(
    `name=incident^element_id=${sysId}^element=work_notes^valueLIKE${operationId}^ORDERBYDESCsys_created_on`,
  );
});

it('writes once however often it is asked, and once more for another operation', async () => {
  const writer = await instance(faithful);
  await writer.write(sysId, write);
  expect(await writer.write(sysId, write)).toEqual({ modCount: 4, alreadyWritten: true });
  // The server returns every journal row, as an instance does that dropped the LIKE term.
  expect(await writer.write(sysId, { ...write, operationId: otherOperation })).toMatchObject({
    alreadyWritten: false,
  });
  expect(incident.journal).toHaveLength(2);
});

it.each<[string, Scripted]>([
  ['a reset connection', 'reset'],
  ['no answer', 'silence'],
  ['a gateway error', { status: 502, body: {} }],
  ['an HTML page', hibernating],
])('after %s it finds in the journal that the write had happened', async (_name, scripted) => {
  const lost = (request: Received): Scripted => {
    incident.apply(request);
    return scripted;
  };
  const writer = await instance(lost, undefined, patienceFor(scripted));
  expect(await writer.write(sysId, write)).toEqual({ modCount: 4, alreadyWritten: true });
  expect(incident.journal).toHaveLength(1);
});

it('after a broken answer without effect it asks to be retried, and the retry writes once', async () => {
  const writer = await instance((request, turn) => (turn === 0 ? 'reset' : faithful(request)));
  await expect(writer.write(sysId, write)).rejects.toMatchObject({ kind: 'unavailable', retryable: true });
  expect(await writer.write(sysId, write)).toMatchObject({ alreadyWritten: false });
  expect(incident.journal).toHaveLength(1);
});

it('names the protected field also where the answer was lost and the note is found in the journal', async () => {
  const writer = await instance((request) => {
    incident.apply(request);
    return 'reset';
  });
  incident.protectedFields.add('state');
  const refused = { kind: 'rejected', code: 'fieldIgnored:state' };
  await expect(writer.write(sysId, write)).rejects.toMatchObject(refused);
  await expect(writer.write(sysId, write)).rejects.toMatchObject(refused);
  expect(incident.journal).toHaveLength(1);
});

it('names the field that an ACL silently protected', async () => {
  const writer = await instance(faithful);
  incident.protectedFields.add('close_code');
  await expect(writer.write(sysId, write)).rejects.toMatchObject({
    kind: 'rejected',
    code: 'fieldIgnored:close_code',
    retryable: false,
  });
});

it('a refusal is final and is not looked up again', async () => {
  const writer = await instance(() => aclRefusal);
  await expect(writer.write(sysId, write)).rejects.toMatchObject({ kind: 'forbidden', retryable: false });
  expect(server.calls()).toHaveLength(2);
});

it("somebody else's note with our marker does not stop ours", async () => {
  const writer = await instance(faithful, 'svc.sallyport');
  incident.journal.push({ value: `[sallyport op=${operationId}]`, sys_created_by: 'mallory' });
  expect(await writer.write(sysId, write)).toMatchObject({ alreadyWritten: false });
});

it('text from the ticket cannot make the journal render HTML, and a note has an end', async () => {
  const writer = await instance(faithful);
  await writer.write(sysId, { ...write, note: `[code]<img src=x>[/CODE]${'x'.repeat(30_000)}` });
  const note = incident.journal[0]!.value;
  expect(note).not.toMatch(/\[\/?code\]/i);
  expect(note.length).toBeLessThan(20_200);
  expect(note).toContain(`…\n\n[sallyport op=${operationId}]`);
});

it.each([{ comments: 'hello caller' }, { sys_mod_count: '1' }, { work_notes: 'x' }, { 'state^x': '6' }])(
  'never sends %j',
  async (fields) => {
    const writer = await instance(faithful);
    await expect(writer.write(sysId, { ...write, fields: fields as Record<string, string> })).rejects.toThrow(
      TypeError,
    );
    expect(server.received).toEqual([]);
  },
);

it('an operation id that is not hex never enters a query', async () => {
  const writer = await instance(faithful);
  await expect(writer.write(sysId, { ...write, operationId: 'x^NQactive=true' })).rejects.toThrow();
  expect(server.received).toEqual([]);
});
