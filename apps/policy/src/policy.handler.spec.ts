import { join } from 'node:path';
import type { Case } from '@sallyport/case';
import { collected, eventFor, evidence, type Step } from '@sallyport/case/testing';
import type { Evidence } from '@sallyport/evidence';
import { known, sampleId, sampleInstant, unknown } from '@sallyport/evidence/testing';
import { decisionDigest } from '@sallyport/idempotency';
import { decide } from '@sallyport/policy';
import { Readiness } from '@sallyport/service';
import { PackInForce, readPack } from '@sallyport/stage';
import { Registry } from 'prom-client';
import { Groups } from './groups';
import { PolicyHandler } from './policy.handler';
import { stageRig, type StageRig } from '@sallyport/stage/testing';

const packDir = join(__dirname, '../../../policies/containment-first');
const pack = readPack(packDir);
let rig: StageRig;
let handler: PolicyHandler;
beforeAll(async () => {
  rig = await stageRig();
  handler = newHandler();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.restartClock());

function newHandler(): PolicyHandler {
  const config = { POLICY_PACK: packDir, POLICY_RELOAD_SECONDS: 10 };
  const policy = new PackInForce(config, rig.logger, new Registry(), new Readiness());
  return new PolicyHandler(rig.stage, policy, new Groups(rig.log, { GROUP_WINDOW_MINUTES: 60 }));
}
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

describe('the same detection on many people', () => {
  const wave = (kind: string) => ({ campaign: known({ kinds: [{ kind, users: 12 }] }) });
  let people = 100;
  const inWave = (kind: string, found: Partial<Evidence> = {}) => {
    people += 1;
    return rig.newCase((before) => ({
      ...collected(before, evidence({ ...wave(kind), collectedAt: rig.clock().toISOString(), ...found })),
      subjectId: sampleId(people),
    }));
  };
  const ran = async (c: Case) => {
    await run(c);
    return rig.caseNow(c);
  };

  it('makes the first case that is held the lead, and each later one a member', async () => {
    const lead = await ran(await inWave('first'));
    expect(lead).toMatchObject({
      phase: 'stuck',
      stuck: { reason: 'campaign' },
      group: { kind: 'first', leadCaseId: lead.id, leads: true },
    });
    const member = await ran(await inWave('first'));
    expect(member.group).toMatchObject({ leadCaseId: lead.id, leads: false });
    const other = await ran(await inWave('another'));
    expect(other.group).toMatchObject({ leadCaseId: other.id, leads: true });
    expect((await rig.log.groupMembers(lead.id, 10)).members.map(({ caseId }) => caseId)).toEqual([
      lead.id,
      member.id,
    ]);
  });

  it('has one lead of twenty that are decided at once', async () => {
    const cases: Case[] = [];
    for (let at = 0; at < 20; at += 1) cases.push(await inWave('at once'));
    await Promise.all(cases.map(run));
    const groups = await Promise.all(cases.map(async (c) => (await rig.caseNow(c)).group));
    expect(new Set(groups.map((group) => group?.leadCaseId)).size).toBe(1);
    expect(groups.filter((group) => group?.leads)).toHaveLength(1);
  });

  it('begins a new group after a quiet hour', async () => {
    const early = await ran(await inWave('quiet'));
    rig.pass(50 * 60_000);
    const within = await ran(await inWave('quiet'));
    expect(within.group?.leadCaseId).toBe(early.id);
    rig.pass(61 * 60_000);
    const late = await ran(await inWave('quiet'));
    expect(late.group).toMatchObject({ leadCaseId: late.id, leads: true });
  });

  it('begins a new group once a person has closed the lead', async () => {
    const lead = await ran(await inWave('closed'));
    await run(lead);
    const told = ['notice.posted', 'ticket.updated'] as const;
    const closed: Step = (c) => eventFor(c, 'review.resolved', { resolution: 'close' });
    await rig.extend(lead.id, ...told, closed, ...told, 'case.closed');
    const later = await ran(await inWave('closed'));
    expect(later.group).toMatchObject({ leadCaseId: later.id, leads: true });
  });

  it('contains whoever policy has contained, and lets the lead go to a person afterwards', async () => {
    const lead = await ran(await inWave('hot', { risk: highRisk.risk }));
    expect(lead).toMatchObject({ phase: 'containing', group: { leads: true } });
    const member = await ran(await inWave('hot', { risk: highRisk.risk }));
    expect(member).toMatchObject({ phase: 'containing', group: { leads: false } });
    const steps = ['action.started', 'action.finished', 'action.started', 'action.finished'] as const;
    const after = (c: Case) => rig.extend(c.id, ...steps, 'execution.completed');
    expect(await after(lead)).toMatchObject({ phase: 'stuck', stuck: { reason: 'campaign' } });
    expect(await after(member)).toMatchObject({ phase: 'settled' });
  });
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
