import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { graphClientWith, type GraphClient } from './graph-client';
import type { Runtime } from './retry';
import { AskedGraph } from './testing/graph-openapi';

export interface Received {
  method: string;
  /** Path and decoded query after `/v1.0`. */
  url: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** What the server answers: a status with JSON, a piece of text as HTML, or a broken connection. */
export type Scripted =
  | { status: number; body?: unknown; headers?: Record<string, string> }
  | { html: string; status: number }
  | 'reset'
  | 'silence';

/**
 * A real HTTP server for specs, which holds what it is asked to Microsoft's document when it stops, where the machine has
 * that. Answers are the spec's own, many of them odd on purpose. Routes are `METHOD /path`; the last answer of
 * a route repeats.
 */
export async function graphServer(routes: Record<string, Scripted | Scripted[]>) {
  const received: Received[] = [];
  const asked = new AskedGraph();
  const served = new Map<string, number>();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = decodeURIComponent(request.url ?? '').replace(/^\/v1\.0/, '');
      const text = Buffer.concat(chunks).toString('utf8');
      const { method = '', headers } = request;
      const body: unknown = text === '' ? undefined : JSON.parse(text);
      received.push({ method, url, headers, body });
      asked.saw(method, request.url, text);
      const exact = `${method} ${url}`;
      const route = exact in routes ? exact : `${method} ${url.split('?')[0]}`;
      const script = routes[route];
      const answers = Array.isArray(script) ? script : script ? [script] : [graphError(400, 'BadRequest')];
      const turn = served.get(route) ?? 0;
      served.set(route, turn + 1);
      answer(response, answers[Math.min(turn, answers.length - 1)]!, headers['client-request-id']);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const stop = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    asked.verify();
  };
  return { origin, received, stop, client: clientFor(origin) };
}

function answer(response: ServerResponse, scripted: Scripted, clientRequestId: unknown): void {
  if (scripted === 'silence') return;
  if (scripted === 'reset') return void response.socket?.destroy();
  response.setHeader('request-id', `server-${String(clientRequestId).slice(0, 8)}`);
  if ('html' in scripted) {
    response.writeHead(scripted.status, { 'content-type': 'text/html' }).end(scripted.html);
    return;
  }
  const { status, body, headers = {} } = scripted;
  response.writeHead(status, { 'content-type': 'application/json; odata.metadata=minimal', ...headers });
  response.end(body === undefined ? undefined : JSON.stringify(body));
}

export function clientFor(origin: string, timeoutMs = 15_000): GraphClient {
  const credential = {
    getToken: async () => ({ token: 'spec', expiresOnTimestamp: Date.UTC(2100, 0, 1) }),
  };
  return graphClientWith(credential, { baseUrl: origin, timeoutMs });
}

/** Graph's documented error body. */
export function graphError(status: number, code: string, headers: Record<string, string> = {}) {
  const innerError = { date: '2026-11-20T10:00:00', 'request-id': 'r', 'client-request-id': 'c' };
  return { status, body: { error: { code, message: 'words', innerError } }, headers };
}

/** A clock that stands still and sleeps that are only written down. */
export function stillRuntime(): Runtime & { slept: number[] } {
  const slept: number[] = [];
  return {
    slept,
    now: () => new Date('2026-11-20T10:00:00.000Z'),
    sleep: async (delayMs) => void slept.push(delayMs),
    random: () => 0.5,
  };
}
