import { objectIdSchema } from '@sallyport/evidence';
import { z } from 'zod';
import { EntraError } from './entra-error';
import { GraphAsker, type Trace } from './graph-asker';
import type { GraphClient } from './graph-client';
import { filterOf, odataTime } from './graph-query';
import type { RetryBounds, Runtime } from './retry';
import { riskFrom } from './risk';

/**
 * How much older than a click a reading may be that answers it. Identity Protection itself takes longer to show a new
 * risk, and one call for each click would let a crowd wait for minutes: the whole tenant has one per second.
 */
const usableMs = 5_000;
/** While clicks come the next reading begins before the last one is too old, so that they do not wait for it. */
const aheadMs = 2_500;
/** How long the list of everybody counts as the ground that the newest changes are laid over; read anew at half of it. */
const groundMs = 10 * 60_000;
/** Rows can become visible after the time that they carry: changes are read from so long before the ground. */
const lateMs = 30 * 60_000;
/** The most rows that Identity Protection sends with one call. */
const pageMax = 500;
/** A tenant with more rows than a list may have is asked person by person for so long. */
const unlistableMs = 60 * 60_000;

const rowSchema = z.looseObject({ id: objectIdSchema });

/** Who of the listed people is at risk. Asked for at this time; what Graph answers is at most younger. */
interface Look {
  askedMs: number;
  atRisk: ReadonlyMap<string, boolean>;
}
interface Waiting {
  voterId: string;
  trace: Trace;
  signal: AbortSignal;
  resolve: (atRisk: boolean) => void;
  reject: (error: unknown) => void;
}

/**
 * Whether voters are at risk at this moment, with one call of Identity Protection for all who click at the same time:
 * they ask together for a list of everybody, and those that follow for what has changed since. Where that list takes more
 * than one call, a single click asks for its person alone. No answer is older than {@link usableMs}; where nothing can be read, nobody is answered.
 *
 * It lives in the memory of the process, because it is personal data, and holds ids and a yes or no.
 */
export class VoterRisk {
  private ground: Look | null = null;
  private newest: Look | null = null;
  /** When a look last began, whatever came of it. */
  private begun: Pick<Look, 'askedMs'> | null = null;
  private waiting: Waiting[] = [];
  private asking = false;
  private unlistableUntilMs = 0;
  /** The list of everybody took more than the one call that a single person takes. */
  private longList = false;
  private looks = 0;
  private readonly born: string;

  /** @param client whose timeouts bound each call */
  constructor(
    private readonly client: GraphClient,
    private readonly runtime: Runtime,
    private readonly bounds: RetryBounds,
  ) {
    this.born = runtime.now().toISOString();
  }

  /**
   * @param voterId a checked object id, lower case
   * @param signal after which nobody waits for the answer any more, so that nothing is asked for it
   * @throws EntraError where it stays unknown, or ZodError
   */
  atRisk(voterId: string, trace: Trace, signal: AbortSignal): Promise<boolean> {
    const known = this.known(voterId);
    if (known === null) {
      return new Promise((resolve, reject) => {
        this.waiting.push({ voterId, trace, signal, resolve, reject });
        void this.ask();
      });
    }
    if (this.isDue()) void this.ask(true);
    return Promise.resolve(known);
  }

  /** Somebody whose risk will be asked for is about to click: begins the reading that all share, where it is due. */
  expect(): void {
    // Where there is no list, nothing can be read for who has not clicked.
    const listable =
      this.hasGround() || (!this.longList && this.runtime.now().getTime() >= this.unlistableUntilMs);
    if (this.isDue() && listable) void this.ask(true);
  }

  /** A look that failed costs as much as one that did not: the next one ahead of a click waits as long for both. */
  private isDue(): boolean {
    return !this.begun || !this.isWithin(this.begun, aheadMs);
  }

  private known(voterId: string): boolean | null {
    const { newest } = this;
    return newest && this.isWithin(newest, usableMs) ? this.listed(newest, voterId) : null;
  }

