import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which case leads the group of a campaign now, and whose group each case belongs to. */
export class CreateCampaign1763890000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sallyport.campaign (
        key            text PRIMARY KEY,
        lead_case_id   text NOT NULL,
        last_joined_at timestamptz NOT NULL
      );
      ALTER TABLE sallyport.case_head ADD COLUMN group_lead text;
      -- The members of a group, for whoever leads it.
      CREATE INDEX case_head_group_lead ON sallyport.case_head (group_lead) WHERE group_lead IS NOT NULL;
      -- Which groups have grown lately.
      CREATE INDEX campaign_last_joined_at ON sallyport.campaign (last_joined_at);
    `);
  }

  async down(): Promise<void> {
    throw new Error('Migrations of the case log go forward only.');
  }
}
