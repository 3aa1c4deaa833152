import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which clicks have come in, apart from the messages that opened cases: those are kept, these for hours. */
export class CreateReceivedClick1763900000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sallyport.received_click (
        key         text PRIMARY KEY,
        body_digest text NOT NULL,
        received_at timestamptz NOT NULL
      );
      -- The oldest ones, which are forgotten.
      CREATE INDEX received_click_received_at ON sallyport.received_click (received_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations of the case log go forward only.');
  }
}
