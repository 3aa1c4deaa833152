import { migrateCaseLog } from '@sallyport/case-log';
import { runQueueMigrations } from '@sallyport/queue';
import { readConfig } from '@sallyport/service';
import { z } from 'zod';

const migrateEnv = z.object({
  /** Owner of the schema: only this command has it. */
  DATABASE_OWNER_URL: z.url({ protocol: /^postgres(ql)?$/ }),
  /** What the services use. Its role is created here with the password in the URL where it does not exist. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }),
});

/** Brings the database up to date: the case log, and the queue's schema for the Postgres backend. */
export async function migrate(): Promise<number> {
  const config = readConfig('migrate', migrateEnv, process.env);
  await migrateCaseLog(config.DATABASE_OWNER_URL, config.DATABASE_URL);
  await runQueueMigrations(
    config.DATABASE_OWNER_URL,
    decodeURIComponent(new URL(config.DATABASE_URL).username),
  );
  console.log('The database is up to date.');
  return 0;
}
