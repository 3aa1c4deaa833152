import { readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { loadPack, type Pack, type PackManifest, packManifestSchema } from '@sallyport/policy';
import { parse } from 'yaml';
import { z } from 'zod';

/**
 * Reads a pack folder: `pack.yaml` lists the schema and the rule files, relative to the folder. Files may stand in the
 * folder itself or in one beside it (`../shared/…`), nowhere else. Synchronous, because it is read once, at boot.
 *
 * @throws PackError where the rules are refused; Error where `pack.yaml` or a file it lists cannot be read.
 */
export function readPack(dir: string): Pack {
  // V8 of Node 20.20 has crashed in code that inlined a call into Cedar's WebAssembly after thousands of decisions.
  setFlagsFromString('--no-turbo-inline-js-wasm-calls');
  const folder = resolve(dir);
  const manifest = readManifest(join(folder, 'pack.yaml'));
  // Paths are kept relative to the folder of packs, so that the hash of a pack does not tell where it is installed.
  const read = (path: string) => ({
    path: posix.join(manifest.name, path),
    text: readText(join(folder, path)),
  });
  return loadPack({ name: manifest.name, files: manifest.rules.map(read), schema: read(manifest.schema) });
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

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : 'no code';
    const what = code === 'ENOENT' ? 'is missing' : `cannot be opened (${String(code)})`;
    throw new Error(`The policy pack cannot be read: ${file} ${what}`, { cause });
  }
}
