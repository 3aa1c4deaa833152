/** For specs only: a case log on a real Postgres, as the application sees it and as a superuser does. */
import { randomBytes } from 'node:crypto';
import type { CaseEvent } from '@sallyport/evidence';
import { eventFor, opened, type Step } from '@sallyport/case/testing';
import { sampleDigest } from '@sallyport/evidence/testing';
import { Client } from 'pg';
import { DataSource } from 'typeorm';
import { testPostgres } from '../../../tools/test-backends';
import { CaseLog, type LoadedCase } from './case-log';
import { caseLogOptions, migrateCaseLog } from './data-source';
import { EffectLedger } from './effects';
import { ReceivedActivities } from './received-activities';

export interface TestDatabase {
  /** A superuser's URL. */
  ownerUrl: string;
  /** URL of a role that nobody else has; it comes into being with the first migration. */
  appUrl: string;
  superuser: Client;
  close(): Promise<void>;
}

/** An empty database. Its role is dropped with it, because roles belong to the whole server. */
export async function openDatabase(roleName = 'sallyport_app'): Promise<TestDatabase> {
  const postgres = await testPostgres();
  const role = `${roleName}_${randomBytes(6).toString('hex')}`;
  const appUrl = new URL(postgres.ownerUrl);
  appUrl.username = encodeURIComponent(role);
  appUrl.password = encodeURIComponent(`p@ss/'"${role}`);
  const superuser = new Client({ connectionString: postgres.ownerUrl });
  await superuser.connect();
  return {
    ownerUrl: postgres.ownerUrl,
    appUrl: appUrl.href,
    superuser,
    close: async () => {
      const name = superuser.escapeIdentifier(role);
      const found = await superuser.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role]);
      if (found.rowCount === 1) await superuser.query(`DROP OWNED BY ${name}; DROP ROLE ${name}`);
      await superuser.end();
      await postgres.close();
    },
  };
}

export interface TestLog {
  log: CaseLog;
  effects: EffectLedger;
  activities: ReceivedActivities;
  /** Runs SQL as the application's role. */
  asApp(sql: string, parameters?: unknown[]): Promise<unknown>;
  superuser: Client;
  /** Runs SQL as somebody who has turned the triggers off. */
  tamper(sql: string): Promise<void>;
  /** Writes one more case about its own subject. A type stands for the event that fits. */
  write(episode: string, ...steps: readonly Step[]): Promise<LoadedCase>;
  empty(): Promise<void>;
  close(): Promise<void>;
}

export async function openTestLog(): Promise<TestLog> {
  const database = await openDatabase();
  await migrateCaseLog(database.ownerUrl, database.appUrl);
  const db = await new DataSource(caseLogOptions(database.appUrl, 'sallyport-spec')).initialize();
  const log = new CaseLog(db);
  const { superuser } = database;
  const tamper = async (sql: string): Promise<void> => {
    await superuser.query(`BEGIN; SET LOCAL session_replication_role = replica; ${sql}; COMMIT`);
  };
  return {
    log,
    effects: new EffectLedger(db),
    activities: new ReceivedActivities(db),
    asApp: (sql, parameters) => db.query(sql, parameters),
    superuser,
    tamper,
    write: (episode, ...steps) => writeCase(log, episode, steps),
    empty: () =>
      tamper(
        'TRUNCATE sallyport.case_head, sallyport.case_event, sallyport.received_message, sallyport.received_click, sallyport.effect, sallyport.campaign',
      ),
    close: async () => {
      await db.destroy();
      await database.close();
    },
  };
}

export async function open(log: CaseLog, event = opened()): Promise<LoadedCase> {
  await log.open(event, { bodyDigest: sampleDigest(1), receivedAt: event.at });
  const loaded = await log.load(event.caseId);
  if (!loaded) throw new Error(`${event.caseId} was not opened.`);
  return loaded;
}

async function writeCase(log: CaseLog, episode: string, steps: readonly Step[]): Promise<LoadedCase> {
  let loaded = await open(log, opened(episode));
  for (const step of steps) loaded = await log.append(loaded, eventOf(loaded, step));
  return loaded;
}

function eventOf({ case: c }: LoadedCase, step: Step): CaseEvent {
  return typeof step === 'string' ? eventFor(c, step) : step(c);
}
