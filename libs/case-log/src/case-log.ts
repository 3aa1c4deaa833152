import { caseEventSchema, type CaseEvent, type EventOf, type Instant, type Stage } from '@sallyport/evidence';
import { canonicalJson } from '@sallyport/idempotency';
import {
  applyEvent,
  type Case,
  chainStart,
  findChainFault,
  foldCase,
  headOf,
  leadsNobodyIn,
  type Link,
  linkHash,
  openCase,
  type Phase,
} from '@sallyport/case';
import { QueryFailedError, type DataSource } from 'typeorm';

/** Somebody else has advanced the case. Load it again: what you were about to do may be done. */
export class SequenceConflict extends Error {
  readonly code = 'sequenceConflict';
}

/** Another open case governs this subject. */
export class SubjectBusy extends Error {
  readonly code = 'subjectBusy';
}

/** Another case has become the lead of the group since it was read: read it again, and join or lead anew. */
export class GroupMoved extends Error {
  readonly code = 'groupMoved';
}

/** The stored log cannot be folded or its chain is broken: nobody may act on this case. */
export class CaseLogDamaged extends Error {
  readonly code = 'caseLogDamaged';
}

/** A case together with the hash its next event is chained to. */
export interface LoadedCase {
  case: Case;
  hash: string;
}

export interface OverdueHead {
  caseId: string;
  stage: Stage;
  seq: number;
}

export interface SeenGroup {
  leadCaseId: string;
  /** False once somebody has ended the review of the lead, or it is decided again. */
  open: boolean;
  lastJoinedAt: Instant;
}

/** A case of a group, as its head knows it. */
export interface GroupMember {
  caseId: string;
  ticketNumber: string;
  phase: Phase;
}

/** Where a case stood when it moved last. */
export interface Moved {
  caseId: string;
  seq: number;
  at: Instant;
}

/** The most events read for one case. A case has about twenty; a hundred times that is damage, not work. */
const maxEvents = 2_000;

/** The append-only log of cases in Postgres. One statement per append; no transaction spans an external call. */
export class CaseLog {
  constructor(private readonly db: DataSource) {}

