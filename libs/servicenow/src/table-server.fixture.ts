import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServiceNowClient } from './service-now-client';

export interface Received {
  method: string;
  path: string;
  query: URLSearchParams;
  authorization: string | undefined;
  body: string;
}
export type Scripted =
  | { status: number; body: unknown; headers?: Record<string, string> }
  | { html: string; status: number }
  | 'reset'
  | 'silence';
/** An answer, or a function that makes it when the request arrives (with an effect, if it likes). */
export type Route = Scripted | ((request: Received, turn: number) => Scripted);

/** Silence is waited for in vain, so not for long; long enough that the token before it comes on a busy machine too. */
export const patienceFor = (scripted: Scripted) => (scripted === 'silence' ? 1_500 : undefined);

/** A real HTTP server for specs, with the token endpoint of an instance built in. Routes are `METHOD resource`. */
export async function tableServer(routes: Record<string, Route>, timeoutMs = 15_000) {
  const received: Received[] = [];
  const clock = { now: Date.UTC(2026, 10, 20, 10) };
  const turns = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
      const got: Received = {
        method: request.method ?? '',
        path: pathname.replace('/api/now/v2/table/', ''),
        query: searchParams,
        authorization: request.headers.authorization,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      received.push(got);
      const name = `${got.method} ${got.path}`;
      const turn = turns.get(name) ?? 0;
      turns.set(name, turn + 1);
      const token = { access_token: `token-${turn + 1}`, token_type: 'Bearer', expires_in: 1800 };
      const route =
        routes[name] ?? (name === 'POST /oauth_token.do' ? { status: 200, body: token } : noRecord);
      const scripted = typeof route === 'function' ? route(got, turn) : route;
      if (scripted === 'silence') return;
      if (scripted === 'reset') return void response.socket?.destroy();
      if ('html' in scripted) {
        response.writeHead(scripted.status, { 'content-type': 'text/html' }).end(scripted.html);
        return;
      }
      response.writeHead(scripted.status, { 'content-type': 'application/json', ...scripted.headers });
      response.end(JSON.stringify(scripted.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const instanceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createServiceNowClient({
    instanceUrl,
    clientId: 'sallyport',
    clientSecret: 'secret',
    timeoutMs,
    now: () => new Date(clock.now),
  });
  const stop = () =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  /** The requests to the Table API, without those for tokens. */
  const calls = () => received.filter(({ path }) => path !== '/oauth_token.do');
  return { client, clock, received, calls, stop };
}

export const noRecord: Scripted = {
  status: 404,
  body: {
    error: {
      message: 'No Record found',
      detail: "Record doesn't exist or ACL restricts the record retrieval",
    },
    status: 'failure',
  },
};
export const aclRefusal: Scripted = {
  status: 403,
  body: { error: { message: 'Operation Failed', detail: 'ACL Exception Update Failed' }, status: 'failure' },
};
export const hibernating: Scripted = { status: 200, html: '<html>Your instance is hibernating</html>' };
