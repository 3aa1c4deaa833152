/** A short chaos run: every service its own process. Needs the bundles: `npm test` builds them first. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { hasTestRedis } from '../../../../tools/test-backends';
import { type OpenScene, sceneOn } from '../rehearse/scene';
import { undocumented } from '../stack/graph-as-documented';
import { Stack } from '../stack/stack';
import { chaos, chaosStack, type ChaosReport, reasonsOf } from './chaos';

const root = join(__dirname, '../../../..');
let stack: Stack;
let open: OpenScene;

beforeAll(async () => {
  if (!existsSync(join(root, 'dist/apps/cli/main.js'))) throw new Error('Build first: npm run build');
  const policyPack = join(root, 'policies/containment-first');
  const queue = hasTestRedis() ? 'redis' : 'postgres';
  stack = await Stack.start({ queue, dist: join(root, 'dist/apps'), policyPack, ...chaosStack });
  await stack.simulator.keepGraphExchanges();
  open = await sceneOn(stack, readFileSync(stack.info.caFile, 'utf8'));
}, 360_000);
afterAll(async () => {
  await open?.close();
  await stack?.stop();
}, 60_000);

it('loses, doubles and invents nothing while services die, stores restart and Graph drops answers', async () => {
  const told: string[] = [];
  const report: ChaosReport = await chaos(stack, open, {
    cases: 24,
    perSecond: 2,
    seed: 1_681,
    pauseMs: 500,
    disruptionsMin: 5,
    settleMs: 300_000,
    progress: (message) => void told.push(message),
  });
  expect(reasonsOf(report)).toEqual([]);
  expect(report.cases).toBe(24);
  expect(await undocumented(stack.simulator, 100)).toEqual([]);
  // A run in which nothing went wrong has shown nothing.
  expect(Object.keys(report.disruptions).length).toBeGreaterThanOrEqual(5);
}, 600_000);