  /** @throws CaseLogDamaged where the chain is broken or the events cannot be folded. @returns null for no such case */
  async load(caseId: string): Promise<LoadedCase | null> {
    const { links, head } = await this.read(caseId);
    if (!head) return null;
    const fault = findChainFault(caseId, links, head);
    if (fault) throw new CaseLogDamaged(`${caseId}, event ${fault.seq}: ${fault.fault}`);
    try {
      return { case: foldCase(links.map((link) => link.event)), hash: head.hash };
    } catch (error) {
      throw new CaseLogDamaged(
        `${caseId} cannot be folded: ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  /** The raw chain of a case, for proofs and for people. */
  async read(caseId: string): Promise<{ links: Link[]; head: { seq: number; hash: string } | null }> {
    const rows: (StoredLink & { head_seq: number; head_hash: string })[] = await this.db.query(
      `SELECT e.seq, e.type, e.event::text AS event, e.hash, e.at, h.seq AS head_seq, h.hash AS head_hash
           FROM sallyport.case_head h LEFT JOIN sallyport.case_event e USING (case_id)
          WHERE h.case_id = $1 ORDER BY e.seq LIMIT ${maxEvents}`,
      [caseId],
    );
    const [first] = rows;
    if (!first) return { links: [], head: null };
    const links = rows
      .filter((row) => row.seq !== null)
      .map((row) => ({ seq: row.seq, event: parseEvent(caseId, row), hash: row.hash }));
    return { links, head: { seq: first.head_seq, hash: first.head_hash } };
  }

  /**
   * Opens a case and remembers the message, in one statement.
   * @returns whether this call opened it; false: the case was there already.
   */
  async open(
    event: EventOf<'case.opened'>,
    message: { bodyDigest: string; receivedAt: Instant },
  ): Promise<boolean> {
    const opened = openCase(caseEventSchema.parse(event));
    const stored = opened.opened;
    const head = headOf(opened);
    const hash = linkHash(opened.id, 1, chainStart, stored);
    const inserted: unknown[] = await this.db.query(
      `WITH remembered AS (
         INSERT INTO sallyport.received_message (message_id, body_digest, case_id, received_at)
         VALUES ($9, $10, $1, $11) ON CONFLICT (message_id) DO NOTHING
       ), opened AS (
         INSERT INTO sallyport.case_head
           (case_id, seq, hash, phase, stage, due_at, ticket_number, opened_at, updated_at)
         VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT (case_id) DO NOTHING RETURNING case_id
       )
       INSERT INTO sallyport.case_event (case_id, seq, type, event, hash, at)
       SELECT case_id, 1, 'case.opened', $8, $2, $7 FROM opened RETURNING seq`,
      [
        opened.id,
        hash,
        head.phase,
        head.stage,
        head.dueAt,
        stored.ticketNumber,
        stored.at,
        canonicalJson(stored),
        stored.messageId,
        message.bodyDigest,
        message.receivedAt,
      ],
    );
    return inserted.length === 1;
  }

  /** The digest and case of a message received before, or null. */
  async receivedMessage(messageId: string): Promise<{ bodyDigest: string; caseId: string } | null> {
    const [row]: { body_digest: string; case_id: string }[] = await this.db.query(
      'SELECT body_digest, case_id FROM sallyport.received_message WHERE message_id = $1',
      [messageId],
    );
    return row ? { bodyDigest: row.body_digest, caseId: row.case_id } : null;
  }

  /** The episodes of which these tickets have cases, open or closed, by ticket `sys_id`. */
  async episodesOf(
    instance: string,
    tickets: readonly { sysId: string; number: string }[],
  ): Promise<Map<string, string[]>> {
    const rows: (StoredLink & { case_id: string })[] = await this.db.query(
      `SELECT e.case_id, e.seq, e.type, e.event::text AS event, e.hash, e.at
         FROM sallyport.case_head h JOIN sallyport.case_event e ON e.case_id = h.case_id AND e.seq = 1
        WHERE h.ticket_number = ANY($1)`,
      [tickets.map(({ number }) => number)],
    );
    const found = new Map<string, string[]>();
    for (const row of rows) {
      const event = openingOf(row.case_id, row);
      if (event?.instance !== instance) continue;
      found.set(event.ticketSysId, [...(found.get(event.ticketSysId) ?? []), event.episode]);
    }
    return found;
  }

  /**
   * Appends one event and advances the head, in one statement that checks that nobody else did since `loaded`. Where the
   * event makes the case part of a group, the same statement joins it: of two that would both lead, one is refused.
   *
   * @param seenLead whose group may be replaced by a new one: who led it when it was read, or null for nobody
   * @throws SequenceConflict, SubjectBusy, GroupMoved, IllegalEvent
   */
  async append(loaded: LoadedCase, event: CaseEvent, seenLead: string | null = null): Promise<LoadedCase> {
    const stored = caseEventSchema.parse(event);
    const after = applyEvent(loaded.case, stored);
    const head = headOf(after);
    const hash = linkHash(after.id, after.seq, loaded.hash, stored);
    const group = stored.type === 'policy.decided' ? stored.group : undefined;
    const values = [
      after.id,
      after.seq,
      hash,
      loaded.hash,
      head.phase,
      head.stage,
      head.dueAt,
      head.activeSubject,
      stored.at,
      stored.type,
      canonicalJson(stored),
      head.riskEpisode,
      head.groupLead,
    ];
    try {
      const inserted: unknown[] = group
        ? await this.db.query(joiningAppend, [...values, group.key, seenLead])
        : await this.db.query(plainAppend, values);
      if (inserted.length === 0) {
        if (group && (await this.seqOf(after.id)) === loaded.case.seq)
          throw new GroupMoved(`another case leads the group that ${after.id} was about to join`);
        throw new SequenceConflict(`${after.id} has moved past event ${loaded.case.seq}`);
      }
    } catch (error) {
      if (isUniqueViolation(error, 'case_head_active_subject')) {
        throw new SubjectBusy(`another open case governs the subject of ${after.id}`);
      }
      throw error;
    }
    return { case: after, hash };
  }

  private async seqOf(caseId: string): Promise<number | null> {
    const [row]: { seq: number }[] = await this.db.query(
      'SELECT seq FROM sallyport.case_head WHERE case_id = $1',
      [caseId],
    );
    return row?.seq ?? null;
  }

  /** The open case that governs a subject, or null. */
  async activeCaseOf(subjectId: string): Promise<string | null> {
    const [row]: { case_id: string }[] = await this.db.query(
      'SELECT case_id FROM sallyport.case_head WHERE active_subject = $1',
      [subjectId],
    );
    return row?.case_id ?? null;
  }

  /**
   * The case that looks at this risk episode for another ticket, or has done so since `closedAfter`; oldest first, or
   * null. A ticket that was reopened is not another one: somebody asks to look again.
   */
  async caseOfEpisode(
    riskEpisode: string,
    notTicketNumber: string,
    closedAfter: Date,
  ): Promise<string | null> {
    const [row]: { case_id: string }[] = await this.db.query(
      `SELECT case_id FROM sallyport.case_head
        WHERE risk_episode = $1 AND ticket_number <> $2 AND (phase <> 'closed' OR updated_at >= $3)
        ORDER BY opened_at LIMIT 1`,
      [riskEpisode, notTicketNumber, closedAfter],
    );
    return row?.case_id ?? null;
  }

  /** Who leads the group of this key, and whether it still does; null where there was never one. */
  async groupOf(key: string): Promise<SeenGroup | null> {
    const [row]: { lead_case_id: string; open: boolean; last_joined_at: Date }[] = await this.db.query(
      `SELECT c.lead_case_id, c.last_joined_at, h.phase <> ALL($2) AND h.group_lead IS NOT DISTINCT FROM h.case_id AS open
         FROM sallyport.campaign c JOIN sallyport.case_head h ON h.case_id = c.lead_case_id
        WHERE c.key = $1`,
      [key, leadsNobodyIn],
    );
    if (!row) return null;
    return { leadCaseId: row.lead_case_id, open: row.open, lastJoinedAt: row.last_joined_at.toISOString() };
  }

  /** Leads of the groups that somebody joined since then, latest first. */
  async groupsJoinedSince(since: Date, limit: number): Promise<string[]> {
    const rows: { lead_case_id: string }[] = await this.db.query(
      `SELECT lead_case_id FROM sallyport.campaign WHERE last_joined_at >= $1
        ORDER BY last_joined_at DESC, key LIMIT $2`,
      [since, limit],
    );
    return rows.map((row) => row.lead_case_id);
  }

  /** Cases that others in review name as their lead, although they are closed or were decided again and lead no more. */
  async formerLeads(limit: number): Promise<string[]> {
    const rows: { lead_case_id: string }[] = await this.db.query(
      `SELECT l.case_id AS lead_case_id FROM sallyport.case_head l
        WHERE (l.phase = 'closed' OR (l.group_lead IS DISTINCT FROM l.case_id AND l.phase <> 'collected'))
          AND l.case_id IN (SELECT m.group_lead FROM sallyport.case_head m
                             WHERE m.group_lead IS NOT NULL AND m.group_lead <> m.case_id
                               AND m.phase IN ('reviewPosted', 'inReview'))
        ORDER BY l.updated_at DESC, l.case_id LIMIT $1`,
      [limit],
    );
    return rows.map((row) => row.lead_case_id);
  }

  /** How many cases the group of this lead has, the lead included, and the first of them by when they were opened. */
  async groupMembers(leadCaseId: string, limit: number): Promise<{ count: number; members: GroupMember[] }> {
    const rows: { case_id: string; ticket_number: string; phase: Phase; count: number }[] =
      await this.db.query(
        `SELECT case_id, ticket_number, phase, (count(*) OVER ())::int AS count FROM sallyport.case_head
        WHERE group_lead = $1 ORDER BY opened_at, case_id LIMIT $2`,
        [leadCaseId, limit],
      );
    return {
      count: rows[0]?.count ?? 0,
      members: rows.map((row) => ({
        caseId: row.case_id,
        ticketNumber: row.ticket_number,
        phase: row.phase,
      })),
    };
  }

  /**
   * Heads that wait for `stage` and were due before `dueBefore`, longest waiting first, after the first `skip`. Released
   * accounts under watch come last: they wait for an hour by design, and must not hide cases that are lost.
   */
  async overdue(stage: Stage, dueBefore: Date, limit: number, skip = 0): Promise<OverdueHead[]> {
    const rows: { case_id: string; seq: number }[] = await this.db.query(
      `SELECT case_id, seq FROM sallyport.case_head
        WHERE stage = $1 AND due_at <= $2
        ORDER BY phase = 'watching', due_at, case_id LIMIT $3 OFFSET $4`,
      [stage, dueBefore, limit, skip],
    );
    return rows.map((row) => ({ caseId: row.case_id, stage, seq: row.seq }));
  }

  /** Ids of the cases that rest in one of these phases, by when they last moved: for people who look what waits. */
  async caseIdsIn(phases: readonly Phase[], first: 'oldest' | 'newest', limit: number): Promise<string[]> {
    const order = first === 'oldest' ? 'ASC' : 'DESC';
    const rows: { case_id: string }[] = await this.db.query(
      `SELECT case_id FROM sallyport.case_head
        WHERE phase = ANY($1) ORDER BY updated_at ${order}, case_id LIMIT $2`,
      [phases, limit],
    );
    return rows.map((row) => row.case_id);
  }

  /**
   * Cases that moved last after `after`, by when they did, for who follows what happens. Times are those of the events,
   * by the clocks of the processes that wrote them: whoever follows looks back a little.
   */
  async movedSince(after: { at: Instant; caseId: string }, limit: number): Promise<Moved[]> {
    const rows: { case_id: string; seq: number; updated_at: Date }[] = await this.db.query(
      `SELECT case_id, seq, updated_at FROM sallyport.case_head
        WHERE (updated_at, case_id) > ($1, $2) ORDER BY updated_at, case_id LIMIT $3`,
      [after.at, after.caseId, limit],
    );
    return rows.map((row) => ({ caseId: row.case_id, seq: row.seq, at: row.updated_at.toISOString() }));
  }

  /** Case ids after `after` in order of id: for walks over the whole log in bounded steps. */
  async caseIds(after: string, limit: number): Promise<string[]> {
    const rows: { case_id: string }[] = await this.db.query(
      'SELECT case_id FROM sallyport.case_head WHERE case_id > $1 ORDER BY case_id LIMIT $2',
      [after, limit],
    );
    return rows.map((row) => row.case_id);
  }

  /**
   * How far the clock of this machine is ahead of the database's, in milliseconds; negative where it is behind. The way
   * of the answer counts as nothing, so that a slow database makes nobody look ahead.
   */
  async clockAheadMs(): Promise<number> {
    const askedMs = Date.now();
    const [row]: { ms: number }[] = await this.db.query(
      'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::float8 AS ms',
    );
    return askedMs - (row?.ms ?? askedMs);
  }

  /** Answers as soon as the log can be read, with what the newest migrations add to it. For readiness. */
  async ping(): Promise<void> {
    await this.db.query(
      `SELECT h.group_lead, c.key, k.key AS click FROM sallyport.case_head h
         LEFT JOIN sallyport.campaign c ON false LEFT JOIN sallyport.received_click k ON false LIMIT 1`,
    );
  }
}

const advancing = `
  UPDATE sallyport.case_head
     SET seq = $2, hash = $3, phase = $5, stage = $6, due_at = $7, active_subject = $8, updated_at = $9,
         risk_episode = $12, group_lead = $13`;
const inserting = `
  INSERT INTO sallyport.case_event (case_id, seq, type, event, hash, at)
  SELECT case_id, $2, $10, $11, $3, $9 FROM advanced RETURNING seq`;

const plainAppend = `
  WITH advanced AS (${advancing}
     WHERE case_id = $1 AND seq = $2 - 1 AND hash = $4
    RETURNING case_id
  )${inserting}`;

/**
 * The head is locked first, so that a case that has moved joins nothing; then the group, which is joined only where it
 * is led by whom the event names, or by whom it was led when that was decided.
 */
const joiningAppend = `
  WITH held AS (
    SELECT case_id FROM sallyport.case_head WHERE case_id = $1 AND seq = $2 - 1 AND hash = $4 FOR UPDATE
  ), joined AS (
    INSERT INTO sallyport.campaign AS known (key, lead_case_id, last_joined_at)
    SELECT $14, $13, $9 FROM held
    ON CONFLICT (key) DO UPDATE
       SET lead_case_id = EXCLUDED.lead_case_id,
           last_joined_at = GREATEST(known.last_joined_at, EXCLUDED.last_joined_at)
     WHERE known.lead_case_id IN ($13, $15)
    RETURNING key
  ), advanced AS (${advancing}
     WHERE case_id = $1 AND EXISTS (SELECT 1 FROM joined)
    RETURNING case_id
  )${inserting}`;

/** A row of events. `event` is the stored text, unparsed: two readers could parse a doubled key differently. */
interface StoredLink {
  seq: number;
  type: string;
  event: string;
  hash: string;
  at: Date;
}

function parseEvent(caseId: string, stored: StoredLink): CaseEvent {
  const parsed = caseEventSchema.safeParse(JSON.parse(stored.event));
  if (!parsed.success) {
    throw new CaseLogDamaged(`${caseId}, event ${stored.seq} is not an event that this version knows`);
  }
  const event = parsed.data;
  // What was written was in normal form: a row that fits only after normalising is not what was written.
  if (canonicalJson(event) !== stored.event) {
    throw new CaseLogDamaged(`${caseId}, event ${stored.seq} is not stored to the letter as it was hashed`);
  }
  if (stored.type !== event.type || stored.at.toISOString() !== event.at) {
    throw new CaseLogDamaged(`${caseId}, event ${stored.seq} is not what its columns say`);
  }
  return event;
}

/** A damaged case is found by whoever loads it, and must not keep others from being looked at. */
function openingOf(caseId: string, stored: StoredLink): EventOf<'case.opened'> | null {
  try {
    const event = parseEvent(caseId, stored);
    return event.type === 'case.opened' ? event : null;
  } catch (error) {
    if (error instanceof CaseLogDamaged) return null;
    throw error;
  }
}

function isUniqueViolation(error: unknown, constraint: string): boolean {
  if (!(error instanceof QueryFailedError)) return false;
  const driver: { code?: string; constraint?: string } = error.driverError;
  return driver.code === '23505' && driver.constraint === constraint;
}
