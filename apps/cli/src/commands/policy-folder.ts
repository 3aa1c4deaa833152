import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join, posix, resolve } from 'node:path';
import {
  type Bases,
  basesSchema,
  type Facts,
  loadPack,
  type NamedFacts,
  type Pack,
  PackError,
  type PackManifest,
  packManifestSchema,
  type PackProblem,
  problemLine,
  provable,
  type ProvablePack,
  tableFacts,
  type TableCase,
  tableSchema,
} from '@sallyport/policy';
import { LineCounter, parseDocument } from 'yaml';
import { type z } from 'zod';
import { listedMissing, readBounded } from './bounded-file';

/** Packs that one command works on, and tables in a folder: far more than anybody reviews. */
const maxPacks = 50;
const maxTables = 200;

/** Where the packs of a checkout and of the container image stand. */
export const policiesDir = 'policies';

/** Something is wrong with a pack folder; every problem is told at once. */
export class PolicyProblems extends Error {
  constructor(readonly problems: readonly PackProblem[]) {
    super(problems.map(problemLine).join('\n'));
    this.name = 'PolicyProblems';
  }
}

/** A case of a table, and where it stands. */
export interface TableRow {
  path: string;
  line: number;
  /** `ALLOW` or `DENY`. */
  folder: string;
  row: TableCase;
}

export interface PolicyFolder {
  dir: string;
  manifest: PackManifest;
  pack: Pack;
  bases: Bases;
  rows: readonly TableRow[];
}

/** The folders named, or else every pack of `policies/`. @throws PolicyProblems where there is none, or one is no pack */
export function packDirs(dirs: readonly string[]): string[] {
  if (dirs.length > maxPacks) throw tooMany(dirs[maxPacks] ?? policiesDir);
  const strangers = dirs.filter((dir) => !existsSync(join(dir, 'pack.yaml')));
  if (strangers.length > 0) throw new PolicyProblems(strangers.map(noPack));
  if (dirs.length > 0) return [...dirs];
  const found = existsSync(policiesDir)
    ? readdirSync(policiesDir)
        .map((name) => join(policiesDir, name))
        .filter((dir) => existsSync(join(dir, 'pack.yaml')))
    : [];
  if (found.length > maxPacks) throw tooMany(policiesDir);
  if (found.length > 0) return found;
  const remedy = 'run this where policies/ is, or name the folder of a pack';
  throw new PolicyProblems([{ path: policiesDir, line: 1, message: 'there is no pack', remedy }]);
}

const tooMany = (path: string) =>
  new PolicyProblems([
    { path, line: 1, message: `more than ${maxPacks} packs`, remedy: 'name fewer of them at a time' },
  ]);

/**
 * Reads a pack with its tables and bases: its own, and those of the folders that it takes rules from.
 *
 * @throws PolicyProblems with every problem of manifest, rules, schema and tables
 */
export function readPolicyFolder(dir: string): PolicyFolder {
  const problems: PackProblem[] = [];
  const found = readManifest(dir, problems);
  if (!found) throw new PolicyProblems(problems);
  const manifest = found.value;
  // What is promised depends on the name, and a service reads no pack that is named otherwise than its folder.
  const folderName = basename(resolve(dir));
  if (manifest.name !== folderName) {
    const message = `the pack is named "${manifest.name}", and its folder is called "${folderName}"`;
    problems.push({
      path: join(dir, 'pack.yaml'),
      line: found.lineAt(['name']),
      message,
      remedy: 'give both the same name',
    });
  }
  const pack = readRules(dir, found, problems);
  const folders = [...new Set([...manifest.rules.map((path) => dirname(join(dir, path))), join(dir)])];
  const told = problems.length;
  const bases = basesIn(folders, problems);
  const areBasesSound = problems.length === told;
  const rows = folders.flatMap((folder) => tablesIn(folder, problems));
  // Every case would tell again what is wrong with its base.
  for (const { path, line, row } of areBasesSound ? rows : []) {
    const facts = tableFacts(row, bases);
    const remedy = 'see docs/reference/facts.md and bases.yaml';
    if (Array.isArray(facts))
      problems.push(
        ...facts.map((message) => ({ path, line, message: `"${row.name}": ${message}`, remedy })),
      );
  }
  if (!pack || problems.length > 0) throw new PolicyProblems(problems);
  return { dir, manifest, pack, bases, rows };
}

