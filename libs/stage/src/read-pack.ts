import { readFileSync } from 'node:fs';
import { join, posix, resolve } from 'node:path';
import { loadPack, type Pack, packManifestSchema } from '@sallyport/policy';
import { parse } from 'yaml';

/**
 * Reads a pack folder: `pack.yaml` lists the schema and the rule files, relative to the folder. Files may stand in the
 * folder itself or in one beside it (`../shared/…`), nowhere else. Synchronous, because it is read once, at boot.
 *
 * @throws PackError where the rules are refused; Error where `pack.yaml` or a file it lists cannot be read.
 */
export function readPack(dir: string): Pack {
  const folder = resolve(dir);
  const manifest = packManifestSchema.parse(parse(readFileSync(join(folder, 'pack.yaml'), 'utf8')));
  // Paths are kept relative to the folder of packs, so that the hash of a pack does not tell where it is installed.
  const read = (path: string) => ({
    path: posix.join(manifest.name, path),
    text: readFileSync(join(folder, path), 'utf8'),
  });
  return loadPack({ name: manifest.name, files: manifest.rules.map(read), schema: read(manifest.schema) });
}