  /** One question at a time, for all who wait when it is asked; whoever comes later gets the next one. */
  private async ask(ahead = false): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      // Nobody waits for it: where it fails, the next click asks for itself.
      if (ahead && this.waiting.length === 0) await this.look(groundMs / 2).catch(() => null);
      while (this.waiting.length > 0) {
        const all = this.waiting.splice(0).filter(({ signal }) => !signal.aborted);
        // Whoever clicked while a list was on its way may find it young enough.
        await this.answer(
          all.filter(({ voterId, resolve }) => {
            const known = this.known(voterId);
            if (known !== null) resolve(known);
            return known === null;
          }),
        );
      }
    } finally {
      this.asking = false;
    }
  }

  /** Settles everybody it was given, or lets them wait on; never throws. */
  private async answer(all: readonly Waiting[]): Promise<void> {
    const [first] = all;
    if (!first) return;
    const same = all.filter(({ voterId }) => voterId === first.voterId);
    const unlistable = this.runtime.now().getTime() < this.unlistableUntilMs;
    if ((unlistable || (this.longList && all.length === 1)) && !this.hasGround()) {
      this.waiting.unshift(...all.filter((one) => !same.includes(one)));
      await settle(same, async () => {
        const atRisk = await this.one(first);
        return () => atRisk;
      });
      return;
    }
    const answered = await settle(all, async () => {
      const look = await this.look(groundMs);
      if (!look || all.every(({ voterId }) => this.listed(look, voterId) !== null)) return this.saidBy(look);
      // The list of everybody grew too old while the changes to it were on their way: so it is read anew.
      return this.saidBy(await this.look(groundMs));
    });
    // This tenant has just shown itself to have no list: one by one from here on.
    if (!answered) this.waiting.unshift(...all);
  }

  /** @throws EntraError where it says nothing about a person: nobody is told that they are at risk for that */
  private saidBy(look: Look | null): ((voterId: string) => boolean) | null {
    return (
      look &&
      ((voterId) => {
        const atRisk = this.listed(look, voterId);
        if (atRisk === null) throw new EntraError({ kind: 'unavailable', status: null, code: 'tooOld' });
        return atRisk;
      })
    );
  }

  /** @returns null where this look says nothing about the person */
  private listed(look: Look, voterId: string): boolean | null {
    const changed = look.atRisk.get(voterId);
    if (changed !== undefined) return changed;
    // Only in the list of everybody does absence mean anything.
    return this.ground && this.hasGround() ? this.ground.atRisk.get(voterId) === true : null;
  }

  /**
   * Reads what has changed since everybody was read, or everybody where that is longer ago than `groundUsableMs`.
   * @returns null where this tenant cannot be listed
   */
  private async look(groundUsableMs: number): Promise<Look | null> {
    const askedMs = this.runtime.now().getTime();
    const { ground } = this;
    this.begun = { askedMs };
    try {
      if (ground && this.isWithin(ground, groundUsableMs)) {
        const since = new Date(ground.askedMs - lateMs).toISOString();
        const filter = filterOf(`riskLastUpdatedDateTime gt ${odataTime(since)}`);
        this.newest = { askedMs, atRisk: await this.rows(`?${filter}&$top=${pageMax}`) };
      } else {
        this.newest = this.ground = { askedMs, atRisk: await this.rows(`?$top=${pageMax}`) };
        this.longList = this.ground.atRisk.size > pageMax;
        this.forgetLater(this.ground);
      }
      return this.newest;
    } catch (error) {
      const unlistable =
        error instanceof EntraError && (error.code === 'tooManyPages' || error.status === 400);
      if (!unlistable) throw error;
      this.unlistableUntilMs = askedMs + unlistableMs;
      this.ground = this.newest = null;
      return null;
    }
  }

  private async rows(query: string): Promise<ReadonlyMap<string, boolean>> {
    const trace = ['voter-risk', this.born, this.looks++];
    const graph = new GraphAsker(this.client, this.runtime, this.bounds, trace);
    const rows = await graph.rows(`/identityProtection/riskyUsers${query}`, { allEnumMembers: true });
    const atRisk = new Map<string, boolean>();
    for (const row of rows) {
      const { id } = rowSchema.parse(row);
      // A page may repeat a row in an older version: whichever of them says "at risk" is believed.
      atRisk.set(id, atRisk.get(id) === true || (isAtRisk(row) ?? true));
    }
    return atRisk;
  }

  private async one({ voterId, trace }: Waiting): Promise<boolean> {
    const graph = new GraphAsker(this.client, this.runtime, this.bounds, trace);
    try {
      const path = `/identityProtection/riskyUsers/${voterId}`;
      const atRisk = isAtRisk((await graph.get(path, { allEnumMembers: true })).body);
      if (atRisk !== null) return atRisk;
    } catch (error) {
      // This person has never had risk.
      if (error instanceof EntraError && error.kind === 'notFound') return false;
      throw error;
    }
    throw new EntraError({ kind: 'invalidAnswer', status: 200, code: 'wrongShape' });
  }

  private hasGround(): boolean {
    return this.ground !== null && this.isWithin(this.ground, groundMs);
  }

  /** A clock that was set back makes nothing younger than it is. */
  private isWithin({ askedMs }: Pick<Look, 'askedMs'>, ms: number): boolean {
    const ageMs = this.runtime.now().getTime() - askedMs;
    return ageMs >= 0 && ageMs <= ms;
  }

  private forgetLater(ground: Look): void {
    setTimeout(() => {
      if (this.ground === ground) this.ground = this.newest = null;
    }, groundMs).unref();
  }
}

/** Anything but a settled state is a risk. @returns null for what is not a row about risk */
function isAtRisk(row: unknown): boolean | null {
  try {
    const { state, processing } = riskFrom(row);
    return processing || !['none', 'confirmedSafe', 'remediated', 'dismissed'].includes(state);
  } catch (error) {
    if (error instanceof z.ZodError) return null;
    throw error;
  }
}

/** @returns whether they were answered: not where the question came to nothing */
async function settle(
  all: readonly Waiting[],
  ask: () => Promise<((voterId: string) => boolean) | null>,
): Promise<boolean> {
  try {
    const riskOf = await ask();
    // All of them first: who was answered cannot be refused any more.
    const answers = riskOf && all.map(({ voterId, resolve }) => ({ atRisk: riskOf(voterId), resolve }));
    for (const { atRisk, resolve } of answers ?? []) resolve(atRisk);
    return riskOf !== null;
  } catch (error) {
    for (const { reject } of all) reject(error);
    return true;
  }
}
