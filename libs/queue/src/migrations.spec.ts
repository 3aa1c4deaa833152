import { Client } from 'pg';
import { type TestPostgres, testPostgres } from '../../../tools/test-backends';
import { runQueueMigrations } from './migrations';
import { openStore, startStage, type Store } from './test-rig';

jest.setTimeout(60_000);

describe('the queue migrations', () => {
  let store: Store;
  let bare: TestPostgres;
  beforeAll(async () => {
    [store, bare] = await Promise.all([openStore('postgres'), testPostgres()]);
  });
  afterAll(async () => {
    await store.close();
    await bare.close();
  });

  const asApp = async (sql: string): Promise<unknown> => {
    const client = new Client({ connectionString: store.backend.url });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  };

  it('can run again', async () => {
    await runQueueMigrations(bare.ownerUrl, 'postgres');
    await expect(runQueueMigrations(bare.ownerUrl, 'postgres')).resolves.toBeUndefined();
  });

  it('name a role that does not exist', async () => {
    await expect(runQueueMigrations(bare.ownerUrl, 'nobody-here')).rejects.toThrow(/nobody-here/);
  });

  it.each([
    'DROP TABLE bullmq.job',
    'CREATE TABLE bullmq.mine ()',
    'DELETE FROM bullmq.migration',
    'CREATE OR REPLACE FUNCTION bullmq.job_id_seq_name(p_queue text) RETURNS text LANGUAGE sql AS $$ SELECT 1::text $$',
  ])('do not let the services run: %s', async (sql) => {
    await expect(asApp(sql)).rejects.toThrow(/permission denied|must be owner/);
  });

  it('are asked for by a stage that starts without them', async () => {
    const fresh = await testPostgres();
    const starting = startStage({ kind: 'postgres', url: fresh.ownerUrl }, () => undefined);
    await expect(starting).rejects.toThrow(/not initialized/);
    await fresh.close();
  });
});
