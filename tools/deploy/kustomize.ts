import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';

/*
 * Renders the part of Kustomize that our overlays use, so that the manifests are tested on a machine without its
 * binary: resources, namespace, JSON patches of kind `add`, replicas and literal secrets. Anything else is refused.
 * Where `kubectl` is installed, a spec holds this against the real one.
 */

const objectSchema = z
  .object({
    kind: z.string(),
    metadata: z.object({ name: z.string(), namespace: z.string().optional() }).catchall(z.json()),
  })
  .catchall(z.json());
export type RenderedObject = z.output<typeof objectSchema>;

const patchSchema = z.array(z.strictObject({ op: z.literal('add'), path: z.string(), value: z.json() }));

const kustomizationSchema = z.strictObject({
  apiVersion: z.literal('kustomize.config.k8s.io/v1beta1'),
  kind: z.literal('Kustomization'),
  namespace: z.string(),
  resources: z.array(z.string()),
  replicas: z.array(z.strictObject({ name: z.string(), count: z.int() })).default([]),
  generatorOptions: z.strictObject({ disableNameSuffixHash: z.literal(true) }).optional(),
  secretGenerator: z.array(z.strictObject({ name: z.string(), literals: z.array(z.string()) })).default([]),
  patches: z
    .array(
      z.strictObject({
        path: z.string().optional(),
        patch: z.string().optional(),
        target: z.strictObject({ kind: z.string(), name: z.string().default('.*') }),
      }),
    )
    .default([]),
});

/** @param folder that holds a `kustomization.yaml` */
export function render(folder: string): RenderedObject[] {
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const kustomization = kustomizationSchema.parse(parse(read('kustomization.yaml')));
  let objects = kustomization.resources.flatMap((path) =>
    statSync(join(folder, path)).isDirectory()
      ? render(join(folder, path))
      : parseAllDocuments(read(path)).map((document) => objectSchema.parse(document.toJS())),
  );
  objects.push(...kustomization.secretGenerator.map(secret));
  for (const { path, patch, target } of kustomization.patches) {
    const operations = patchSchema.parse(parse(patch ?? read(path ?? '')));
    const [kind, name] = [new RegExp(`^(?:${target.kind})$`), new RegExp(`^(?:${target.name})$`)];
    const isMeant = (object: RenderedObject) => kind.test(object.kind) && name.test(object.metadata.name);
    if (!objects.some(isMeant))
      throw new Error(`${folder}: a patch of ${target.kind} ${target.name} meets nothing`);
    objects = objects.map((object) => (isMeant(object) ? patched(object, operations) : object));
  }
  for (const { name, count } of kustomization.replicas) {
    objects = objects.map((object) =>
      object.kind === 'Deployment' && object.metadata.name === name
        ? patched(object, [{ op: 'add', path: '/spec/replicas', value: count }])
        : object,
    );
  }
  const { namespace } = kustomization;
  return objects.map((object) =>
    object.kind === 'Namespace' ? object : { ...object, metadata: { ...object.metadata, namespace } },
  );
}

function secret({ name, literals }: { name: string; literals: string[] }): RenderedObject {
  const data = literals.map((literal) => {
    const at = literal.indexOf('=');
    return [literal.slice(0, at), Buffer.from(literal.slice(at + 1)).toString('base64')];
  });
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name },
    type: 'Opaque',
    data: Object.fromEntries(data),
  };
}

function patched(object: RenderedObject, operations: z.output<typeof patchSchema>): RenderedObject {
  const copy = structuredClone(object);
  for (const { path, value } of operations) {
    const keys = path.slice(1).split('/');
    const last = keys.pop() ?? '';
    let place: unknown = copy;
    for (const key of keys) {
      place = Array.isArray(place) ? place[Number(key)] : isRecord(place) ? place[key] : undefined;
    }
    if (Array.isArray(place) && last === '-') place.push(value);
    else if (isRecord(place)) place[last] = value;
    else throw new Error(`${object.kind} ${object.metadata.name} has no place ${path}`);
  }
  return objectSchema.parse(copy);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
