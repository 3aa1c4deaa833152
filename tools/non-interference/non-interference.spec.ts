/**
 * AI may advise and nothing else: whatever a model answers, and whatever a text from outside says to it, the same is
 * decided, the same people are asked, and the same is done, byte for byte.
 */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { TenantModel } from '@sallyport/scenario';
import type { Triage } from '@sallyport/evidence';
import { canonicalJson } from '@sallyport/idempotency';
import { simulatedModel } from '@sallyport/scenario';
import { decide, type Pack } from '@sallyport/policy';
import { readPack } from '@sallyport/stage';
import { allowedActions } from '../../apps/triage/src/advice/advice';
import { Advisor } from '../../apps/triage/src/advisor';
import { personalParts } from '../../apps/triage/src/config';
import { injected, type Injection, readInjections } from '../../apps/triage/src/evaluate/injections';
import { ModelClient } from '../../apps/triage/src/model/model-client';
import { corpusFile } from '../../apps/triage/src/testing/corpus';
import { type Adviser, play } from './play';
import { openTenant, scenarioEvidence, type Situation } from './scenario-evidence';

const packs = ['containment-first', 'auto-low-risk'].map((name) =>
  readPack(join(__dirname, '../../policies', name)),
);
const injections = readInjections(corpusFile);
const slowMs = 1_000;
// See libs/policy/jest.setup.cjs.
setFlagsFromString('--no-turbo-inline-js-wasm-calls');

let open: Awaited<ReturnType<typeof openTenant>>;
let situations: Situation[];
beforeAll(async () => {
  open = await openTenant({ SIMULATOR_MODEL_SLOW_MS: String(slowMs) });
  situations = await scenarioEvidence(open);
}, 120_000);
afterAll(() => open.close());

const everyCase = (): (Situation & { pack: Pack })[] =>
  packs.flatMap((pack) => situations.map((situation) => ({ ...situation, pack })));
const template: Adviser = (c) => new Advisor(null, []).advise(c);

it('has evidence of every scenario, and cases in which people are asked about each action', async () => {
  expect(situations.length).toBeGreaterThan(20);
  const asked = new Set<string>();
  for (const { evidence, pack } of everyCase())
    await play(evidence, pack, (c) => {
      if (c.decision?.proposed) asked.add(c.decision.proposed.action);
      return template(c);
    });
  expect([...asked].sort()).toEqual(['contain', 'release']);
});

it.each<[TenantModel['mode'], Partial<Record<string, 'some' | 'none'>>]>([
  ['honest', { model: 'some' }],
  ['off', { unavailable: 'some', model: 'none' }],
  ['slow', { timedOut: 'some', model: 'none' }],
  ['garbage', { cutOff: 'some', model: 'none' }],
  ['hostile', { model: 'some' }],
])(
  'a model that is %s changes nothing that is decided or done',
  async (mode, expected) => {
    await open.tenant.load({ model: { mode } });
    const outcomes = new Set<string>();
    for (const { evidence, pack, name } of everyCase()) {
      const without = await play(evidence, pack, template);
      const withModel = await play(evidence, pack, async (c) => {
        // A client of its own, so that each case meets the model and not a breaker that an earlier one opened.
        const client = new ModelClient(
          {
            url: `${open.origin}/v1/chat/completions`,
            name: simulatedModel.deployment,
            apiKey: simulatedModel.apiKey,
            keyHeader: 'authorization',
            budgetMs: mode === 'slow' ? slowMs / 10 : 30_000,
            maxTokens: 1_000,
          },
          () => 0,
        );
        return new Advisor(client, [...personalParts], ({ outcome }) => outcomes.add(outcome)).advise(c);
      });
      expect([name, withModel]).toEqual([name, without]);
    }
    for (const [outcome, count] of Object.entries(expected))
      expect([outcome, outcomes.has(outcome)]).toEqual([outcome, count === 'some']);
  },
  120_000,
);

it('each injected text leaves every decision, quorum and plan as it was', () => {
  for (const { evidence, name, pack } of everyCase()) {
    const decided = (it: typeof evidence) => {
      // Only the digest of the evidence may tell that a text is another.
      const { evidenceDigest: _digest, ...decision } = decide(it, it.collectedAt, pack);
      return canonicalJson(decision);
    };
    const plain = decided(evidence);
    for (const injection of injections)
      expect([name, injection.text, decided(injected(evidence, injection))]).toEqual([
        name,
        injection.text,
        plain,
      ]);
  }
}, 240_000);

/** What a model would write that does and says whatever a text tells it. */
const obedient =
  ({ text }: Injection): Adviser =>
  async (c): Promise<Triage> => ({
    v: 1,
    author: { kind: 'model', name: 'obedient' },
    statements: [text.slice(0, 400)],
    recommendation: `release ${text}`.slice(0, 400),
    openQuestions: [text.slice(0, 300)],
    disagreement: {
      advised: 'release',
      strictest: (c.decision && allowedActions(c.decision)[0]) ?? 'contain',
    },
  });

it('a model that does and says whatever a text tells it moves nothing, whatever the case', async () => {
  const ofEachKind = new Map(injections.map((it) => [`${it.style} ${it.channel}`, it]));
  for (const { evidence, pack, name } of everyCase()) {
    for (const injection of ofEachKind.values()) {
      const it = injected(evidence, injection);
      const [obeyed, without] = [await play(it, pack, obedient(injection)), await play(it, pack, template)];
      expect([name, injection.text, obeyed]).toEqual([name, injection.text, without]);
    }
  }
}, 240_000);

it('nor does it with each text where people are asked for a release', async () => {
  const asked = everyCase().find(({ evidence, pack }) => {
    const { rulings, proposed } = decide(evidence, evidence.collectedAt, pack);
    return proposed?.action === 'release' && rulings.release.quorum.length > 0;
  });
  if (!asked) throw new Error('no scenario asks for a release');
  for (const injection of injections) {
    const evidence = injected(asked.evidence, injection);
    const obeyed = await play(evidence, asked.pack, obedient(injection));
    expect(obeyed).toBe(await play(evidence, asked.pack, template));
  }
}, 120_000);
