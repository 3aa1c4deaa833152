import { DataSource, type DataSourceOptions } from 'typeorm';
import * as pg from 'pg';
import { CreateCaseLog1763856000000 } from './migrations/1763856000000-create-case-log';
import { rows } from './rows';

/** Connections per process. A stage holds one for milliseconds per job, so few serve many; Postgres has ~100. */
const poolSize = 5;

/** How a service reaches the case log. Never synchronises: the schema changes only by `sallyport migrate`. */
export function caseLogOptions(databaseUrl: string, applicationName: string): DataSourceOptions {
  return {
    type: 'postgres',
    driver: pg,
    url: databaseUrl,
    applicationName,
    schema: 'sallyport',
    entities: rows,
    migrations: [CreateCaseLog1763856000000],
    migrationsTableName: 'migration',
    synchronize: false,
    poolSize,
    connectTimeoutMS: 5_000,
    extra: { statement_timeout: 10_000 },
  };
}

/**
 * Brings the schema up to date as its owner, and lets the application's role (the user of `appUrl`) read and append.
 * Safe to run again and by two processes at once.
 */
export async function migrateCaseLog(ownerUrl: string, appUrl: string): Promise<void> {
  const role = decodeURIComponent(new URL(appUrl).username);
  const password = decodeURIComponent(new URL(appUrl).password);
  const owner = await new DataSource(caseLogOptions(ownerUrl, 'sallyport-migrate')).initialize();
  try {
    const runner = owner.createQueryRunner();
    // Held on one connection for the whole run; TypeORM's migrations use another, which is fine: the lock only keeps
    // a second `migrate` waiting.
    await runner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    try {
      await runner.query('CREATE SCHEMA IF NOT EXISTS sallyport');
      await owner.runMigrations({ transaction: 'each' });
      await grantAppRole(runner, role, password);
    } finally {
      await runner.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
      await runner.release();
    }
  } finally {
    await owner.destroy();
  }
}

/** Any fixed number; "sally" as ASCII. */
const migrationLock = 0x73616c6c79;

/** What the application may do. No UPDATE or DELETE on events, for nobody. */
async function grantAppRole(
  runner: { query: (sql: string, parameters?: unknown[]) => Promise<unknown> },
  role: string,
  password: string,
): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const known = (await runner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])) as unknown[];
  if (known.length === 0)
    await runner.query(`CREATE ROLE ${name} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await runner.query(`
    GRANT USAGE ON SCHEMA sallyport TO ${name};
    REVOKE ALL ON ALL TABLES IN SCHEMA sallyport FROM ${name};
    GRANT SELECT, INSERT ON sallyport.case_event, sallyport.received_message TO ${name};
    GRANT SELECT, INSERT, UPDATE ON sallyport.case_head, sallyport.effect TO ${name};
  `);
}
