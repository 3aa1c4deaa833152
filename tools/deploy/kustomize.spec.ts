import { execFileSync, spawnSync } from 'node:child_process';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { render } from './kustomize';
import { overlayFolder, overlays } from './overlays';

// Rendering reads files only; an empty configuration keeps it from looking for a cluster.
const offline = { ...process.env, KUBECONFIG: '/dev/null' };
const hasKubectl =
  spawnSync('kubectl', ['version', '--client'], { env: offline, timeout: 30_000 }).status === 0;

const loose = z.looseObject({ kind: z.string(), metadata: z.looseObject({ name: z.string() }) });
const withData = z.looseObject({ data: z.record(z.string(), z.string()) });

const byName = (objects: unknown[]) =>
  new Map(
    objects.map((object) => {
      const { kind, metadata } = loose.parse(object);
      return [`${kind}/${metadata.name}`, kind === 'Secret' ? unwrapped(object) : object];
    }),
  );

/** kubectl breaks long Base64 into lines, which means nothing. */
function unwrapped(secret: unknown) {
  const { data, ...rest } = withData.parse(secret);
  const entries = Object.entries(data).map(([key, value]) => [key, value.replace(/\s/g, '')]);
  return { ...rest, data: Object.fromEntries(entries) };
}

describe.each(overlays)('the overlay %s', (overlay) => {
  (hasKubectl ? test : test.skip)('is rendered by our reader as by kubectl', () => {
    const text = execFileSync('kubectl', ['kustomize', overlayFolder(overlay)], {
      env: offline,
      encoding: 'utf8',
      timeout: 50_000,
    });
    const theirs = parseAllDocuments(text).map((document) => document.toJS() as unknown);
    expect(byName(render(overlayFolder(overlay)))).toEqual(byName(theirs));
  });

  test('names every object once', () => {
    const objects = render(overlayFolder(overlay));
    expect(byName(objects).size).toBe(objects.length);
  });
});
