/** What goes wrong in a chaos run, chosen by a seed so that a run can be repeated in kind. */
import type { FaultGiven } from '@sallyport/scenario';
import type { OpenScene } from '../rehearse/scene';
import type { Stack } from '../stack/stack';
import type { Strike } from './excuses';

export interface Disruption extends Pick<Strike, 'name' | 'sends'> {
  strike(): Promise<void>;
}

/** Jobs that a process has in hand at most. */
export const inHandMax = 8;
/** More than one, so that what is unclear for one is unclear for others. */
export const dismissalsPerCall = 4;

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

type Sends = Disruption['sends'];
/** Every attempt at a stage met one of them: a burst is long enough for one case. */
const oneStage: Sends = { stageFailed: 1 };
/** So many faults make one part unreadable: four tries of a reading in each of the eight attempts of a stage. */
export const faultsPerHold = 32;
const readings = (calls: number): Sends => ({ ...oneStage, policyHold: Math.floor(calls / faultsPerHold) });
/** Not done, as far as one can see; and nothing proves that it will not be done yet. */
const unclear = (calls: number): Sends => ({ actionUnknown: calls * dismissalsPerCall });

/** Longer than a client waits, shorter than an executor looks for the effect: it comes when everybody has hung up. */
const lateMs = 12_000;

/** Bounded bursts: each ends by itself after so many calls. A write with effect is read back: it sends nobody anywhere. */
export const faults: Readonly<Record<string, { fault: FaultGiven; sends: Sends }>> = {
  'Graph drops reads': { fault: { on: graphRead, kind: 'resetBefore', times: 12 }, sends: readings(12) },
  'Graph is slow': { fault: { on: graphRead, kind: 'slow', ms: 1_500, times: 12 }, sends: {} },
  'Graph answers 503': {
    fault: { on: graphRead, kind: 'status', status: 503, times: 12 },
    sends: readings(12),
  },
  'Graph acts and answers 504': {
    fault: { on: graphWrite, kind: 'statusAfterEffect', status: 504, times: 2 },
    sends: {},
  },
  'Graph acts and drops the answer': { fault: { on: graphWrite, kind: 'resetAfter', times: 2 }, sends: {} },
  'Graph acts after the time-out': {
    fault: { on: graphWrite, kind: 'late', ms: lateMs, times: 1 },
    sends: unclear(1),
  },
  'Graph changes an account and answers 504': {
    fault: { on: graphPatch, kind: 'statusAfterEffect', status: 504, times: 2 },
    sends: {},
  },
  'Graph changes an account and drops the answer': {
    fault: { on: graphPatch, kind: 'resetAfter', times: 2 },
    sends: {},
  },
  'Graph changes an account after the time-out': {
    fault: { on: graphPatch, kind: 'late', ms: lateMs, times: 1 },
    sends: unclear(1),
  },
  'Graph drops a change': {
    fault: { on: graphPatch, kind: 'resetBefore', times: 1 },
    sends: unclear(1),
  },
  'Graph throttles writes': { fault: { on: graphWrite, kind: 'status', status: 429, times: 2 }, sends: {} },
  'Graph drops a write': { fault: { on: graphWrite, kind: 'resetBefore', times: 1 }, sends: unclear(1) },
  'ServiceNow answers 503': {
    fault: { on: { surface: 'servicenow' }, kind: 'status', status: 503, times: 6 },
    sends: oneStage,
  },
  'ServiceNow writes and drops the answer': {
    fault: { on: { surface: 'servicenow', method: 'PATCH' }, kind: 'resetAfter', times: 2 },
    sends: {},
  },
  'Teams answers 503': {
    fault: { on: { surface: 'teams' }, kind: 'status', status: 503, times: 4 },
    sends: oneStage,
  },
};

/** Each kind once in a random order, then any of them, services most often. */
export function* disruptions(
  stack: Stack,
  { scene }: OpenScene,
  random: () => number,
): Generator<Disruption, never> {
  const kills = stack.processes
    .filter((name) => name !== 'console')
    .map((name) => ({
      name: `${name} is killed`,
      // Between the intent and the call nobody knows whether the call was made.
      sends: { ...oneStage, ...(name.startsWith('executor') && { actionUnknown: inHandMax }) },
      strike: () => stack.killAndRestart(name),
    }));
  const { postgres, redis } = stack.stores;
  const stores: Disruption[] = [
    {
      name: 'Postgres restarts',
      // An intent may be written, and nobody heard that it was.
      sends: { ...oneStage, actionUnknown: inHandMax },
      strike: () => postgres.restart(),
    },
    ...(redis ? [{ name: 'Redis restarts empty', sends: oneStage, strike: () => redis.restart() }] : []),
    { name: 'the queue is emptied', sends: {}, strike: async () => scene.loseQueue?.() },
  ];
  const outside = Object.entries(faults).map(([name, { fault, sends }]) => ({
    name,
    sends,
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
