/**
 * `npm run bench -- policy`, which fails where the target is missed with the digest given, as the services decide:
 * decisions per second on one core, and where the time goes. Figures are processor time, so
 * that other work on the machine does not count; only their ratios within one run mean anything elsewhere.
 */
import { readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { actions, type Evidence } from '@sallyport/evidence';
import { evidenceDigest } from '@sallyport/idempotency';
import { decide, type Facts, factsFrom, loadPack, packManifestSchema, rulingsFor } from '@sallyport/policy';
import { parse } from 'yaml';
import { authorized } from '../../libs/policy/src/authorizer';
import * as b from '../../libs/policy/src/evidence.builder';

// See libs/policy/jest.setup.cjs.
setFlagsFromString('--no-turbo-inline-js-wasm-calls');

const targetPerSecond = 2_000;
/** Processor time per measurement; long enough to be past warm-up, short enough to wait for. */
const measuredMs = 2_000;

const name = 'containment-first';
const text = (path: string) => readFileSync(join('policies', name, path), 'utf8');
const manifest = packManifestSchema.parse(parse(text('pack.yaml')));
const file = (path: string) => ({ path: posix.join(name, path), text: text(path) });
const pack = loadPack({ name, files: manifest.rules.map(file), schema: file(manifest.schema) });

/** What asking once cost before facts had letters: the same conditions as they are written, every fact read by name. */
preparsePolicySet('by-name', {
  staticPolicies: Object.fromEntries(
    [...pack.rules].map(([id, { json }]) => [id, { ...json, effect: 'permit', action: { op: 'All' } }]),
  ),
});
const asked = new Set([...pack.rules.values()].flatMap((rule) => rule.facts));
const askedByName = (facts: Facts) =>
  statefulIsAuthorized({
    principal: { type: 'Sallyport::Automation', id: 'sallyport' },
    action: { type: 'Sallyport::Action', id: 'decide' },
    resource: { type: 'Sallyport::Case', id: 'case' },
    context: {
      facts: Object.fromEntries(Object.entries(facts).filter(([name]) => asked.has(name as keyof Facts))),
    },
    preparsedPolicySetId: 'by-name',
    validateRequest: false,
    entities: [],
  });

const rows = <T>(count: number, row: (n: number) => T) => Array.from({ length: count }, (_none, n) => row(n));
/** An ordinary case, and one of a busy person with as many rows as a week easily holds. */
const cases: readonly [string, Evidence][] = [
  ['a small case', b.evidence(b.signIns(b.signIn()), b.devices(b.device({ registeredAt: b.hoursAgo(5) })))],
  [
    'a busy person: 60 sign-ins, 20 changes, 5 detections, 4 devices',
    b.evidence(
      b.signIns(...rows(60, (n) => b.signIn({ id: `s-${n}`, at: b.hoursAgo(2 + n) }))),
      b.changes(...rows(20, (n) => b.change({ id: `c-${n}`, at: b.hoursAgo(1 + n) }))),
      b.detections(...rows(5, (n) => b.detection({ id: `d-${n}`, detectedAt: b.hoursAgo(3 + n) }))),
      b.devices(...rows(4, (n) => b.device({ deviceId: `d-${n}`, registeredAt: b.hoursAgo(5_000 + n) }))),
    ),
  ],
];

const cpuMs = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

/** Processor time of one call, in microseconds. The engine's code gets faster for some thousand calls. */
function cost(work: () => unknown): number {
  for (let n = 0; n < 3_000; n += 1) work();
  const startMs = cpuMs();
  let calls = 0;
  while (cpuMs() - startMs < measuredMs) for (let n = 0; n < 50; n += 1, calls += 1) work();
  return ((cpuMs() - startMs) * 1_000) / calls;
}

const us = (value: number) => `${value.toFixed(0).padStart(6)} µs`;
const perSecond = (value: number) => `${Math.round(1_000_000 / value)}/s`;

console.log(`${pack.rules.size} rules, Node ${process.version}. Processor time of one core.\n`);
let slowest = { hashing: 0, hashed: 0 };
for (const [title, evidence] of cases) {
  const facts = factsFrom(evidence, b.now);
  const digest = evidenceDigest(evidence);
  const parts = {
    facts: cost(() => factsFrom(evidence, b.now)),
    'rules (Cedar, asked once)': cost(() => rulingsFor(facts, pack)),
    'hash of the evidence': cost(() => evidenceDigest(evidence)),
  };
  const whole = cost(() => decide(evidence, b.now, pack));
  const hashedBefore = cost(() => decide(evidence, b.now, pack, digest));
  const rules = parts['rules (Cedar, asked once)'];
  const before = {
    'asked once, facts read by name': cost(() => askedByName(facts)),
    'asked for each action, request validated': cost(() =>
      actions.map((action) => authorized(action, facts, pack)),
    ),
  };
  slowest = { hashing: Math.max(slowest.hashing, whole), hashed: Math.max(slowest.hashed, hashedBefore) };
  console.log(title);
  console.log(`  one decision              ${us(whole)}  ${perSecond(whole)}`);
  for (const [part, value] of Object.entries(parts))
    console.log(`    ${part.padEnd(26)}${us(value)}  ${Math.round((100 * value) / whole)} %`);
  console.log(`  one decision, with the digest that the case log carries`);
  console.log(`                            ${us(hashedBefore)}  ${perSecond(hashedBefore)}`);
  console.log(`  what the rules cost before`);
  for (const [way, value] of Object.entries(before))
    console.log(`    ${way.padEnd(42)}${us(value)}  ${(value / rules).toFixed(1)} times`);
  console.log();
}
const reached = (value: number) => (1_000_000 / value >= targetPerSecond ? 'reached' : 'NOT reached');
console.log(
  `Target of ${targetPerSecond} decisions per second and core, on this machine, for the slower of these cases:`,
);
if (reached(slowest.hashed) !== 'reached') process.exitCode = 1;
console.log(
  `  with the evidence hashed again: ${reached(slowest.hashing)}; with the digest given: ${reached(slowest.hashed)}.`,
);
