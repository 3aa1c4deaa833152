import { readFileSync, statSync } from 'node:fs';
import { basename, join, posix, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import {
  loadProvenPack,
  type Pack,
  type PackManifest,
  packManifestSchema,
  type PackSource,
} from '@sallyport/policy';
import { parse } from 'yaml';
import { z } from 'zod';

/**
 * Reads a pack folder and proves what it holds (see `loadProvenPack`).
 *
 * @throws PackError where the rules are refused; Error where `pack.yaml` or a file it lists cannot be read.
 */
export function readPack(dir: string): Pack {
  return loadProvenPack(readPackSource(dir));
}

/**
 * The texts of a pack folder: `pack.yaml` lists the schema and the rule files, relative to the folder. Files may stand in
 * the folder itself or in one beside it (`../shared/…`), nowhere else. Synchronous: there are ten small files.
 *
 * @throws Error where `pack.yaml` or a file it lists cannot be read.
 */
export function readPackSource(dir: string): PackSource {
  // V8 of Node 20.20 has crashed in code that inlined a call into Cedar's WebAssembly after thousands of decisions.
  setFlagsFromString('--no-turbo-inline-js-wasm-calls');
  const folder = resolve(dir);
  const manifest = readManifest(join(folder, 'pack.yaml'));
  // What may be released unasked depends on the name, and POLICY_PACK is where the operator wrote it.
  if (manifest.name !== basename(folder))
    throw new Error(
      `The policy pack cannot be read: ${join(folder, 'pack.yaml')} names the pack "${manifest.name}", and its folder is called "${basename(folder)}"`,
    );
  // Paths are kept relative to the folder of packs, so that the hash of a pack does not tell where it is installed.
  const read = (path: string) => ({
    path: posix.join(manifest.name, path),
    text: readText(join(folder, path)),
  });
  return { name: manifest.name, files: manifest.rules.map(read), schema: read(manifest.schema) };
}

function readManifest(file: string): PackManifest {
  const text = readText(file);
  try {
    return packManifestSchema.parse(parse(text));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new Error(`The policy pack cannot be read: ${file} is not a manifest:\n${reason}`, { cause });
  }
}

/** Far above the longest file that a pack may have. */
const fileMaxBytes = 1_000_000;

function readText(file: string): string {
  const found = opened(file, () => statSync(file));
  // A pipe would be waited for, and a file without end be read.
  if (!found.isFile() || found.size > fileMaxBytes)
    throw new Error(`The policy pack cannot be read: ${file} is no file, or too long`);
  return opened(file, () => readFileSync(file, 'utf8'));
}

function opened<T>(file: string, open: () => T): T {
  try {
    return open();
  } catch (cause) {
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : 'no code';
    const what = code === 'ENOENT' ? 'is missing' : `cannot be opened (${String(code)})`;
    throw new Error(`The policy pack cannot be read: ${file} ${what}`, { cause });
  }
}
