import type { Case } from '@sallyport/case';
import { stageRig, type StageRig } from '@sallyport/stage/testing';
import { templateSummary } from './template-summary';
import { TriageHandler } from './triage.handler';

let rig: StageRig;
let handler: TriageHandler;
beforeAll(async () => {
  rig = await stageRig();
  handler = new TriageHandler(rig.stage);
}, 60_000);
afterAll(() => rig.close());

const run = (c: Case) => handler.handle({ caseId: c.id, stage: 'triage', seq: c.seq });

it('appends exactly one summary, however often it is woken, and wakes approval', async () => {
  const c = await rig.newCase('evidence.collected', 'policy.decided');
  await Promise.all([run(c), run(c)]);
  await run(c);
  const after = await rig.caseNow(c);
  expect(after).toMatchObject({ seq: c.seq + 1, phase: 'asking' });
  expect(after.triage).toEqual(c.evidence && templateSummary({ ...c, evidence: c.evidence }));
  expect(await rig.queues.jobState({ caseId: c.id, stage: 'approval', seq: after.seq })).toBe('waiting');
});

it('leaves a case alone that does not wait for it', async () => {
  const c = await rig.newCase('evidence.collected');
  await run(c);
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
});
