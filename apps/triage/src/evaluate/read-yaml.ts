import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';

/** A file that cannot be used, with every problem. */
export class UnusableFile extends Error {}

/** Reads a file, JSON or YAML. @throws UnusableFile */
export function readYaml<T extends z.ZodType>(file: string, schema: T): z.output<T> {
  let document: unknown;
  try {
    document = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UnusableFile(`${file}: ${messageOf(error)}`);
  }
  const read = schema.safeParse(document);
  if (!read.success) throw new UnusableFile(`${file}:\n${z.prettifyError(read.error)}`);
  return read.data;
}

const messageOf = (error: unknown): string =>
  typeof error === 'object' && error && 'message' in error ? String(error.message) : 'cannot be read';
