import { opened } from '@sallyport/case/testing';
import { sampleDigest } from '@sallyport/evidence/testing';
import { DataSource } from 'typeorm';
import { type TestPostgres, testPostgres } from '../../../tools/test-backends';
import { CaseLog } from './case-log';
import { caseLogOptions, migrateCaseLog } from './data-source';
import { openDatabase, openTestLog, type TestDatabase, type TestLog } from './test-rig';

jest.setTimeout(60_000);

// Keeps one server running for all the databases of this file.
let server: TestPostgres;
beforeAll(async () => {
  server = await testPostgres();
});
afterAll(() => server.close());

describe('the migration', () => {
  let database: TestDatabase;
  beforeEach(async () => {
    database = await openDatabase('odd "role" näme');
  });
  afterEach(() => database.close());

  const migrate = () => migrateCaseLog(database.ownerUrl, database.appUrl);
  const applied = async (): Promise<number> =>
    (await database.superuser.query('SELECT 1 FROM sallyport.migration')).rowCount ?? 0;
  const asApp = async <T>(use: (db: DataSource) => Promise<T>): Promise<T> => {
    const db = await new DataSource(caseLogOptions(database.appUrl, 'sallyport-spec')).initialize();
    try {
      return await use(db);
    } finally {
      await db.destroy();
    }
  };
  const openCase = (db: DataSource) =>
    new CaseLog(db).open(opened(), { bodyDigest: sampleDigest(1), receivedAt: opened().at });

  it('can run again and keeps what is stored', async () => {
    await migrate();
    expect(await asApp(openCase)).toBe(true);
    const before = await applied();
    await migrate();
    expect(await applied()).toBe(before);
    expect(await asApp((db) => new CaseLog(db).load(opened().caseId))).toMatchObject({ case: { seq: 1 } });
  });

  it('can be run by five processes at once', async () => {
    await Promise.all(Array.from({ length: 5 }, migrate));
    const names = await database.superuser.query('SELECT name FROM sallyport.migration');
    expect(new Set(names.rows.map((row: { name: string }) => row.name)).size).toBe(names.rowCount);
    expect(await asApp(openCase)).toBe(true);
  });

  it('cannot be undone', async () => {
    await migrate();
    const owner = await new DataSource(caseLogOptions(database.ownerUrl, 'sallyport-spec')).initialize();
    await expect(owner.undoLastMigration()).rejects.toThrow();
    await owner.destroy();
    expect(await asApp(openCase)).toBe(true);
  });

  it('is never done by a service', async () => {
    await migrate();
    await database.superuser.query('ALTER TABLE sallyport.effect DROP COLUMN kind');
    await asApp((db) => db.query('SELECT 1'));
    const columns = await database.superuser.query(
      `SELECT 1 FROM information_schema.columns WHERE table_schema = 'sallyport' AND column_name = 'kind'`,
    );
    expect(columns.rowCount).toBe(0);
  });

  it('takes back rights that the role was given by hand', async () => {
    await migrate();
    const role = database.superuser.escapeIdentifier(decodeURIComponent(new URL(database.appUrl).username));
    await database.superuser.query(`GRANT UPDATE, DELETE ON sallyport.case_event TO ${role}`);
    await migrate();
    await expect(asApp((db) => db.query('DELETE FROM sallyport.case_event'))).rejects.toThrow(
      /permission denied/,
    );
  });

  it('refuses to call a superuser the role of the application', async () => {
    await expect(migrateCaseLog(database.ownerUrl, database.ownerUrl)).rejects.toThrow(
      /neither the owner nor a superuser/,
    );
  });

  it('refuses a role that may become the owner', async () => {
    await migrate();
    const role = database.superuser.escapeIdentifier(decodeURIComponent(new URL(database.appUrl).username));
    const owner = database.superuser.escapeIdentifier(new URL(database.ownerUrl).username);
    await database.superuser.query(`GRANT ${owner} TO ${role}`);
    await expect(migrate()).rejects.toThrow(/neither the owner nor a superuser/);
  });

  it('says neither password when it fails', async () => {
    const nowhere = 'postgres://owner:owner-password@127.0.0.1:1/none';
    const failure = await migrateCaseLog(nowhere, database.appUrl).catch((error: unknown) => String(error));
    expect(failure).toMatch(/ECONNREFUSED/);
    expect(failure).not.toMatch(/password/);
  });
});

describe('nobody can change the log', () => {
  let test: TestLog;
  beforeAll(async () => {
    test = await openTestLog();
    await test.write('kept', 'evidence.collected');
  });
  afterAll(() => test.close());

  const stored = async (): Promise<unknown> =>
    (await test.superuser.query('SELECT * FROM sallyport.case_event ORDER BY seq')).rows;

  describe('the role of the application', () => {
    it.each([
      `UPDATE sallyport.case_event SET hash = 'x'`,
      `INSERT INTO sallyport.case_event SELECT * FROM sallyport.case_event
         ON CONFLICT (case_id, seq) DO UPDATE SET hash = 'x'`,
      'DELETE FROM sallyport.case_event',
      'TRUNCATE sallyport.case_event',
      'DELETE FROM sallyport.case_head',
      'TRUNCATE sallyport.case_head CASCADE',
      `UPDATE sallyport.received_message SET case_id = 'x'`,
      'DELETE FROM sallyport.received_message',
      'DELETE FROM sallyport.effect',
      'DELETE FROM sallyport.migration',
      'ALTER TABLE sallyport.case_event DISABLE TRIGGER ALL',
      'ALTER TABLE sallyport.case_event ADD COLUMN note text',
      'ALTER TABLE sallyport.case_event OWNER TO CURRENT_USER',
      'DROP TRIGGER case_event_append_only ON sallyport.case_event',
      'DROP INDEX sallyport.case_head_active_subject',
      'DROP TABLE sallyport.case_event',
      'DROP SCHEMA sallyport CASCADE',
      'CREATE TABLE sallyport.mine (x integer)',
      `CREATE OR REPLACE FUNCTION sallyport.refuse_change() RETURNS trigger LANGUAGE plpgsql
         AS $$ BEGIN RETURN NULL; END $$`,
      'SET session_replication_role = replica',
      'ALTER ROLE CURRENT_USER SUPERUSER',
    ])('may not: %s', async (sql) => {
      const before = await stored();
      await expect(test.asApp(sql)).rejects.toMatchObject({ driverError: { code: '42501' } });
      expect(await stored()).toEqual(before);
    });
  });

  describe('the owner, a superuser even,', () => {
    it.each([
      ['UPDATE', `UPDATE sallyport.case_event SET hash = 'x'`],
      ['UPDATE', `UPDATE sallyport.case_event SET hash = 'x' WHERE false`],
      ['DELETE', 'DELETE FROM sallyport.case_event'],
      ['TRUNCATE', 'TRUNCATE sallyport.case_event'],
      ['TRUNCATE', 'TRUNCATE sallyport.case_head CASCADE'],
    ])('is stopped by the trigger: %s in %s', async (operation, sql) => {
      const before = await stored();
      await expect(test.superuser.query(sql)).rejects.toThrow(
        `the case log is append-only: ${operation} on case_event refused`,
      );
      expect(await stored()).toEqual(before);
    });

    it('cannot delete the head of a case that has events', async () => {
      await expect(test.superuser.query('DELETE FROM sallyport.case_head')).rejects.toThrow(/foreign key/);
    });
  });

  it('the test itself holds a superuser', async () => {
    const found = await test.superuser.query('SELECT rolsuper FROM pg_roles WHERE rolname = current_user');
    expect(found.rows).toEqual([{ rolsuper: true }]);
  });
});
