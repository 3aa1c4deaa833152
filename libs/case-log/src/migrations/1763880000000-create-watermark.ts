import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How far a poll has read, and who may do a thing that only one replica should do at a time. */
export class CreateWatermark1763880000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sallyport.watermark (
        name text PRIMARY KEY,
        at   timestamptz NOT NULL
      );
      CREATE TABLE sallyport.lease (
        name  text PRIMARY KEY,
        until timestamptz NOT NULL
      );
      -- The backfill's question: which episodes of this ticket have a case?
      CREATE INDEX case_head_ticket_number ON sallyport.case_head (ticket_number);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations of the case log go forward only.');
  }
}