const noPack = (dir: string): PackProblem => ({
  path: join(dir, 'pack.yaml'),
  line: 1,
  message: `${dir} is not the folder of a pack`,
  remedy: `name a folder with a pack.yaml, such as ${join(policiesDir, 'containment-first')}`,
});

/** `pack.yaml` of the folder. What is wrong with it goes to `problems`. */
export function readManifest(dir: string, problems: PackProblem[]): ReadYaml<PackManifest> | null {
  const path = join(dir, 'pack.yaml');
  if (existsSync(path)) return readYaml(path, packManifestSchema, problems);
  problems.push(noPack(dir));
  return null;
}

/** The bases of all folders. Each problem of one is told where it stands, and not again for those that build on it. */
function basesIn(folders: readonly string[], problems: PackProblem[]): Bases {
  const files = folders
    .map((folder) => join(folder, 'bases.yaml'))
    .filter((path) => existsSync(path))
    .flatMap((path) => {
      const read = readYaml(path, basesSchema, problems);
      return read ? [{ path, ...read }] : [];
    });
  const bases: Bases = Object.assign({}, ...files.map(({ value }) => value));
  const problemsOf = (name: string): string[] => {
    const facts = tableFacts({ base: name, facts: {} }, bases);
    return Array.isArray(facts) ? facts : [];
  };
  for (const { path, value, lineAt } of files)
    for (const [name, { from, facts }] of Object.entries(value)) {
      const say = (at: readonly string[], message: string, remedy: string) =>
        problems.push({ path, line: lineAt([name, ...at]), message: `the base ${name}: ${message}`, remedy });
      const end = brokenEnd(name, bases);
      if (end !== null) {
        const remedy = 'name another base of a bases.yaml, or leave out from';
        if (end === name) say(['from'], 'its bases go in a circle', remedy);
        else if (end === from && !Object.hasOwn(bases, from))
          say(['from'], `there is no base ${from}`, remedy);
        continue;
      }
      const before = from === undefined ? [] : problemsOf(from);
      for (const message of problemsOf(name).filter((text) => !before.includes(text))) {
        const about = Object.keys(facts).find((fact) => message.split(' ').includes(fact));
        say(about === undefined ? [] : ['facts', about], message, 'see docs/reference/facts.md');
      }
    }
  return bases;
}

/** @returns the base that is not there, or that comes again, where one follows `from`; null where that ends well */
function brokenEnd(name: string, bases: Bases): string | null {
  const seen: string[] = [];
  let at: string | undefined = name;
  while (at !== undefined) {
    if (!Object.hasOwn(bases, at) || seen.includes(at)) return at;
    seen.push(at);
    at = bases[at]?.from;
  }
  return null;
}

/** The rule files of a pack, as paths from here. */
export const ruleFiles = ({ dir, manifest }: Pick<PolicyFolder, 'dir' | 'manifest'>): string[] =>
  manifest.rules.map((path) => join(dir, path));

/** The bases with all their facts, for proofs. */
export function namedBases({ bases }: PolicyFolder): NamedFacts[] {
  return Object.keys(bases).flatMap((name) => {
    const facts = tableFacts({ base: name, facts: {} }, bases);
    return Array.isArray(facts) ? [] : [{ name, facts: facts satisfies Facts }];
  });
}

/** @throws PolicyProblems naming each rule that nothing can be proven about */
export function provableIn({ dir, pack }: PolicyFolder): ProvablePack {
  const found = provable(pack);
  if (Array.isArray(found))
    throw new PolicyProblems(found.map((problem) => fromHere(dir, pack.name, problem)));
  return found;
}

