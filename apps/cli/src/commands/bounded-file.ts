import { readFileSync, statSync } from 'node:fs';
import { type PackProblem } from '@sallyport/policy';

/** Far above the longest file that a pack or a sign-off may be, and little enough to read at once. */
export const fileMaxBytes = 1_000_000;

/**
 * The text of a file that people wrote. What keeps it from being read goes to `problems`.
 *
 * @param missing what to say where it is not there
 * @returns null where it cannot be read
 */
export function readBounded(
  path: string,
  problems: PackProblem[],
  missing: PackProblem = { path, line: 1, message: 'the file is missing', remedy: 'add it' },
): string | null {
  const say = (message: string, remedy: string) => void problems.push({ path, line: 1, message, remedy });
  try {
    const found = statSync(path);
    // A pipe would be waited for, and a device be read without end.
    if (!found.isFile()) say('this is not a file', 'name a plain file');
    else if (found.size > fileMaxBytes) say(`the file is longer than ${fileMaxBytes} bytes`, 'split it');
    else return readFileSync(path, 'utf8');
  } catch (cause) {
    const code =
      typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : 'no code';
    if (code === 'ENOENT') problems.push(missing);
    else say(`the file cannot be opened (${code})`, 'make it readable');
  }
  return null;
}

/** That a file which the manifest of a pack lists is not there. */
export const listedMissing = (manifest: string, line: number, name: string): PackProblem => ({
  path: manifest,
  line,
  message: `the file ${name} is missing`,
  remedy: 'add the file, or remove it from the list',
});
