import { packDirs, PolicyProblems, readPolicyFolder } from './policy-folder';

/** `sallyport policy check [DIR…]`: every problem of every pack with file, line and remedy. @returns the exit code */
export function policyCheck(dirs: readonly string[]): number {
  let refused = 0;
  for (const dir of packDirs(dirs)) {
    try {
      const { pack, rows } = readPolicyFolder(dir);
      console.log(
        `${dir}: ${pack.rules.size} rules and ${rows.length} cases\n  policySetHash: ${pack.policySetHash}`,
      );
    } catch (error) {
      if (!(error instanceof PolicyProblems)) throw error;
      refused += 1;
      console.error(error.message);
      const count = error.problems.length === 1 ? '1 problem' : `${error.problems.length} problems`;
      console.error(`${dir}: refused, ${count}. A service that runs keeps its pack.`);
    }
  }
  return refused === 0 ? 0 : 1;
}
