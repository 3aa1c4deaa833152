/** Which troubles a story is played with: each alone, at every point there is; then random ones together. */
import type { Trouble } from './life';
import { faultsOf, outage } from './outside';
import type { Played } from './play';

/** A random number generator of one seed (mulberry32), so that a failure can be played again. @returns 0 ≤ x < 1 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const crashes = ['crash before', 'crash after'];
const atCommit = [...crashes, 'paused after'];
const redeliveries = ['twice', 'twice at once', 'queue lost'];

function faultsAt(name: string): readonly string[] {
  if (name.startsWith('write')) return faultsOf.write;
  return name.startsWith('note') ? faultsOf.note : faultsOf.read;
}

/** Every single trouble of a story, from what its undisturbed play did. */
export function troublesOf({ ground, deliveries }: Played): Trouble[] {
  const { commit, call } = ground.fate.seen;
  const at = (kind: Trouble['kind'], index: number, whats: readonly string[]): Trouble[] =>
    whats.map((what) => ({ kind, at: index + 1, what }));
  return [
    ...commit.flatMap((_, index) => at('commit', index, atCommit)),
    ...call.flatMap((name, index) =>
      isOneOfMany(call, index) ? [] : at('call', index, troublesAt(name, index)),
    ),
    // What lasts lasts from the first call of a kind; the calls after it would meet the same.
    ...call.flatMap((name, index) =>
      name === call[index - 1]
        ? []
        : at(
            'call',
            index,
            faultsAt(name).map((fault) => fault + outage),
          ),
    ),
    ...Array.from({ length: deliveries }, (_, index) => at('delivery', index, redeliveries)).flat(),
  ];
}

/** A step whose effect does not show is read back a hundred times: of such a row, every tenth is like the others. */
const rowMax = 40;
function isOneOfMany(calls: readonly string[], index: number): boolean {
  const before = calls.slice(Math.max(0, index - rowMax), index);
  return before.length === rowMax && before.every((name) => name === calls[index]) && index % 10 !== 0;
}

/** Writes meet everything. Reads come by the dozen and are alike: each meets a crash or one kind of fault, in turn. */
function troublesAt(name: string, index: number): string[] {
  const faults = faultsAt(name);
  if (!name.startsWith('read')) return [...crashes, ...faults];
  const kinds = ['crash before', ...faults];
  return kinds.filter((_, kind) => kind === index % kinds.length);
}

/** Two or three of them together; of what lasts at most one, because it mostly ends a stage by itself. */
export function together(singles: readonly Trouble[], random: () => number): Trouble[] {
  const brief = singles.filter(({ what }) => !what.endsWith(outage));
  const pick = (from: readonly Trouble[]) => from[Math.floor(random() * from.length)];
  const picked = [pick(brief), pick(brief), random() < 0.5 ? pick(singles) : undefined];
  return picked.filter((trouble) => trouble !== undefined);
}

/** `release: call 12 504 after; commit 5 crash before`: what a failure prints, and what plays it again. */
export function scheduleWords(story: string, troubles: readonly Trouble[]): string {
  return `${story}: ${troubles.map(({ kind, at, what }) => `${kind} ${at} ${what}`).join('; ')}`;
}

export function parseSchedule(words: string): { story: string; troubles: Trouble[] } {
  const [story = '', list = ''] = words.split(': ');
  const troubles = list.split('; ').flatMap((text): Trouble[] => {
    const [, kind, at, what] = /^(commit|call|delivery) (\d+) (.+)$/.exec(text) ?? [];
    if (kind !== 'commit' && kind !== 'call' && kind !== 'delivery') return [];
    return [{ kind, at: Number(at), what: what ?? '' }];
  });
  return { story, troubles };
}
