import type { Case } from '@sallyport/case';
import { decided } from '@sallyport/case/testing';
import { containPlan, ruling } from '@sallyport/evidence/testing';
import { StageRunner } from '@sallyport/stage';
import { stageRig, type StageRig } from '@sallyport/stage/testing';
import { Advisor } from './advisor';
import { type ModelAnswer, ModelClient } from './model/model-client';
import { templateSummary } from './template-summary';
import { completion, modelServer, reply } from './testing/model-server';
import { TriageHandler } from './triage.handler';

let rig: StageRig;
let handler: TriageHandler;
beforeAll(async () => {
  rig = await stageRig();
  handler = new TriageHandler(rig.stage, new Advisor(null, []));
}, 60_000);
afterAll(() => rig.close());

const advice = JSON.stringify({
  statements: [{ text: 'The risk is medium.', cites: ['risk'] }],
  ranking: ['release'],
  reasons: [],
  openQuestions: [],
});
const containThenAsk = {
  rulings: {
    contain: ruling({ effect: 'permit', immediate: true }),
    release: ruling({ effect: 'permit', quorum: [{ role: 'secops', count: 1 }] }),
    close: ruling(),
  },
  immediate: containPlan(),
} as const;

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

it('writes what a model advises, and moves the case on when it fails as when it answers', async () => {
  const answers: ModelAnswer[] = [
    { kind: 'answered', content: advice, tokens: null },
    { kind: 'failed', why: 'timedOut' },
  ];
  const authors = [];
  for (const answer of answers) {
    const model = { name: 'a-model', ask: () => Promise.resolve(answer) };
    const c = await rig.newCase('evidence.collected', 'policy.decided');
    await new TriageHandler(rig.stage, new Advisor(model, [])).handle({
      caseId: c.id,
      stage: 'triage',
      seq: c.seq,
    });
    const after = await rig.caseNow(c);
    expect(after.phase).toBe('asking');
    authors.push(after.triage?.author.kind);
  }
  expect(authors).toEqual(['model', 'template']);
});

it('gives a model no more time than its budget, from when the case began to wait', async () => {
  const server = await modelServer((response) => reply(response, completion(advice)));
  try {
    const model = new ModelClient(server.endpoint({ budgetMs: 15_000 }), () => 0);
    const advised = async (waitedMs: number) => {
      const c = await rig.newCase('evidence.collected', 'policy.decided');
      const clock = () => new Date(Date.parse(c.updatedAt) + waitedMs);
      const stage = new StageRunner(rig.log, rig.queues, clock, rig.logger);
      await new TriageHandler(stage, new Advisor(model, [])).handle({
        caseId: c.id,
        stage: 'triage',
        seq: c.seq,
      });
      return (await rig.caseNow(c)).triage;
    };
    expect(await advised(5_000)).toMatchObject({ author: { kind: 'model' } });
    // The last of a burst: it has waited for the answers about all the others.
    expect(await advised(140_000)).toMatchObject({ author: { kind: 'template' }, fallback: 'timedOut' });
    expect(server.requests).toHaveLength(1);
  } finally {
    await server.close();
  }
});

it('is not waited for by containment', async () => {
  const c = await rig.newCase('evidence.collected', (before) => decided(before, containThenAsk));
  expect(c.phase).toBe('containing');
  await run(c);
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
});

it('leaves a case alone that does not wait for it', async () => {
  const c = await rig.newCase('evidence.collected');
  await run(c);
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
});
