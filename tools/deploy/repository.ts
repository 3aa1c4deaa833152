import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';

/** Top folder of the repository. */
export const root = resolve(__dirname, '../..');

/** @param path relative to the repository */
export const textOf = (path: string): string => readFileSync(join(root, path), 'utf8');

export const version = z.object({ version: z.string() }).parse(JSON.parse(textOf('package.json'))).version;

/** Reads `NAME=value` lines as Compose does; quotes and `export` are not used in ours. */
export function envFile(path: string): Record<string, string> {
  const lines = textOf(path)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  return Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
}
