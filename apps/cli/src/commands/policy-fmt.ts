import { writeFileSync } from 'node:fs';
import { formatPolicies } from '@cedar-policy/cedar-wasm/nodejs';
import { lineAtByte, type PackProblem, ruleTextProblems } from '@sallyport/policy';
import { readBounded } from './bounded-file';
import { packDirs, PolicyProblems, readManifest, ruleFiles } from './policy-folder';

/** `sallyport policy fmt [--check] [DIR…]`: Cedar's own formatter on every rule file. @returns the exit code */
export function policyFmt(dirs: readonly string[], check: boolean): number {
  const problems: PackProblem[] = [];
  const files = packDirs(dirs).flatMap((dir) => {
    const manifest = readManifest(dir, problems)?.value;
    return manifest ? ruleFiles({ dir, manifest }) : [];
  });
  let changed = 0;
  for (const path of new Set(files)) {
    const text = readBounded(path, problems, {
      path,
      line: 1,
      message: 'the file is missing',
      remedy: 'add it, or remove it from the list in pack.yaml',
    });
    if (text === null) continue;
    // The engine formats as well as it parses: what would break it must not reach it.
    const tooMuch = ruleTextProblems({ path, text });
    if (tooMuch.length > 0) {
      problems.push(...tooMuch);
      continue;
    }
    const answer = formatPolicies({ policyText: text, lineWidth: 100, indentWidth: 2 });
    if (answer.type === 'failure') {
      const remedy = 'correct the Cedar syntax';
      problems.push(
        ...answer.errors.map(({ message, sourceLocations }) => {
          const line = lineAtByte(text, sourceLocations?.[0]?.start ?? 0);
          return { path, line, message: `syntax error: ${message}`, remedy };
        }),
      );
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
