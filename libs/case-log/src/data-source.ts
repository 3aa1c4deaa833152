import { DataSource, type DataSourceOptions } from 'typeorm';
import * as pg from 'pg';
import { CreateCaseLog1763856000000 } from './migrations/1763856000000-create-case-log';
import { CreateGraphBudget1763870000000 } from './migrations/1763870000000-create-graph-budget';
import { CreateWatermark1763880000000 } from './migrations/1763880000000-create-watermark';
import { CreateCampaign1763890000000 } from './migrations/1763890000000-create-campaign';
import { CreateReceivedClick1763900000000 } from './migrations/1763900000000-create-received-click';
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
    migrations: [
      CreateCaseLog1763856000000,
      CreateGraphBudget1763870000000,
      CreateWatermark1763880000000,
      CreateCampaign1763890000000,
      CreateReceivedClick1763900000000,
    ],
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
 *
 * @throws Error where the application's role could change events all the same: an owner, or a superuser
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
      await refusePowerfulRole(runner, role);
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

interface SqlRunner {
  query(sql: string, parameters?: unknown[]): Promise<unknown>;
}

/** What the application may do. No UPDATE or DELETE on events, for nobody. */
async function grantAppRole(runner: SqlRunner, role: string, password: string): Promise<void> {
  const name = pg.escapeIdentifier(role);
  const known = (await runner.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])) as unknown[];
  if (known.length === 0)
    await runner.query(`CREATE ROLE ${name} LOGIN PASSWORD ${pg.escapeLiteral(password)}`);
  await runner.query(`
    GRANT USAGE ON SCHEMA sallyport TO ${name};
    REVOKE ALL ON ALL TABLES IN SCHEMA sallyport FROM ${name};
    GRANT SELECT, INSERT ON sallyport.case_event, sallyport.received_message TO ${name};
    GRANT SELECT, INSERT, UPDATE ON sallyport.case_head, sallyport.effect TO ${name};
    GRANT SELECT, INSERT, UPDATE ON sallyport.watermark, sallyport.campaign TO ${name};
    -- To pick what is forgotten takes the right to lock it.
    GRANT SELECT, INSERT, UPDATE, DELETE ON sallyport.received_click TO ${name};
    GRANT SELECT, INSERT, UPDATE, DELETE ON sallyport.graph_budget, sallyport.lease TO ${name};
  `);
}

/** Grants bind neither a superuser nor an owner, who could also drop the trigger. */
async function refusePowerfulRole(runner: SqlRunner, role: string): Promise<void> {
  const [found] = (await runner.query(
    `SELECT has_table_privilege($1, c.oid, 'UPDATE, DELETE, TRUNCATE')
         OR pg_has_role($1, c.relowner, 'MEMBER') AS powerful
       FROM pg_class c WHERE c.oid = 'sallyport.case_event'::regclass`,
    [role],
  )) as { powerful: boolean }[];
  if (found?.powerful === false) return;
  throw new Error(
    'The role of DATABASE_URL could change the case log: give the services a role that is neither the owner nor a superuser.',
  );
}
