/** For specs: a ServiceNow instance over real HTTP that keeps its incidents and users, and fails when told to. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Row = Record<string, string>;

/** `lost`: the effect happens, the answer does not arrive. `late`: as lost, and visible to readers only after a while. */
export type Failure = { status: number; body?: unknown } | 'reset' | 'lost' | 'late' | 'html';

export async function runInstance() {
  const instance = {
    incidents: [] as Row[],
    users: [] as Row[],
    /** What happens instead of the next answers to `METHOD resource`, in turn. */
    failures: new Map<string, Failure[]>(),
    asked: [] as { name: string; query: string }[],
    /** Incidents whose transaction has not committed yet. */
    late: [] as Row[],
  };
  const server = createServer((request, response) => {
    void textOf(request).then((text) => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      const answer = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      if (pathname === '/oauth_token.do') return answer(200, { access_token: 'token', expires_in: 1_800 });
      const resource = pathname.replace('/api/now/v2/table/', '');
      const name = `${request.method} ${resource}`;
      const query = searchParams.get('sysparm_query') ?? '';
      instance.asked.push({ name, query });
      const failure = instance.failures.get(name)?.shift();
      if (failure === 'reset') return response.socket?.destroy();
      if (failure === 'html') {
        return response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Hibernating</html>');
      }
      if (typeof failure === 'object') return answer(failure.status, failure.body ?? {});
      if (name === 'POST incident') {
        const row = incident(JSON.parse(text) as Row);
        (failure === 'late' ? instance.late : instance.incidents).push(row);
        return failure ? response.socket?.destroy() : answer(201, { result: row });
      }
      const rows = resource === 'sys_user' ? instance.users : instance.incidents;
      const from = Number(searchParams.get('sysparm_offset') ?? 0);
      const limit = Number(searchParams.get('sysparm_limit') ?? rows.length);
      return answer(200, { result: selected(rows, query).slice(from, from + limit) });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...instance,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    fail: (name: string, ...failures: Failure[]) => void instance.failures.set(name, failures),
    commitLate: () => void instance.incidents.push(...instance.late.splice(0)),
    reset: () => {
      for (const rows of [instance.incidents, instance.users, instance.late, instance.asked]) rows.length = 0;
      instance.failures.clear();
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
export type Instance = Awaited<ReturnType<typeof runInstance>>;

let made = 0;

/** A row of the incident table, active and new. */
export function incident(over: Row = {}): Row {
  made += 1;
  return {
    sys_id: randomBytes(16).toString('hex'),
    number: `INC${String(made).padStart(7, '0')}`,
    reopen_count: '0',
    sys_mod_count: '0',
    sys_updated_on: '2026-11-20 10:00:00',
    category: 'identity_risk',
    active: 'true',
    correlation_id: '',
    u_risky_user: '',
    ...over,
  };
}

/** The few conditions that we send; any other is dropped without a word, as an instance does. */
function selected(rows: readonly Row[], query: string): Row[] {
  const terms = query.split('^');
  const order = terms.find((term) => term.startsWith('ORDERBY'))?.slice('ORDERBY'.length) ?? 'sys_id';
  const matches = (row: Row) =>
    terms.every((term) => {
      const [, field = '', operator, value = ''] = /^([a-z_]+)(>=|=|IN)(.*)$/.exec(term) ?? [];
      const actual = row[field];
      if (actual === undefined) return true;
      if (operator === 'IN') return value.split(',').includes(actual);
      return operator === '=' ? actual === value : actual >= value;
    });
  return rows.filter(matches).sort((a, b) => ((a[order] ?? '') < (b[order] ?? '') ? -1 : 1));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
