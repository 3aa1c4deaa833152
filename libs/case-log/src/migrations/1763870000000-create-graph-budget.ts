import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Where calls to Graph are counted when the queues live in Postgres too: names of budgets and counters, nothing about
 * a person and nothing worth a backup, so it is not written ahead. The shape is rate-limiter-flexible's.
 */
export class CreateGraphBudget1763870000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE UNLOGGED TABLE sallyport.graph_budget (
        key    varchar(255) PRIMARY KEY,
        points integer NOT NULL DEFAULT 0,
        expire bigint
      )
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations of the case log go forward only; this table holds nothing that hurts.');
  }
}
