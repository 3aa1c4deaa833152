/** For specs: the whole service on a real Postgres, and messages as ServiceNow would sign them. */
import { randomBytes } from 'node:crypto';
import { request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CaseLog, Leases, migrateCaseLog, Watermarks } from '@sallyport/case-log';
import { runQueueMigrations, StageQueues } from '@sallyport/queue';
import { createLogger } from '@sallyport/service';
import { createServiceNowClient, TicketReader } from '@sallyport/servicenow';
import { Client } from 'pg';
import { Registry } from 'prom-client';
import { Webhook } from 'standardwebhooks';
import { testPostgres } from '../../../../tools/test-backends';
import { Backfill } from '../backfill';
import { BackfillMetrics } from '../backfill-metrics';
import { CaseOpener } from '../case-opener';
import { type IngestConfig, ingestConfigToken } from '../config';
import { startIngest } from '../start-ingest';
import { runInstance } from './instance';

const secretOf = (byte: number) => `whsec_${Buffer.alloc(32, byte).toString('base64')}`;
export const secrets = {
  current: secretOf(1),
  previous: secretOf(2),
  foreign: secretOf(3),
  alerts: secretOf(4),
};

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
  const instance = await runInstance();
  Object.assign(process.env, {
    DATABASE_URL: appUrl.href,
    LOG_LEVEL: 'silent',
    PORT: '0',
    WEBHOOK_SECRETS: `${secrets.current},${secrets.previous}`,
    ALERT_WEBHOOK_SECRETS: secrets.alerts,
    SERVICENOW_URL: instance.url,
    SERVICENOW_CLIENT_ID: 'intake',
    SERVICENOW_CLIENT_SECRET: 'not secret',
    // Specs poll by hand.
    BACKFILL_INTERVAL_SECONDS: '3600',
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
    app,
    port,
    instance,
    log: app.get(CaseLog),
    queues: app.get(StageQueues),
    sql: async (text: string) => (await database.query<Record<string, unknown>>(text)).rows,
    losePostgres,
    close: async () => {
      await app.close();
      await instance.stop();
      await losePostgres();
    },
  };
}

/** The same with a backfill on a clock of the spec's own, polled by hand. */
export async function runBackfill() {
  const ingest = await runIngest();
  const { app, instance } = ingest;
  const clock = { now: Date.now() };
  const now = () => new Date(clock.now);
  const config: IngestConfig = { ...app.get<IngestConfig>(ingestConfigToken), BACKFILL_INTERVAL_SECONDS: 60 };
  const client = createServiceNowClient({
    instanceUrl: instance.url,
    clientId: 'intake',
    clientSecret: 'spec',
  });
  const registry = new Registry();
  const metrics = new BackfillMetrics(registry);
  const another = () =>
    new Backfill(
      config,
      new TicketReader(client, now),
      ingest.log,
      app.get(Watermarks),
      app.get(Leases),
      app.get(CaseOpener),
      metrics,
      now,
      createLogger('spec', 'silent'),
    );
  return {
    ...ingest,
    config,
    clock,
    another,
    backfill: another(),
    caseCount: async () =>
      Number((await ingest.sql('SELECT count(*) AS n FROM sallyport.case_head'))[0]?.['n']),
    /** The counter `name` for this result. */
    metric: async (name: string, result: string) => {
      const values = (await registry.getSingleMetric(name)?.get())?.values ?? [];
      return values.find(({ labels }) => labels['result'] === result)?.value ?? 0;
    },
    reset: async () => {
      instance.reset();
      delete config.BACKFILL_QUERY;
      await ingest.sql(
        `BEGIN; SET LOCAL session_replication_role = replica;
         TRUNCATE sallyport.case_head, sallyport.case_event, sallyport.received_message, sallyport.watermark,
           sallyport.lease; COMMIT`,
      );
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
export function post(
  port: number,
  headers: Headers,
  body: string | Buffer,
  path = '/webhooks/tickets',
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { port, host: '127.0.0.1', path, method: 'POST' };
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
