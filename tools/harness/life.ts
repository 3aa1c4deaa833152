/**
 * A process of the line, as the harness sees it: from one delivery to its end or its death. Everything that leaves a
 * process (a write to the log, to the ledger of effects, to the queue, a request to the outside) is a numbered point,
 * and a schedule says at which of them what goes wrong.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

export type PointKind = 'commit' | 'call';

/** One thing that goes wrong. `commit` and `call` are counted apart, from 1, over the whole play. */
export interface Trouble {
  kind: PointKind | 'delivery';
  at: number;
  /** `crash before`, `crash after`, `paused after`, a fault of the outside, `twice`, `twice at once`, `queue lost`. */
  what: string;
}

/** The process is gone. What it still tries to do, nobody sees. */
export class Died extends Error {}

interface Life {
  dead: boolean;
}

const lives = new AsyncLocalStorage<Life>();

/** Counts the points of one play and brings its troubles about. */
export class Fate {
  readonly seen: Record<PointKind, string[]> = { commit: [], call: [] };
  readonly met: Trouble[] = [];
  /** What goes on while a process stands still. */
  meanwhile: () => Promise<void> = () => Promise.resolve();

  constructor(readonly troubles: readonly Trouble[]) {}

  /** What happens at this point besides the work, or null. */
  take(kind: Trouble['kind'], at: number): string | null {
    const trouble = this.troubles.find((candidate) => candidate.kind === kind && candidate.at === at);
    if (!trouble) return null;
    this.met.push(trouble);
    return trouble.what;
  }

  /** Runs what leaves a process. @throws Died where the process dies around it, or is dead already */
  async point<T>(kind: PointKind, name: string, work: (fault: string | null) => T): Promise<T> {
    mustLive();
    const seen = this.seen[kind];
    seen.push(name);
    const what = this.take(kind, seen.length);
    if (what === 'crash before') die();
    const done = work(what?.startsWith('crash') || what?.startsWith('paused') ? null : what);
    if (what === 'crash after') die();
    if (what === 'paused after') await this.meanwhile();
    return done;
  }
}

export function mustLive(): void {
  if (lives.getStore()?.dead) throw new Died('this process is dead');
}

function die(): never {
  const life = lives.getStore();
  if (life) life.dead = true;
  throw new Died('killed here');
}

export type End = { kind: 'done' } | { kind: 'died' } | { kind: 'threw'; error: unknown };

/** What several pieces of work share that one process does: it dies for all of them. */
export const oneProcess = (): Life => ({ dead: false });

/** Runs `work` as a process of its own, or in the one that is given. */
export async function live(work: () => Promise<unknown>, life = oneProcess()): Promise<End> {
  try {
    await lives.run(life, work);
    return life.dead ? { kind: 'died' } : { kind: 'done' };
  } catch (error) {
    return life.dead ? { kind: 'died' } : { kind: 'threw', error };
  }
}
