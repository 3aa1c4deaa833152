/** For specs: the whole service on a real Postgres, and messages as ServiceNow would sign them. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CaseLog, migrateCaseLog } from '@sallyport/case-log';
import { runQueueMigrations, StageQueues } from '@sallyport/queue';
import { Client } from 'pg';
import { Webhook } from 'standardwebhooks';
import { testPostgres } from '../../../../tools/test-backends';
import { startIngest } from '../start-ingest';

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
export const secrets = { current: secretOf(1), previous: secretOf(2), foreign: secretOf(3) };

export async function runIngest() {
  const postgres = await testPostgres();
  const appUrl = new URL(postgres.ownerUrl);
  appUrl.username = `sallyport_ingest_${randomBytes(6).toString('hex')}`;
  appUrl.password = 'spec';
  await migrateCaseLog(postgres.ownerUrl, appUrl.href);
  await runQueueMigrations(postgres.ownerUrl, appUrl.username);
  const database = new Client({ connectionString: postgres.ownerUrl });
  database.on('error', () => undefined); // The last spec takes the database away.
  await database.connect();
  Object.assign(process.env, {
    DATABASE_URL: appUrl.href,
    LOG_LEVEL: 'silent',
    PORT: '0',
    WEBHOOK_SECRETS: `${secrets.current},${secrets.previous}`,
    SERVICENOW_INSTANCE: 'contoso',
  });
  const { app } = await startIngest();
  const { port } = app.getHttpServer().address() as AddressInfo;
  /** The role must go before its database does: on a shared server it would stay for ever. */
  const dropDatabase = async () => {
    await database.query(`DROP OWNED BY ${appUrl.username}; DROP ROLE ${appUrl.username}`);
    await database.end();
    await postgres.close();
  };
  let dropping: Promise<void> | undefined;
  const losePostgres = () => (dropping ??= dropDatabase());
  return {
    port,
    log: app.get(CaseLog),
    queues: app.get(StageQueues),
    sql: async (text: string) => (await database.query<Record<string, unknown>>(text)).rows,
    losePostgres,
    close: async () => {
      await app.close();
      await losePostgres();
    },
  };
}

let messages = 0;

/** A message id that no other has. */
export function newMessageId(): string {
  messages += 1;
  return `msg_${String(messages).padStart(8, '0')}`;
}

/** A ticket message; `data` replaces or, with undefined, leaves out what a complete one holds. */
export function ticketMessage(data: Record<string, unknown> = {}, top: Record<string, unknown> = {}) {
  return {
    type: 'incident.created',
    timestamp: '2026-11-20T10:02:11Z',
    data: {
      sys_id: newMessageId().slice(4).padStart(32, 'a'),
      number: 'INC0041207',
      instance: 'contoso',
      category: 'identity_risk',
      sys_mod_count: 3,
      ...data,
    },
    ...top,
  };
}

type Headers = Record<string, string | string[]>;

/** The three headers of Standard Webhooks for exactly this body. */
export function signed(body: string, over: { id?: string; at?: Date; secret?: string } = {}) {
  const { id = newMessageId(), at = new Date(), secret = secrets.current } = over;
  return {
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': new Webhook(secret).sign(id, at, body),
  };
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Record<string, unknown>;
}

/** node:http instead of fetch: it can send one header twice. */
export function post(port: number, headers: Headers, body: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path: '/webhooks/tickets', method: 'POST' };
    const sent = { 'content-type': 'application/json', ...headers };
    const outgoing = request({ ...options, headers: sent, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: JSON.parse(text) as Record<string, unknown>,
        });
      });
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
