import { graphOpenApi } from '@sallyport/entra/testing';
import { simulatedClients, simulatedServiceNowClients } from '@sallyport/scenario';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../config';
import { startSimulator } from '../simulator';

export const tenantId = 'c2b1f3a0-8a4b-4e77-b7c3-2f6a1d9e0003';
export const botAppId = simulatedClients.approvalBot.appId;
/** Scenario time of all specs; the clock file makes it now. */
export const start = new Date('2026-11-20T09:00:00.000Z');

export interface Reply {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  text: string;
  /** Parsed body; specs read into it, so that a wrong shape fails the expectation. */
  json: ReturnType<typeof JSON.parse>;
}
export interface Sent {
  headers?: Record<string, string>;
  body?: unknown;
  form?: Record<string, string>;
}
type ClientName = keyof typeof simulatedClients;

const openApi = graphOpenApi();

/**
 * The real program over TLS on a free port, and the few calls that specs make to it. When it stops, each answer of its
 * Graph is held to Microsoft's document, where the machine has that. What was asked is the spec's own, some of it wrong on purpose.
 */
export async function runSimulator(environment: Record<string, string> = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'simulator-'));
  const clockFile = join(folder, 'clock');
  await writeFile(clockFile, '0');
  const simulator = await startSimulator(
    readConfig({
      SIMULATOR_TLS_DIR: folder,
      SIMULATOR_TENANT_ID: tenantId,
      SIMULATOR_BOT_APP_ID: botAppId,
      SIMULATOR_RISK_PROCESSING_MS: '1000',
      SALLYPORT_CLOCK_FILE: clockFile,
      ...environment,
    }),
  );
  const tokens = new Map<string, string>();
  const problems: string[] = [];

  const call = (method: string, path: string, { headers = {}, body, form }: Sent = {}): Promise<Reply> =>
    new Promise((resolve, reject) => {
      const payload = form
        ? new URLSearchParams(form).toString()
        : body === undefined
          ? undefined
          : JSON.stringify(body);
      const type = form ? 'application/x-www-form-urlencoded' : 'application/json';
      const sent = httpsRequest(
        {
          host: 'localhost',
          port: simulator.port,
          method,
          path,
          ca: simulator.ca,
          headers: {
            ...(payload === undefined
              ? {}
              : { 'content-type': type, 'content-length': Buffer.byteLength(payload) }),
            ...headers,
          },
        },
        (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            const isJson = (response.headers['content-type'] ?? '').includes('json');
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              text,
              json: isJson && text !== '' ? JSON.parse(text) : undefined,
            });
          });
          response.on('error', reject);
        },
      );
      sent.on('error', reject);
      sent.end(payload);
    });

  const token = async (client: { appId: string; secret: string }, scope: string): Promise<string> => {
    const reply = await call('POST', `/${tenantId}/oauth2/v2.0/token`, {
      form: {
        grant_type: 'client_credentials',
        client_id: client.appId,
        client_secret: client.secret,
        scope,
      },
    });
    return reply.json.access_token;
  };
  const graphScope = `https://localhost:${simulator.port}/.default`;
  const cached = async (name: string, get: () => Promise<string>): Promise<string> => {
    const value = tokens.get(name) ?? (await get());
    tokens.set(name, value);
    return value;
  };

  return {
    simulator,
    folder,
    call,
    token,
    graphScope,
    /** A Graph call as one of the services, path relative to v1.0. */
    graph: async (client: ClientName, method: string, path: string, sent: Sent = {}) => {
      const bearer = await cached(client, () => token(simulatedClients[client], graphScope));
      const reply = await call(method, `/v1.0${path}`, {
        ...sent,
        headers: { authorization: `Bearer ${bearer}`, ...sent.headers },
      });
      const { status, json: answer } = reply;
      // A page of HTML is no answer of Graph.
      if (answer !== undefined || reply.text === '')
        problems.push(
          ...(openApi?.answerProblems({ method, url: path, body: sent.body, status, answer }) ?? []),
        );
      return reply;
    },
    /** A Table API call as one of the integration users. */
    table: async (
      client: keyof typeof simulatedServiceNowClients,
      method: string,
      path: string,
      sent: Sent = {},
    ) => {
      const { clientId, secret } = simulatedServiceNowClients[client];
      const bearer = await cached(`servicenow:${client}`, async () => {
        const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: secret };
        return (await call('POST', '/oauth_token.do', { form })).json.access_token;
      });
      return call(method, `/api/now/v2/table${path}`, {
        ...sent,
        headers: { authorization: `Bearer ${bearer}`, accept: 'application/json', ...sent.headers },
      });
    },
    /** A Bot Connector call as the approval bot. */
    bot: async (method: string, path: string, sent: Sent = {}) => {
      const bearer = await cached('bot', () =>
        token(simulatedClients.approvalBot, 'https://api.botframework.com/.default'),
      );
      return call(method, `/teams/v3${path}`, {
        ...sent,
        headers: { authorization: `Bearer ${bearer}`, ...sent.headers },
      });
    },
    load: (given: unknown) => call('POST', '/_sim/tenant', { body: { given, now: start.toISOString() } }),
    fault: (fault: unknown) => call('POST', '/_sim/faults', { body: fault }),
    /** Sets the scenario's clock, which stands still only as long as a spec needs it to. */
    setClock: (at: Date) => writeFile(clockFile, String(at.getTime() - Date.now())),
    stop: async () => {
      await simulator.close();
      await rm(folder, { recursive: true, force: true });
      if (problems.length > 0) throw new Error(`Graph does not answer so: ${problems.join('; ')}`);
    },
  };
}
export type RunningSimulator = Awaited<ReturnType<typeof runSimulator>>;
