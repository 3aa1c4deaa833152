/** The case log and the ledger of effects in memory, with the meaning of libs/case-log and points to die at. */
import {
  applyEvent,
  type Case,
  chainStart,
  headOf,
  leadsNobodyIn,
  type Link,
  linkHash,
  openCase,
} from '@sallyport/case';
import {
  CaseLog,
  EffectLedger,
  type EffectState,
  type GroupMember,
  GroupMoved,
  type LoadedCase,
  type OverdueHead,
  type SeenGroup,
  SequenceConflict,
  SubjectBusy,
} from '@sallyport/case-log';
import { caseEventSchema, type CaseEvent, type EventOf, type Stage } from '@sallyport/evidence';
import { canonicalJson } from '@sallyport/idempotency';
import { DataSource } from 'typeorm';
import { type Fate, mustLive } from './life';

interface Stored {
  seq: number;
  event: CaseEvent;
  /** As Postgres would keep it. */
  text: string;
  hash: string;
}

/** Never connected: every method that would use it is replaced. */
const noDatabase = () => new DataSource({ type: 'postgres' });

/** What one play has written. A new play begins with a new store. */
export class MemoryStore {
  readonly rows = new Map<string, Stored[]>();
  readonly heads = new Map<string, { case: Case; hash: string }>();
  readonly groups = new Map<string, { leadCaseId: string; lastJoinedAt: string }>();
  readonly effects = new Map<string, { startedAt: string; result: unknown; done: boolean }>();

  eventsOf(caseId: string): CaseEvent[] {
    return (this.rows.get(caseId) ?? []).map((row) => row.event);
  }

  /** The chain as it would be read from Postgres. */
  linksOf(caseId: string): Link[] {
    return (this.rows.get(caseId) ?? []).map(({ seq, text, hash }) => {
      return { seq, hash, event: caseEventSchema.parse(JSON.parse(text)) };
    });
  }
}

export class MemoryLog extends CaseLog {
  constructor(private readonly now: () => { store: MemoryStore; fate: Fate }) {
    super(noDatabase());
  }

  /** The case as it was folded when it was written; that the stored chain folds to the same is checked after a play. */
  override async load(caseId: string): Promise<LoadedCase | null> {
    await Promise.resolve();
    mustLive();
    return this.now().store.heads.get(caseId) ?? null;
  }

  override async read(
    caseId: string,
  ): Promise<{ links: Link[]; head: { seq: number; hash: string } | null }> {
    const { store } = this.now();
    const loaded = await this.load(caseId);
    return {
      links: store.linksOf(caseId),
      head: loaded && { seq: loaded.case.seq, hash: loaded.hash },
    };
  }

  override async open(event: EventOf<'case.opened'>): Promise<boolean> {
    const { store, fate } = this.now();
    return fate.point('commit', 'case.opened', () => {
      const c = openCase(caseEventSchema.parse(event));
      if (store.heads.has(c.id)) return false;
      this.put(store, c, linkHash(c.id, 1, chainStart, c.opened), c.opened);
      return true;
    });
  }

  override async append(
    loaded: LoadedCase,
    event: CaseEvent,
    seenLead: string | null = null,
  ): Promise<LoadedCase> {
    const stored = caseEventSchema.parse(event);
    const after = applyEvent(loaded.case, stored);
    const { store, fate } = this.now();
    await Promise.resolve();
    return fate.point('commit', stored.type, () => {
      const head = store.heads.get(after.id);
      if (!head || head.case.seq !== loaded.case.seq || head.hash !== loaded.hash) {
        throw new SequenceConflict(`${after.id} has moved past event ${loaded.case.seq}`);
      }
      const { activeSubject } = headOf(after);
      if (activeSubject && this.governor(activeSubject, after.id) !== null) {
        throw new SubjectBusy(`another open case governs the subject of ${after.id}`);
      }
      if (stored.type === 'policy.decided' && stored.group) {
        const { key, leadCaseId } = stored.group;
        const known = store.groups.get(key)?.leadCaseId;
        if (known !== undefined && known !== leadCaseId && known !== seenLead)
          throw new GroupMoved(`another case leads the group that ${after.id} was about to join`);
        store.groups.set(key, { leadCaseId, lastJoinedAt: stored.at });
      }
      const hash = linkHash(after.id, after.seq, loaded.hash, stored);
      this.put(store, after, hash, stored);
      return { case: after, hash };
    });
  }

