import { Column, Entity, PrimaryColumn } from 'typeorm';

/** One link of a case's chain. Rows are only ever inserted: the role may not, and a trigger would refuse. */
@Entity({ schema: 'sallyport', name: 'case_event' })
export class CaseEventRow {
  @PrimaryColumn({ name: 'case_id', type: 'text' })
  caseId!: string;

  @PrimaryColumn({ type: 'integer' })
  seq!: number;

  @Column({ type: 'text' })
  type!: string;

  /** `json`, not `jsonb`: kept to the letter as it was hashed, and able to hold an escaped NUL from hostile text. */
  @Column({ type: 'json' })
  event!: unknown;

  @Column({ type: 'text' })
  hash!: string;

  @Column({ type: 'timestamptz' })
  at!: Date;
}

/** Where a case stands, and whom it waits for: the projection that is also the outbox. */
@Entity({ schema: 'sallyport', name: 'case_head' })
export class CaseHeadRow {
  @PrimaryColumn({ name: 'case_id', type: 'text' })
  caseId!: string;

  @Column({ type: 'integer' })
  seq!: number;

  @Column({ type: 'text' })
  hash!: string;

  @Column({ type: 'text' })
  phase!: string;

  @Column({ type: 'text', nullable: true })
  stage!: string | null;

  @Column({ name: 'due_at', type: 'timestamptz', nullable: true })
  dueAt!: Date | null;

  @Column({ name: 'active_subject', type: 'text', nullable: true })
  activeSubject!: string | null;

  @Column({ name: 'risk_episode', type: 'text', nullable: true })
  riskEpisode!: string | null;

  @Column({ name: 'group_lead', type: 'text', nullable: true })
  groupLead!: string | null;

  @Column({ name: 'ticket_number', type: 'text' })
  ticketNumber!: string;

  @Column({ name: 'opened_at', type: 'timestamptz' })
  openedAt!: Date;

  @Column({ name: 'updated_at', type: 'timestamptz' })
  updatedAt!: Date;
}

/** Memory of webhook ids, so that a replay is answered like the first delivery. */
@Entity({ schema: 'sallyport', name: 'received_message' })
export class ReceivedMessageRow {
  @PrimaryColumn({ name: 'message_id', type: 'text' })
  messageId!: string;

  @Column({ name: 'body_digest', type: 'text' })
  bodyDigest!: string;

  @Column({ name: 'case_id', type: 'text' })
  caseId!: string;

  @Column({ name: 'received_at', type: 'timestamptz' })
  receivedAt!: Date;
}

/** Ledger of writes outside Graph: Teams messages and ticket notes. */
@Entity({ schema: 'sallyport', name: 'effect' })
export class EffectRow {
  @PrimaryColumn({ type: 'text' })
  key!: string;

  @Column({ name: 'case_id', type: 'text' })
  caseId!: string;

  @Column({ type: 'text' })
  kind!: string;

  @Column({ name: 'started_at', type: 'timestamptz' })
  startedAt!: Date;

  @Column({ name: 'finished_at', type: 'timestamptz', nullable: true })
  finishedAt!: Date | null;

  @Column({ type: 'json', nullable: true })
  result!: unknown;
}

export const rows = [CaseEventRow, CaseHeadRow, ReceivedMessageRow, EffectRow];
