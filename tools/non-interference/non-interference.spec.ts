/**
 * AI may advise and nothing else: whatever a model answers, and whatever a text from outside says to it, the same is
 * decided, the same people are asked, and the same is done, byte for byte.
 */
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import type { TenantModel } from '@sallyport/scenario';
import type { Decision, Evidence, Triage } from '@sallyport/evidence';
import { canonicalJson } from '@sallyport/idempotency';
import { simulatedModel } from '@sallyport/scenario';
import { decide, type Pack } from '@sallyport/policy';
import { readPack } from '@sallyport/stage';
import { allowedActions } from '../../apps/triage/src/advice/advice';
import { Advisor } from '../../apps/triage/src/advisor';
import { personalParts } from '../../apps/triage/src/config';
import {
  type Channel,
  injected,
  type Injection,
  readInjections,
} from '../../apps/triage/src/evaluate/injections';
import { reaches } from '../../apps/triage/src/evaluate/reaches';
import { evidenceItems } from '../../apps/triage/src/input/evidence-items';
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
beforeAll(async () => {
  open = await openTenant({ SIMULATOR_MODEL_SLOW_MS: String(slowMs) });
  const situations = await scenarioEvidence(open);
  everyCase = packs.flatMap((pack) =>
    situations.map((it) => ({ ...it, pack, decision: decided(it.evidence, pack) })),
  );
}, 120_000);
afterAll(() => open.close());

interface Decided extends Situation {
  pack: Pack;
  decision: Decision;
}
const decided = (evidence: Evidence, pack: Pack) => decide(evidence, evidence.collectedAt, pack);
let everyCase: Decided[];
const template: Adviser = (c) => new Advisor(null, []).advise(c);

it('has evidence of every scenario, and cases in which people are asked about each action', async () => {
  expect(everyCase.length).toBeGreaterThan(2 * 20);
  const asked = new Set<string>();
  for (const { evidence, decision } of everyCase)
    await play(evidence, decision, (c) => {
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
    for (const { evidence, decision, name } of everyCase) {
      const without = await play(evidence, decision, template);
      const withModel = await play(evidence, decision, async (c) => {
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

/** Only the digest of the evidence may tell that a text is another. */
const bytesOf = ({ evidenceDigest: _digest, ...decision }: Decision) => canonicalJson(decision);

it('each injected text leaves every decision, quorum and plan as it was', () => {
  for (const { evidence, name, pack, decision } of everyCase) {
    const plain = bytesOf(decision);
    for (const injection of injections) {
      const steered = bytesOf(decided(injected(evidence, injection), pack));
      expect([name, injection.text, steered]).toEqual([name, injection.text, plain]);
    }
  }
}, 240_000);

it('a model that does and says whatever a text tells it moves nothing, whatever the case', async () => {
  // All that follows, follows from the decision, and advice is asked for where people are: cases that are decided alike are one.
  const asked = everyCase.filter(({ decision }) => decision.proposed !== null);
  const distinct = [...new Map(asked.map((it) => [bytesOf(it.decision), it])).values()];
  expect(distinct.length).toBeGreaterThan(5);
  for (const { evidence, name, decision } of distinct) {
    const without = await play(evidence, decision, template);
    for (const injection of injections) {
      let advised = false;
      const obeyed = await play(evidence, decision, (c) => ((advised = true), obedient(injection)(c)));
      expect([name, injection.text, advised, obeyed]).toEqual([name, injection.text, true, without]);
    }
  }
}, 240_000);

/** Where the evidence of a case has the place that an outsider writes into. The display name is shown nowhere. */
const hasPlace: Readonly<Record<Channel, (evidence: Evidence) => boolean>> = {
  ticket: ({ ticket }) => ticket.state === 'known',
  managerNote: ({ ticket }) => ticket.state === 'known',
  userAgent: ({ signIns }) => signIns.state === 'known' && signIns.value.length > 0,
  deviceName: (it) =>
    [it.devices, it.signIns].some((rows) => rows.state === 'known' && rows.value.length > 0),
  displayName: () => false,
};

it('each text stands in the prompt where its channel is shown, so that a model could obey it', () => {
  const met = new Set<string>();
  // Policy has no part in it.
  for (const { evidence, name } of everyCase.filter(({ pack }) => pack === packs[0]))
    for (const injection of injections) {
      const it = injected(evidence, injection);
      const reached = reaches(injection.text, it, evidenceItems(it, [...personalParts]), [...personalParts]);
      expect([name, injection.text, reached]).toEqual([
        name,
        injection.text,
        hasPlace[injection.channel](evidence),
      ]);
      if (reached) met.add(injection.text);
    }
  const shown = injections.filter(({ channel }) => channel !== 'displayName');
  expect(met.size).toBe(new Set(shown.map(({ text }) => text)).size);
}, 120_000);
