import { join } from 'node:path';
import { type KubernetesObject, kubernetesObject, named, ofKind, type PodSpec } from './kubernetes-objects';
import { render } from './kustomize';
import { root } from './repository';

export const overlays = ['demo', 'production'] as const;
export type Overlay = (typeof overlays)[number];

export const overlayFolder = (overlay: Overlay): string => join(root, 'k8s/overlays', overlay);

/** @throws ZodError where an object has a field that Kubernetes, or we, do not know */
export const objectsOf = (overlay: Overlay): KubernetesObject[] =>
  render(overlayFolder(overlay)).map((object) => kubernetesObject.parse(object));

/** Everything that runs, by the name of its Deployment or Job. */
export const podsOf = (objects: readonly KubernetesObject[]): [string, PodSpec][] =>
  [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'Job')].map(({ metadata, spec }) => [
    metadata.name,
    spec.template.spec,
  ]);

/** References of a pod to Secrets, as variable → `<secret>/<key>`. */
export function secretRefsOf(pod: PodSpec): Map<string, string> {
  const all = [...pod.initContainers, ...pod.containers].flatMap(({ env }) => env);
  return new Map(
    all.flatMap((entry) => {
      if (!('valueFrom' in entry)) return [];
      const { name, key } = entry.valueFrom.secretKeyRef;
      return [[entry.name, `${name}/${key}`]];
    }),
  );
}

/** The environment of a service's container: what it is given openly, and what `secretValue` says for each secret. */
export function environmentOf(
  objects: readonly KubernetesObject[],
  service: string,
  secretValue: (reference: string, variable: string) => string,
): Record<string, string> {
  const pod = named(objects, 'Deployment', service).spec.template.spec;
  const container = pod.containers[0];
  const fromMaps = container?.envFrom.map(
    ({ configMapRef }) => named(objects, 'ConfigMap', configMapRef.name).data,
  );
  const open = container?.env.flatMap((entry) => ('value' in entry ? [[entry.name, entry.value]] : []));
  const secret = [...secretRefsOf(pod)].map(([variable, ref]) => [variable, secretValue(ref, variable)]);
  return Object.assign({}, ...(fromMaps ?? []), Object.fromEntries([...(open ?? []), ...secret]));
}

/** The value of a Secret that an overlay makes itself. @param reference `<secret>/<key>` */
export function generatedSecret(objects: readonly KubernetesObject[], reference: string): string {
  const [secret = '', key = ''] = reference.split('/');
  const encoded = named(objects, 'Secret', secret).data[key];
  if (encoded === undefined) throw new Error(`the Secret ${secret} has no ${key}`);
  return Buffer.from(encoded, 'base64').toString('utf8');
}
