import { DEFAULT_SCHEMA, runMigrations } from 'bullmq';
import { Client, escapeIdentifier } from 'pg';

/**
 * Creates or updates the queue's schema (`bullmq`) for the Postgres backend and gives `appRole` the use of it, and no
 * more: it can work with jobs, and can change neither the tables nor the record of migrations. Can be run again.
 * @param ownerDatabaseUrl a role that may create schemas; the services never get this URL
 * @param appRole the services' own role, which must exist
 */
export async function runQueueMigrations(ownerDatabaseUrl: string, appRole: string): Promise<void> {
  const client = new Client({ connectionString: ownerDatabaseUrl, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    await runMigrations(client, DEFAULT_SCHEMA);
    const schema = escapeIdentifier(DEFAULT_SCHEMA);
    const role = escapeIdentifier(appRole);
    const owner = await client.query('SELECT current_user = $1 AS same', [appRole]);
    // The owner of the tables needs no grant, and a REVOKE would take from it what it needs next time.
    if (owner.rows[0]?.same === true) return;
    await client.query(`
      BEGIN;
      GRANT USAGE ON SCHEMA ${schema} TO ${role};
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${role};
      REVOKE INSERT, UPDATE, DELETE ON ${schema}.migration FROM ${role};
      GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA ${schema} TO ${role};
      GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA ${schema} TO ${role};
      COMMIT;
    `);
  } finally {
    await client.end();
  }
}
