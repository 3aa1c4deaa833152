import { crossCheck, factNames, type Proof, prove, samplePoints } from '@sallyport/policy';
import { type Quorum } from '@sallyport/evidence';
import pc from 'picocolors';
import { stringify } from 'yaml';
import { namedBases, packDirs, type PolicyFolder, provableIn, readPolicyFolder } from './policy-folder';

/** Points at which the evaluation of proofs is held to Cedar before it is believed. Some two seconds. */
const comparedPoints = 3_000;
/** Any number; always the same, so that a failure can be looked at again. */
const seed = 1;

/** `sallyport policy prove [DIR…]`: the invariants for the whole space of facts. @returns the exit code */
export function policyProve(dirs: readonly string[]): number {
  return packDirs(dirs)
    .map((dir) => proveFolder(readPolicyFolder(dir)))
    .every(Boolean)
    ? 0
    : 1;
}

function proveFolder(folder: PolicyFolder): boolean {
  const { pack } = folder;
  const rules = provableIn(folder);
  const bases = namedBases(folder);
  console.log(pc.bold(pack.name));
  const points = samplePoints(rules, bases, comparedPoints, seed);
  const disagreement = crossCheck(pack, rules, points);
  if (disagreement) {
    console.error('Cedar and the evaluation that proofs rest on disagree, so nothing is proven:');
    console.error(stringify(disagreement));
    return false;
  }
  console.log(`Cedar and the proofs' own evaluation agree on ${comparedPoints} points.`);
  const startMs = performance.now();
  const { points: size, proofs } = prove(rules, bases);
  const elapsedMs = performance.now() - startMs;
  const failed = proofs.filter(({ counterexample }) => counterexample);
  for (const proof of proofs.filter(({ id }) => !id.startsWith('monotone-')))
    console.log(`${proof.counterexample ? pc.red('✘') : pc.green('✔')} ${proof.says}`);
  for (const action of ['release', 'close'])
    printMonotony(
      action,
      proofs.filter(({ id }) => id.startsWith(`monotone-${action}-`)),
    );
  for (const proof of failed) printCounterexample(proof);
  const visits = proofs.reduce((sum, proof) => sum + proof.visits, 0);
  console.log(
    `${proofs.length} invariants, ${failed.length} broken; ${size.toLocaleString('en')} points of facts decided by ` +
      `${visits.toLocaleString('en')} branches in ${Math.round(elapsedMs)} ms.\n`,
  );
  return failed.length === 0;
}

function printMonotony(action: string, proofs: readonly Proof[]): void {
  const holds = proofs.every(({ counterexample }) => !counterexample);
  const says = `Nothing that is worse or less certain in one of ${proofs.length} facts gets a ${action} it would not get, or from fewer people. The other ${factNames.length - proofs.length} facts have no worse and better.`;
  console.log(`${holds ? pc.green('✔') : pc.red('✘')} ${says}`);
}

const quorumText = (quorum: Quorum) => quorum.map(({ role, count }) => `${role}:${count}`).join(', ');

/** As a case for a table: added to `DENY/`, it fails until the pack is mended. */
function printCounterexample({ id, says, counterexample }: Proof): void {
  if (!counterexample) return;
  const { base, changes, rulings, instead } = counterexample;
  const { action: about, page, group, ...asked } = instead;
  const { immediate, quorum: people } = rulings[about];
  // What is to be held is otherwise ruled as it should be.
  const expected = asked.review ? { ...asked, immediate, quorum: quorumText(people) } : asked;
  const row = {
    name: `counterexample to ${id}`,
    base,
    facts: changes,
    expect: { [about]: expected, page, group },
  };
  console.log(`\n${pc.red('✘')} ${says} The smallest case that breaks it:`);
  // Quoted, because other readers of YAML take a plain yes for true.
  console.log(
    stringify({ cases: [row] }, { defaultStringType: 'QUOTE_SINGLE', defaultKeyType: 'PLAIN' }).trimEnd(),
  );
  for (const [action, { effect, quorum, rules }] of Object.entries(rulings)) {
    const people = quorumText(quorum);
    console.log(
      `# ${action}: ${effect}${people ? ` after ${people}` : ''}, by ${rules.map((rule) => rule.id).join(', ') || 'no rule'}`,
    );
  }
}
