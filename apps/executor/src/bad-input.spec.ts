/** What must not be acted upon: clocks that differ, a ledger of tomorrow, a folder of rules that is broken. */
import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readiness } from '@sallyport/service';
import { PackInForce, readPack } from '@sallyport/stage';
import { Registry } from 'prom-client';
import { executorRig, type ExecutorRig } from './testing/executor-rig';

let rig: ExecutorRig;
beforeAll(async () => {
  rig = await executorRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const minuteMs = 60_000;
const written = () => rig.world.writes.map(({ step }) => step);
const highRisk = () => void (rig.world.account.risk.level = 'high');

describe('a clock of the executor that differs from that of whoever wrote the case', () => {
  it.each([
    ['a little behind', -4 * minuteMs],
    ['a little ahead', 4 * minuteMs],
    ['hours behind', -180 * minuteMs],
  ])('%s: contains and releases all the same, each once', async (_, skewMs) => {
    highRisk();
    const contained = await rig.decidedCase();
    rig.pass(skewMs);
    expect((await rig.drive(contained)).phase).toBe('settled');
    rig.reset();
    const approved = await rig.approvedCase();
    rig.pass(skewMs);
    expect((await rig.drive(approved)).phase).toBe('settled');
    expect(written()).toEqual(['dismissRisk']);
  });

  it('so far ahead that the approval is over: asks again, and releases nothing', async () => {
    const approved = await rig.approvedCase();
    rig.pass(24 * 60 * minuteMs);
    await rig.run(approved);
    expect((await rig.caseNow(approved)).phase).toBe('opened');
    expect(written()).toEqual([]);
  });

  it('an effect that Microsoft dates hours ahead is still ours, one dated hours back is not', async () => {
    for (const [skewMs, outcome] of [
      [180 * minuteMs, 'applied'],
      [-180 * minuteMs, 'unknown'],
    ] as const) {
      rig.reset();
      highRisk();
      rig.world.skewMs = skewMs;
      const after = await rig.drive(await rig.decidedCase());
      expect(after.immediate?.actions.map((action) => action.outcome)).toEqual([outcome, outcome]);
      expect(written()).toEqual(['revokeSessions', 'forcePasswordChange']);
    }
  });
});

it.each([
  ['an event of a newer version', '{"type":"action.started","v":2}'],
  ['an event of a type that is not known', '{"type":"action.undone","v":1}'],
  [
    'a step of a kind that is not known',
    JSON.stringify({
      ...{ at: '2026-03-02T08:00:00.000Z', attempt: 1, key: 'a'.repeat(64), slot: 'proposed' },
      ...{ step: 'deleteAccount', type: 'action.started', v: 1 },
    }),
  ],
])('%s in the ledger stops the case for good, with its reason', async (_, event) => {
  const c = await rig.approvedCase();
  await rig.db.query(
    `INSERT INTO sallyport.case_event (case_id, seq, type, event, hash, at)
     VALUES ($1, $2, 'action.started', $3, repeat('a', 64), now())`,
    [c.id, c.seq + 1, event],
  );
  await rig.db.query(
    `UPDATE sallyport.case_head SET seq = seq + 1, hash = repeat('a', 64) WHERE case_id = $1`,
    [c.id],
  );
  // Fatal: no attempt follows, and the job stays where operators see it.
  await expect(rig.run(c)).rejects.toMatchObject({
    ...{ name: 'FatalError', code: 'caseLogDamaged' },
    message: expect.stringContaining('is not an event that this version knows'),
  });
  expect(rig.world.writes).toEqual([]);
});

describe('a pack that fails to load', () => {
  const policies = join(__dirname, '../../../policies');
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'pack-'));
    cpSync(policies, folder, { recursive: true });
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const use = () => ({ POLICY_PACK: join(folder, 'containment-first'), POLICY_RELOAD_SECONDS: 10 });
  const break_ = () => writeFileSync(join(folder, 'shared/release.cedar'), 'permit (principal');

  const inForce = () => new PackInForce(use(), rig.logger, new Registry(), new Readiness());

  it('while it runs: it decides by the one in force, which is that of the approval', async () => {
    const policy = inForce();
    break_();
    expect([policy.look(), policy.look()]).toEqual(['settling', 'refused']);
    const after = await rig.drive(await rig.approvedCase(), rig.handlerWith(policy.pack));
    expect(after.phase).toBe('settled');
  });

  it('while policy took another one up: the approval is void, with the reason, and a person looks in the end', async () => {
    const older = { ...readPack(use().POLICY_PACK), policySetHash: 'f'.repeat(64) };
    const c = await rig.approvedCase();
    await rig.run(c, rig.handlerWith(older));
    const [voided] = (await rig.eventsOf(c)).slice(-1);
    expect(voided).toMatchObject({
      ...{ type: 'execution.completed', result: 'void' },
      detail: 'The policy was changed since the approval.',
    });
    expect(written()).toEqual([]);
  });

  it('while policy took another one up: a containment goes on that the executor’s own would order too', async () => {
    const older = { ...readPack(use().POLICY_PACK), policySetHash: 'f'.repeat(64) };
    highRisk();
    const after = await rig.drive(await rig.decidedCase(), rig.handlerWith(older));
    expect(after.phase).toBe('settled');
  });
});
