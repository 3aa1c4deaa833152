import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateCaseLog1763856000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE sallyport.case_head (
        case_id        text PRIMARY KEY,
        seq            integer NOT NULL CHECK (seq > 0),
        hash           text NOT NULL,
        phase          text NOT NULL,
        stage          text,
        due_at         timestamptz,
        active_subject text,
        risk_episode   text,
        ticket_number  text NOT NULL,
        opened_at      timestamptz NOT NULL,
        updated_at     timestamptz NOT NULL,
        CHECK ((stage IS NULL) = (due_at IS NULL))
      );
      -- At most one case governs a user at any time.
      CREATE UNIQUE INDEX case_head_active_subject ON sallyport.case_head (active_subject)
        WHERE active_subject IS NOT NULL;
      -- Has this risk episode been looked at before, perhaps for another ticket?
      CREATE INDEX case_head_risk_episode ON sallyport.case_head (risk_episode) WHERE risk_episode IS NOT NULL;
      -- The sweeper's question: who has been waiting for this stage, longest first.
      CREATE INDEX case_head_due ON sallyport.case_head (stage, due_at) WHERE stage IS NOT NULL;

      CREATE TABLE sallyport.case_event (
        case_id text NOT NULL REFERENCES sallyport.case_head,
        seq     integer NOT NULL CHECK (seq > 0),
        type    text NOT NULL,
        event   json NOT NULL,
        hash    text NOT NULL,
        at      timestamptz NOT NULL,
        PRIMARY KEY (case_id, seq)
      );
      CREATE FUNCTION sallyport.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          RAISE EXCEPTION 'the case log is append-only: % on % refused', TG_OP, TG_TABLE_NAME
            USING ERRCODE = 'insufficient_privilege';
        END
      $$;
      CREATE TRIGGER case_event_append_only
        BEFORE UPDATE OR DELETE OR TRUNCATE ON sallyport.case_event
        FOR EACH STATEMENT EXECUTE FUNCTION sallyport.refuse_change();

      CREATE TABLE sallyport.received_message (
        message_id  text PRIMARY KEY,
        body_digest text NOT NULL,
        case_id     text NOT NULL,
        received_at timestamptz NOT NULL
      );

      CREATE TABLE sallyport.effect (
        key         text PRIMARY KEY,
        case_id     text NOT NULL,
        kind        text NOT NULL,
        started_at  timestamptz NOT NULL,
        finished_at timestamptz,
        result      json
      );
    `);
  }

  async down(): Promise<void> {
    throw new Error('The case log is evidence: it is not dropped by a migration.');
  }
}
