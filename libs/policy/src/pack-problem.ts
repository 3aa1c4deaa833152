/** One thing wrong with a pack, and what to do about it. */
export interface PackProblem {
  path: string;
  /** From 1. */
  line: number;
  message: string;
  remedy: string;
}

/** As people read it. A remedy may be a question. */
export function problemLine({ path, line, message, remedy }: PackProblem): string {
  return `${path}:${line}: ${message}. Remedy: ${remedy.replace(/\.$/, '')}${remedy.endsWith('?') ? '' : '.'}`;
}

/** A pack that is refused as a whole: whoever reloads keeps the pack that runs. */
export class PackError extends Error {
  readonly code = 'POLICY_PACK_REFUSED';

  constructor(
    readonly pack: string,
    readonly problems: readonly PackProblem[],
  ) {
    const lines = problems.map((problem) => `  ${problemLine(problem)}`);
    super(`The policy pack "${pack}" is refused:\n${lines.join('\n')}`);
    this.name = 'PackError';
  }
}

/** Cedar counts bytes of UTF-8, people count lines. @returns the line, from 1, that holds the byte `offset`. */
export function lineAtByte(text: string, offset: number): number {
  const before = new TextEncoder().encode(text).subarray(0, offset);
  return before.reduce((line, byte) => (byte === 0x0a ? line + 1 : line), 1);
}
