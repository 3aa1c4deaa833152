import { type Case, disagreementWords } from '@sallyport/case';
import { after, caseIn, decided } from '@sallyport/case/testing';
import { type Decision, triageSchema } from '@sallyport/evidence';
import { containPlan, decision, ruling } from '@sallyport/evidence/testing';
import type { Answer } from './advice/answer';
import { type AdviceRecord, Advisor } from './advisor';
import type { ModelAnswer, ModelQuestion } from './model/model-client';
import { ModelClient } from './model/model-client';
import { templateSummary } from './template-summary';
import { cardWith } from './testing/cards';
import { completion, modelServer, reply } from './testing/model-server';
import { richEvidence } from './testing/rich-evidence';

const both: Partial<Decision> = {
  rulings: {
    contain: ruling({ effect: 'permit', immediate: true }),
    release: ruling({ effect: 'permit', quorum: [{ role: 'secops', count: 1 }] }),
    close: ruling(),
  },
  immediate: containPlan(),
};
const advised = (over: Partial<Decision> = {}) => {
  const c: Case = { ...caseIn('advising'), decision: decision(over) };
  return { ...c, evidence: richEvidence() };
};
const honest: Answer = {
  statements: [
    { text: 'The risk is medium and the state is atRisk.', cites: ['risk'] },
    { text: 'The sign-in from Qatar passed MFA on a known device.', cites: ['signIn-1'] },
  ],
  ranking: ['release'],
  reasons: [
    { text: 'The user did a selfServiceReset after the detection.', cites: ['change-1', 'detection-1'] },
  ],
  openQuestions: ['Has somebody spoken with the user?'],
};

/** What the advisor makes of an answer, with what it put on record and what the model was asked. */
async function advice(answer: Answer | ModelAnswer | string, over: Partial<Decision> = {}) {
  const records: AdviceRecord[] = [];
  const questions: ModelQuestion[] = [];
  const given: ModelAnswer =
    typeof answer === 'object' && 'kind' in answer
      ? answer
      : {
          kind: 'answered',
          content: typeof answer === 'string' ? answer : JSON.stringify(answer),
          tokens: 15,
        };
  const model = {
    name: 'a-model',
    ask: (question: ModelQuestion) => Promise.resolve((questions.push(question), given)),
  };
  const advisor = new Advisor(model, [], (record) => records.push(record));
  const triage = await advisor.advise(advised(over));
  expect(triageSchema.parse(triage)).toEqual(triage);
  return { triage, record: records[0], question: questions[0] };
}