function readRules(dir: string, found: ReadYaml<PackManifest>, problems: PackProblem[]): Pack | null {
  const manifest = found.value;
  const read = (path: string, listed: readonly PropertyKey[]) => {
    const missing = listedMissing(join(dir, 'pack.yaml'), found.lineAt(listed), path);
    const text = readBounded(join(dir, path), problems, missing);
    return text === null ? [] : [{ path: posix.join(manifest.name, path), text }];
  };
  const [schema] = read(manifest.schema, ['schema']);
  const files = manifest.rules.flatMap((path, at) => read(path, ['rules', at]));
  if (!schema || files.length < manifest.rules.length) return null;
  try {
    return loadPack({ name: manifest.name, files, schema });
  } catch (error) {
    if (!(error instanceof PackError)) throw error;
    problems.push(...error.problems.map((problem) => fromHere(dir, manifest.name, problem)));
    return null;
  }
}

/** A pack tells paths from the folder of packs, with its own name for its folder; people open them from here. */
function fromHere(dir: string, name: string, problem: PackProblem): PackProblem {
  const own = `${name}/`;
  const path = problem.path.startsWith(own)
    ? join(dir, problem.path.slice(own.length))
    : join(dir, '..', problem.path);
  return { ...problem, path };
}

function tablesIn(folder: string, problems: PackProblem[]): TableRow[] {
  return ['ALLOW', 'DENY'].flatMap((kind) => {
    const dir = join(folder, kind);
    const files = existsSync(dir) ? readdirSync(dir).filter((file) => /\.ya?ml$|\.json$/.test(file)) : [];
    if (files.length > maxTables) {
      problems.push({
        path: dir,
        line: 1,
        message: `there are more than ${maxTables} tables`,
        remedy: 'join some',
      });
      return [];
    }
    return files.sort().flatMap((file) => {
      const path = join(dir, file);
      const table = readYaml(path, tableSchema, problems);
      return (table?.value.cases ?? []).map((row, at) => ({
        path,
        line: table?.lineAt(['cases', at]) ?? 1,
        folder: kind,
        row,
      }));
    });
  });
}

interface ReadYaml<T> {
  value: T;
  lineAt(path: readonly PropertyKey[]): number;
}

/** A YAML or JSON file in the form of `schema`; what is wrong with it goes to `problems`, with its line. */
export function readYaml<S extends z.ZodType>(
  path: string,
  schema: S,
  problems: PackProblem[],
): ReadYaml<z.infer<S>> | null {
  const text = readBounded(path, problems);
  if (text === null) return null;
  const lines = new LineCounter();
  // Plain errors are one line each, and say where by offset.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const lineAt = (at: readonly PropertyKey[]): number => {
    // What is missing has no place of its own: the nearest thing around it has.
    for (let end = at.length; end >= 0; end -= 1) {
      const node: unknown = document.getIn(at.slice(0, end), true);
      const range = typeof node === 'object' && node !== null && 'range' in node ? node.range : null;
      if (Array.isArray(range) && typeof range[0] === 'number') return lines.linePos(range[0]).line;
    }
    return 1;
  };
  for (const { message, pos } of document.errors)
    problems.push({ path, line: lines.linePos(pos[0]).line, message, remedy: 'correct the YAML' });
  if (document.errors.length > 0) return null;
  const parsed = schema.safeParse(document.toJS());
  if (parsed.success) return { value: parsed.data, lineAt };
  for (const issue of parsed.error.issues)
    problems.push({
      path,
      line: lineAt(issue.code === 'unrecognized_keys' ? [...issue.path, issue.keys[0]!] : issue.path),
      message: `${issue.path.join('.') || 'the file'}: ${issue.message}`,
      remedy: 'see policies/README.md for the form of the file',
    });
  return null;
}