  /** There is one clock, and it is everybody's. */
  override clockAheadMs(): Promise<number> {
    mustLive();
    return Promise.resolve(0);
  }

  override async activeCaseOf(subjectId: string): Promise<string | null> {
    mustLive();
    return this.governor(subjectId, null);
  }

  override async caseOfEpisode(
    riskEpisode: string,
    notTicketNumber: string,
    closedAfter: Date,
  ): Promise<string | null> {
    mustLive();
    const [first] = [...this.now().store.heads.values()]
      .map((head) => head.case)
      .filter((c) => headOf(c).riskEpisode === riskEpisode && c.opened.ticketNumber !== notTicketNumber)
      .filter((c) => c.phase !== 'closed' || c.updatedAt >= closedAfter.toISOString())
      .sort((a, b) => (a.opened.at < b.opened.at ? -1 : 1));
    return first?.id ?? null;
  }

  override async overdue(stage: Stage, dueBefore: Date, limit: number, skip = 0): Promise<OverdueHead[]> {
    mustLive();
    return [...this.now().store.heads.values()]
      .map((head) => ({ id: head.case.id, seq: head.case.seq, ...headOf(head.case) }))
      .filter((head) => head.stage === stage && head.dueAt !== null)
      .filter((head) => (head.dueAt ?? '') <= dueBefore.toISOString())
      .sort((a, b) => ((a.dueAt ?? '') < (b.dueAt ?? '') ? -1 : 1))
      .slice(skip, skip + limit)
      .map(({ id, seq }) => ({ caseId: id, stage, seq }));
  }

  override async groupOf(key: string): Promise<SeenGroup | null> {
    mustLive();
    const { store } = this.now();
    const known = store.groups.get(key);
    const lead = known && store.heads.get(known.leadCaseId)?.case;
    return known && lead
      ? { ...known, open: !leadsNobodyIn.includes(lead.phase) && lead.group?.leads === true }
      : null;
  }

  override async groupMembers(
    leadCaseId: string,
    limit: number,
  ): Promise<{ count: number; members: GroupMember[] }> {
    mustLive();
    const members = [...this.now().store.heads.values()]
      .map((head) => head.case)
      .filter((c) => c.group?.leadCaseId === leadCaseId)
      .map((c) => ({ caseId: c.id, ticketNumber: c.opened.ticketNumber, phase: c.phase }));
    return { count: members.length, members: members.slice(0, limit) };
  }

  private governor(subjectId: string, otherThan: string | null): string | null {
    for (const { case: c } of this.now().store.heads.values()) {
      if (c.id !== otherThan && headOf(c).activeSubject === subjectId) return c.id;
    }
    return null;
  }

  private put(store: MemoryStore, c: Case, hash: string, event: CaseEvent): void {
    const row = { seq: c.seq, event, text: canonicalJson(event), hash };
    store.rows.set(c.id, [...(store.rows.get(c.id) ?? []), row]);
    store.heads.set(c.id, { case: c, hash });
  }
}

export class MemoryEffects extends EffectLedger {
  constructor(private readonly now: () => { store: MemoryStore; fate: Fate }) {
    super(noDatabase());
  }

  override async begin({ key, kind, at }: { key: string; kind: string; at: string }): Promise<EffectState> {
    const { store, fate } = this.now();
    return fate.point('commit', `begin ${kind}`, () => {
      const known = store.effects.get(key);
      if (known?.done) return { kind: 'done', result: known.result };
      if (known) return { kind: 'started', startedAt: known.startedAt };
      store.effects.set(key, { startedAt: at, result: null, done: false });
      return { kind: 'fresh' };
    });
  }

  override async takeOver(key: string, startedAt: string, at: string): Promise<boolean> {
    const { store, fate } = this.now();
    return fate.point('commit', 'take over effect', () => {
      const known = store.effects.get(key);
      if (!known || known.done || known.startedAt !== startedAt) return false;
      store.effects.set(key, { ...known, startedAt: at });
      return true;
    });
  }

  override async finish(key: string, _at: string, result: unknown): Promise<void> {
    const { store, fate } = this.now();
    return fate.point('commit', 'finish effect', () => {
      const known = store.effects.get(key);
      if (known && !known.done) store.effects.set(key, { ...known, result, done: true });
    });
  }

  override async results(keys: readonly string[]): Promise<unknown[]> {
    mustLive();
    const { store } = this.now();
    return keys.flatMap((key) => {
      const known = store.effects.get(key);
      return known?.done ? [known.result] : [];
    });
  }
}
