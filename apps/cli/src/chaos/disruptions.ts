/** What goes wrong in a chaos run, chosen by a seed so that a run can be repeated in kind. */
import type { FaultGiven } from '@sallyport/scenario';
import type { OpenScene } from '../rehearse/scene';
import { serviceNames } from '../stack/service-env';
import type { Stack } from '../stack/stack';

export interface Disruption {
  name: string;
  strike(): Promise<void>;
}

/** A random number generator of one seed (mulberry32). @returns 0 ≤ x < 1 */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const graphWrite = { surface: 'graph', path: '/\\/(revokeSignInSessions|dismiss)$/' } as const;
const graphPatch = { surface: 'graph', method: 'PATCH' } as const;
const graphRead = { surface: 'graph', method: 'GET' } as const;

/** Bounded bursts: each ends by itself after so many calls. */
const faults: Readonly<Record<string, FaultGiven>> = {
  'Graph drops reads': { on: graphRead, kind: 'resetBefore', times: 12 },
  'Graph is slow': { on: graphRead, kind: 'slow', ms: 1_500, times: 12 },
  'Graph answers 503': { on: graphRead, kind: 'status', status: 503, times: 12 },
  'Graph acts and answers 504': { on: graphWrite, kind: 'statusAfterEffect', status: 504, times: 2 },
  'Graph acts and drops the answer': { on: graphWrite, kind: 'resetAfter', times: 2 },
  'Graph changes an account and answers 504': {
    on: graphPatch,
    kind: 'statusAfterEffect',
    status: 504,
    times: 2,
  },
  'Graph changes an account and drops the answer': { on: graphPatch, kind: 'resetAfter', times: 2 },
  'Graph drops a change': { on: graphPatch, kind: 'resetBefore', times: 1 },
  'Graph throttles writes': { on: graphWrite, kind: 'status', status: 429, times: 2 },
  'Graph drops a write': { on: graphWrite, kind: 'resetBefore', times: 1 },
  'ServiceNow answers 503': { on: { surface: 'servicenow' }, kind: 'status', status: 503, times: 6 },
  'ServiceNow writes and drops the answer': {
    on: { surface: 'servicenow', method: 'PATCH' },
    kind: 'resetAfter',
    times: 2,
  },
  'Teams answers 503': { on: { surface: 'teams' }, kind: 'status', status: 503, times: 4 },
};

/** Each kind once in a random order, then any of them, services most often. */
export function* disruptions(
  stack: Stack,
  { scene }: OpenScene,
  random: () => number,
): Generator<Disruption, never> {
  const kills = serviceNames
    .filter((name) => name !== 'console')
    .map((name) => ({ name: `${name} is killed`, strike: () => stack.killAndRestart(name) }));
  const { postgres, redis } = stack.stores;
  const stores = [
    { name: 'Postgres restarts', strike: () => postgres.restart() },
    ...(redis ? [{ name: 'Redis restarts empty', strike: () => redis.restart() }] : []),
    { name: 'the queue is emptied', strike: async () => scene.loseQueue?.() },
  ];
  const outside = Object.entries(faults).map(([name, fault]) => ({
    name,
    strike: async () => void (await stack.simulator.addFaults([fault])),
  }));
  const all = [...kills, ...stores, ...outside];
  const pick = (from: readonly Disruption[]): Disruption => {
    const picked = from[Math.floor(random() * from.length)];
    if (!picked) throw new RangeError('nothing to pick from');
    return picked;
  };
  for (const waiting = [...all]; waiting.length > 0;) {
    const next = pick(waiting);
    waiting.splice(waiting.indexOf(next), 1);
    yield next;
  }
  for (;;) yield pick(random() < 0.6 ? kills : random() < 0.3 ? stores : outside);
}
