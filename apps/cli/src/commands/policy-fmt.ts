import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatPolicies } from '@cedar-policy/cedar-wasm/nodejs';
import { type PackProblem, packManifestSchema } from '@sallyport/policy';
import { packDirs, PolicyProblems, readYaml, ruleFiles } from './policy-folder';

/** `sallyport policy fmt [--check] [DIR…]`: Cedar's own formatter on every rule file. @returns the exit code */
export function policyFmt(dirs: readonly string[], check: boolean): number {
  const problems: PackProblem[] = [];
  const files = packDirs(dirs).flatMap((dir) => {
    const manifest = readYaml(join(dir, 'pack.yaml'), packManifestSchema, problems)?.value;
    return manifest ? ruleFiles({ dir, manifest }) : [];
  });
  let changed = 0;
  for (const path of new Set(files)) {
    const text = readFileSync(path, 'utf8');
    const answer = formatPolicies({ policyText: text, lineWidth: 100, indentWidth: 2 });
    if (answer.type === 'failure') {
      const remedy = 'correct the Cedar syntax; `sallyport policy check` names the line';
      problems.push(...answer.errors.map(({ message }) => ({ path, line: 1, message, remedy })));
    } else if (answer.formatted_policy !== text) {
      changed += 1;
      if (!check) writeFileSync(path, answer.formatted_policy);
      console.log(`${path}: ${check ? 'is not formatted' : 'formatted'}`);
    }
  }
  if (problems.length > 0) throw new PolicyProblems(problems);
  console.log(`${new Set(files).size} files, ${changed} ${check ? 'to format' : 'formatted'}.`);
  return check && changed > 0 ? 1 : 0;
}