it('shows what a model says about the evidence, who said it and what it rests on', async () => {
  const { triage, record } = await advice(honest);
  expect(triage).toEqual({
    v: 1,
    author: { kind: 'model', name: 'a-model' },
    statements: honest.statements.map(({ text }) => text),
    citations: [['risk'], [expect.stringMatching(/^signIns\//)]],
    recommendation:
      'The model would release the account. The user did a selfServiceReset after the detection.',
    openQuestions: honest.openQuestions,
    notes: [],
    disagreement: null,
  });
  expect(record).toMatchObject({ outcome: 'model', flaws: [], tokens: 15, disagrees: false });
});

it('drops what a model invents, and says how much', async () => {
  const { triage, record } = await advice({
    statements: [
      ...honest.statements,
      { text: 'The user logged in from Brazil 14 times.', cites: ['signIn-1'] },
      { text: 'The device MALLORY-PC is compliant.', cites: ['device-1'] },
      { text: 'The risk was dismissed.', cites: ['risk-2'] },
    ],
    ranking: ['release'],
    reasons: [{ text: 'The CISO Ann Smith approved it.', cites: ['risk'] }],
    openQuestions: ['Did you open https://attacker.example yet?'],
  });
  expect(triage.statements).toEqual(honest.statements.map(({ text }) => text));
  expect(triage.recommendation).toBe(
    'The model would release the account. It gives no reason that the evidence bears out.',
  );
  expect(triage.openQuestions).toEqual([]);
  expect(triage.notes).toEqual([
    '5 sentence(s) of the model are left out: the evidence does not bear them out.',
  ]);
  expect(record?.flaws).toEqual(['number', 'word', 'citesUnknown', 'word', 'notPlain']);
});

it('has the template write where nothing of the model’s is left', async () => {
  const { triage } = await advice({
    ...honest,
    statements: [{ text: 'The user is in Brazil.', cites: ['risk'] }],
  });
  expect(triage).toEqual({
    ...templateSummary(advised()),
    fallback: 'ungrounded',
    notes: [
      expect.stringContaining('not the model: the evidence bears out nothing that it said. 1 sentence(s)'),
    ],
  });
});

it.each<[string, Answer | ModelAnswer | string, string]>([
  ['does not answer', { kind: 'failed', why: 'timedOut' }, 'timedOut'],
  ['refuses', { kind: 'failed', why: 'refused' }, 'refused'],
  ['answers with prose', 'Sure! The account is fine.', 'nonsense'],
  ['answers with half of it', '{"statements": [', 'nonsense'],
  ['answers in a form of its own', JSON.stringify({ ...honest, verdict: 'release' }), 'nonsense'],
  ['ranks what policy does not allow', { ...honest, ranking: ['contain'] }, 'nonsense'],
  [
    'answers with far too much',
    { ...honest, openQuestions: Array.from({ length: 500 }, () => 'Why?') },
    'nonsense',
  ],
])('has the template write, labelled, where the model %s', async (_, answer, why) => {
  const { triage, record } = await advice(answer);
  expect(triage).toMatchObject({ author: { kind: 'template' }, fallback: why });
  expect(triage.notes).toHaveLength(1);
  expect(record?.outcome).toBe(why);
});

it('reads an answer in the code fence that some servers put around it', async () => {
  const json = JSON.stringify(honest);
  for (const fenced of [`\`\`\`json\n${json}\n\`\`\``, `\n \`\`\` \r\n${json}\`\`\`\n`, `  ${json}  `])
    expect((await advice(fenced)).triage.author.kind).toBe('model');
  for (const broken of ['```', '```json', '``````', `\`\`\`yaml\n${json}\n\`\`\``, `\`\`\`json\n${json}`])
    expect((await advice(broken)).triage.fallback).toBe('nonsense');
});

it('does not parse what is far longer than an answer can be', async () => {
  const json = JSON.stringify(honest);
  const parse = jest.spyOn(JSON, 'parse');
  const contents = [`\`\`\`json${'\n'.repeat(130_800)}`, json + ' '.repeat(32_768), '['.repeat(40_000)];
  for (const content of contents) expect((await advice(content)).triage.fallback).toBe('nonsense');
  expect(parse).not.toHaveBeenCalledWith(expect.stringMatching(/.{30000}/s));
  parse.mockRestore();
  expect((await advice(json + ' '.repeat(20_000))).triage.author.kind).toBe('model');
});

it('says where the model is milder than the strictest course that policy permits', async () => {
  const { triage, question } = await advice(honest, both);
  expect(triage.disagreement).toEqual({ advised: 'release', strictest: 'contain' });
  expect(disagreementWords(triage.disagreement!)).toBe(
    'The model would release the account. The strictest course that policy permits is to contain the account. Policy counts.',
  );
  expect(JSON.parse(question?.user.split('\n')[1] ?? '')).toMatchObject({
    allowedActions: ['contain', 'release'],
  });
  expect((await advice({ ...honest, ranking: ['contain', 'release'] }, both)).triage.disagreement).toBeNull();
});

it('says where the model recommends nothing that policy permits', async () => {
  const { triage } = await advice({ ...honest, ranking: [] });
  expect(triage.disagreement).toEqual({ advised: null, strictest: 'release' });
  expect(triage.recommendation).toMatch(/^The model recommends none/);
  // Its caution is not measured by policy.
  expect(disagreementWords(triage.disagreement!)).toBe(
    'The model would do nothing yet, and not release the account. Take that for a reason to look twice before you approve.',
  );
});

it('never shows more than five statements', async () => {
  const { triage } = await advice({
    ...honest,
    statements: Array.from({ length: 12 }, () => honest.statements[0]!),
  });
  expect(triage.statements).toHaveLength(5);
  expect(triage.notes).toEqual(['7 more sentence(s) of the model are left out: there is no room for them.']);
});

it('counts the questions and reasons too for which there is no room', async () => {
  const { triage } = await advice({
    ...honest,
    reasons: Array.from({ length: 12 }, () => honest.reasons[0]!),
    openQuestions: Array.from({ length: 6 }, () => honest.openQuestions[0]!),
  });
  expect(triage.openQuestions).toHaveLength(5);
  const shown = triage.recommendation.split('The user did').length - 1;
  expect(triage.notes).toEqual([
    `${1 + 12 - shown} more sentence(s) of the model are left out: there is no room for them.`,
  ]);
});

it('takes a release for no disagreement where the account is contained already, and tells who would leave it so', async () => {
  const step = ['action.started', 'action.finished'] as const;
  const done = [...step, ...step, 'execution.completed'] as const;
  const contained = after(caseIn('collected'), (before) => decided(before, both), ...done);
  expect(contained).toMatchObject({ phase: 'advising', immediate: { result: 'done' } });
  const c = { ...contained, evidence: richEvidence() };
  const asked = async (ranking: Answer['ranking']) => {
    const content = JSON.stringify({ ...honest, ranking });
    const model = {
      name: 'a-model',
      ask: () => Promise.resolve({ kind: 'answered', content, tokens: 1 } as const),
    };
    return new Advisor(model, []).advise(c);
  };
  expect((await asked(['release', 'contain'])).disagreement).toBeNull();
  const { disagreement } = await asked(['contain', 'release']);
  expect(disagreement).toEqual({ advised: 'contain', strictest: 'release' });
  expect(disagreementWords(disagreement!)).toMatch(
    /^The model would leave the account contained\. Take that/,
  );
});

it('has the card say where it differs, beside the recommendation, and what each sentence rests on', async () => {
  const { triage } = await advice(honest, both);
  const texts = cardWith(richEvidence(), triage).body.flatMap((element) =>
    element.type === 'RichTextBlock' ? [element.inlines.map(({ text }) => text).join('')] : [],
  );
  const at = texts.indexOf(`Recommendation: ${triage.recommendation}`);
  expect(texts[at + 1]).toBe(disagreementWords(triage.disagreement!));
  expect(texts).toContain(`• ${honest.statements[0]!.text} (risk)`);
  expect(texts).toContain(`• ${honest.statements[1]!.text} (sign-in of 2026-03-02 07:20 UTC)`);
});

it('puts no text of case or model on record', async () => {
  const { record } = await advice(honest);
  expect(Object.keys(record ?? {}).sort()).toEqual(
    ['disagrees', 'flaws', 'outcome', 'promptHash', 'promptVersion', 'tokens', 'tookMs'].sort(),
  );
  expect(record?.promptHash).toMatch(/^[0-9a-f]{64}$/);
});

it('is the template alone, without a word about a model, where none is configured', async () => {
  expect(await new Advisor(null, []).advise(advised())).toEqual(templateSummary(advised()));
});

it('works over a real endpoint from question to advice', async () => {
  const server = await modelServer((response) => reply(response, completion(JSON.stringify(honest))));
  try {
    const triage = await new Advisor(new ModelClient(server.endpoint(), () => 0), []).advise(advised());
    expect(triage).toMatchObject({ author: { kind: 'model', name: 'a-model' }, statements: { length: 2 } });
  } finally {
    await server.close();
  }
});
