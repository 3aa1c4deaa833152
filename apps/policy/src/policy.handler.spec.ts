import { join } from 'node:path';
import type { Case } from '@sallyport/case';
import { collected, evidence } from '@sallyport/case/testing';
import { known, sampleInstant, unknown } from '@sallyport/evidence/testing';
import { decisionDigest } from '@sallyport/idempotency';
import { decide } from '@sallyport/policy';
import { firstPack, PackInForce } from '@sallyport/stage';
import { Registry } from 'prom-client';
import { PolicyHandler } from './policy.handler';
import { PolicyModule } from './policy.module';
import { stageRig, type StageRig } from '@sallyport/stage/testing';

const packDir = join(__dirname, '../../../policies/containment-first');
const first = firstPack(packDir);
const { pack } = first;
let rig: StageRig;
let handler: PolicyHandler;
beforeAll(async () => {
  rig = await stageRig();
  const config = { POLICY_PACK: packDir, POLICY_RELOAD_SECONDS: 10 };
  handler = new PolicyHandler(rig.stage, new PackInForce(config, first, rig.logger, new Registry()));
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.restartClock());

const run = (c: Case) => handler.handle({ caseId: c.id, stage: 'policy', seq: c.seq });
const highRisk = evidence({
  risk: known({
    level: 'high',
    state: 'atRisk',
    detail: 'none',
    lastUpdatedAt: sampleInstant(-60),
    processing: false,
    deleted: false,
  }),
});

it('appends exactly one decision, made of the stored evidence, and wakes who is next', async () => {
  const c = await rig.newCase((before) => collected(before, highRisk));
  await run(c);
  const after = await rig.caseNow(c);
  const at = rig.clock().toISOString();
  expect(after).toMatchObject({ seq: c.seq + 1, phase: 'containing', updatedAt: at });
  expect(after.decision).toEqual(decide(highRisk, at, pack));
  expect(after.decisionDigest).toBe(after.decision && decisionDigest(after.decision));
  expect(await rig.queues.jobState({ caseId: c.id, stage: 'executor', seq: after.seq })).toBe('waiting');
});

it('decides once however often it is woken, also at once', async () => {
  const c = await rig.newCase((before) => collected(before, highRisk));
  await Promise.all([run(c), run(c), run(c)]);
  await run(c);
  const types = (await rig.eventsOf(c)).map(({ type }) => type);
  expect(types).toEqual(['case.opened', 'evidence.collected', 'policy.decided']);
});

it.each([
  ['a reading is missing', evidence({ risk: unknown() }), 'A required reading'],
  ['the risk is still computed', evidence({ risk: processing() }), 'still computing'],
])('holds the case where %s, and a second wake-up gives it to a person', async (_, found, reason) => {
  const c = await rig.newCase((before) => collected(before, found));
  await run(c);
  const held = await rig.caseNow(c);
  expect(held).toMatchObject({ phase: 'stuck', stuck: { stage: 'policy', reason: 'policyHold' } });
  expect(held.stuck?.detail).toContain(reason);
  await run(held);
  expect(await rig.caseNow(c)).toMatchObject({ phase: 'reviewOpened', review: { reason: 'policyHold' } });
});

it('holds on evidence that waited for more than an hour', async () => {
  const c = await rig.newCase((before) => collected(before, highRisk));
  rig.pass(60 * 60_000);
  await run(c);
  expect((await rig.caseNow(c)).decision).toMatchObject({ course: 'hold', immediate: null, proposed: null });
});

it('does not start with a pack that cannot be read', () => {
  expect(() =>
    PolicyModule.with({ POLICY_PACK: join(__dirname, 'no-such-pack'), POLICY_RELOAD_SECONDS: 10 }),
  ).toThrow('no-such-pack');
});

function processing() {
  return known({
    level: 'medium' as const,
    state: 'atRisk' as const,
    detail: 'none',
    lastUpdatedAt: sampleInstant(-60),
    processing: true,
    deleted: false,
  });
}
