/** For specs: a ServiceNow instance with one incident and its journal, over real HTTP. */
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServiceNowClient, TicketWriter } from '@sallyport/servicenow';

const ourUser = 'sallyport.audit';
const incident = { sys_id: 'a'.repeat(32), state: '1', close_code: '', close_notes: '' };

export async function serviceNow() {
  const world = {
    incident: { ...incident } as Record<string, string>,
    modCount: 1,
    notes: [] as { value: string; sys_created_by: string }[],
    /** Columns that an access rule protects: writes to them are dropped without a word. */
    protectedFields: [] as string[],
    /** How a write is answered; `reset after`: it is done, and the connection breaks. */
    patch: 'ok' as 'ok' | 'reset after' | 403 | 404 | 503,
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      if (pathname === '/oauth_token.do')
        return send(response, 200, { access_token: 'token', expires_in: 1_800 });
      if (pathname.endsWith('/sys_journal_field'))
        return send(response, 200, { result: found(searchParams) });
      if (request.method === 'PATCH') {
        if (typeof world.patch === 'number') return send(response, world.patch, {});
        write(JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, string>);
        if (world.patch === 'reset after') return void request.socket.destroy();
      }
      send(response, 200, { result: { ...world.incident, sys_mod_count: String(world.modCount) } });
    });
  });

  function found(query: URLSearchParams) {
    const wanted = /valueLIKE([0-9a-f]+)/.exec(query.get('sysparm_query') ?? '')?.[1] ?? '';
    return world.notes.filter(({ value }) => value.includes(wanted));
  }

  function write({ work_notes, ...fields }: Record<string, string>): void {
    world.modCount += 1;
    if (work_notes) world.notes.push({ value: work_notes, sys_created_by: ourUser });
    for (const [field, value] of Object.entries(fields)) {
      if (!world.protectedFields.includes(field)) world.incident[field] = value;
    }
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const instanceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createServiceNowClient({
    instanceUrl,
    clientId: 'audit',
    clientSecret: 'secret',
    timeoutMs: 5_000,
  });
  return {
    world,
    instanceUrl,
    ourUser,
    writer: new TicketWriter(client, ourUser),
    reset: () =>
      Object.assign(world, {
        incident: { ...incident },
        modCount: 1,
        notes: [],
        protectedFields: [],
        patch: 'ok',
      }),
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
