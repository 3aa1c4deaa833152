import { z } from 'zod';

/*
 * The kinds and fields of Kubernetes that our manifests use, strictly: the API server drops an unknown field with a
 * warning, and a misspelt `securityContext` would be gone without one.
 * Source of names and types: Kubernetes API reference v1.32.
 */

const name = z.string().regex(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/);
const labels = z.record(z.string(), z.string());
const metadata = z.strictObject({ name, namespace: name.optional(), labels: labels.optional() });
const selector = z.strictObject({ matchLabels: labels });
const quantities = z.strictObject({
  cpu: z.string().regex(/^\d+m?$/),
  memory: z.string().regex(/^\d+(Mi|Gi)$/),
});
const protocol = z.enum(['TCP', 'UDP']);
const portOrName = z.union([z.int(), z.string()]);

const probe = z.strictObject({
  httpGet: z.strictObject({ path: z.string().startsWith('/'), port: portOrName }).optional(),
  exec: z.strictObject({ command: z.array(z.string()) }).optional(),
  periodSeconds: z.int(),
  timeoutSeconds: z.int().optional(),
  failureThreshold: z.int().optional(),
});

const keyRef = z.strictObject({ name, key: z.string(), optional: z.boolean().optional() });
const container = z.strictObject({
  name,
  image: z.string(),
  command: z.array(z.string()).optional(),
  workingDir: z.string().optional(),
  env: z
    .array(
      z.union([
        z.strictObject({ name: z.string(), value: z.string() }),
        z.strictObject({ name: z.string(), valueFrom: z.strictObject({ secretKeyRef: keyRef }) }),
      ]),
    )
    .default([]),
  envFrom: z.array(z.strictObject({ configMapRef: z.strictObject({ name }) })).default([]),
  ports: z.array(z.strictObject({ name, containerPort: z.int(), protocol })).default([]),
  startupProbe: probe.optional(),
  livenessProbe: probe.optional(),
  readinessProbe: probe.optional(),
  resources: z.strictObject({ requests: quantities, limits: quantities }),
  securityContext: z.strictObject({
    allowPrivilegeEscalation: z.boolean(),
    readOnlyRootFilesystem: z.boolean(),
    capabilities: z.strictObject({ drop: z.array(z.string()) }),
  }),
  volumeMounts: z.array(z.strictObject({ name, mountPath: z.string(), readOnly: z.boolean().optional() })),
});
export type Container = z.output<typeof container>;

const podSpec = z.strictObject({
  serviceAccountName: name,
  automountServiceAccountToken: z.boolean(),
  enableServiceLinks: z.boolean(),
  terminationGracePeriodSeconds: z.int().optional(),
  restartPolicy: z.enum(['OnFailure', 'Never']).optional(),
  securityContext: z.strictObject({
    runAsNonRoot: z.boolean(),
    runAsUser: z.int(),
    runAsGroup: z.int(),
    fsGroup: z.int(),
    seccompProfile: z.strictObject({ type: z.string() }),
  }),
  initContainers: z.array(container).default([]),
  containers: z.array(container).length(1),
  volumes: z.array(
    z.strictObject({ name, emptyDir: z.strictObject({ sizeLimit: z.string().regex(/^\d+(Mi|Gi)$/) }) }),
  ),
});
export type PodSpec = z.output<typeof podSpec>;
const template = z.strictObject({ metadata: z.strictObject({ labels }), spec: podSpec });

const peer = z.strictObject({
  podSelector: z
    .strictObject({
      matchLabels: labels.optional(),
      matchExpressions: z
        .array(z.strictObject({ key: z.string(), operator: z.literal('In'), values: z.array(z.string()) }))
        .optional(),
    })
    .optional(),
  namespaceSelector: z.strictObject({ matchLabels: labels.optional() }).optional(),
  ipBlock: z.strictObject({ cidr: z.string(), except: z.array(z.string()).optional() }).optional(),
});
const policyPorts = z.array(z.strictObject({ port: z.int(), protocol }));

/** One Kubernetes object of ours. */
export const kubernetesObject = z.discriminatedUnion('kind', [
  z.strictObject({ apiVersion: z.literal('v1'), kind: z.literal('Namespace'), metadata }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('ServiceAccount'),
    metadata,
    automountServiceAccountToken: z.boolean(),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('ConfigMap'),
    metadata,
    data: z.record(z.string(), z.string()),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Secret'),
    metadata,
    type: z.literal('Opaque'),
    data: z.record(z.string(), z.base64()),
  }),
  z.strictObject({
    apiVersion: z.literal('v1'),
    kind: z.literal('Service'),
    metadata,
    spec: z.strictObject({
      selector: labels,
      ports: z.array(z.strictObject({ name, port: z.int(), targetPort: portOrName, protocol })).min(1),
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('apps/v1'),
    kind: z.literal('Deployment'),
    metadata,
    spec: z.strictObject({
      replicas: z.int(),
      strategy: z.strictObject({ type: z.literal('Recreate') }).optional(),
      selector,
      template,
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('batch/v1'),
    kind: z.literal('Job'),
    metadata,
    spec: z.strictObject({
      backoffLimit: z.int(),
      activeDeadlineSeconds: z.int(),
      ttlSecondsAfterFinished: z.int(),
      template,
    }),
  }),
  z.strictObject({
    apiVersion: z.literal('policy/v1'),
    kind: z.literal('PodDisruptionBudget'),
    metadata,
    spec: z.strictObject({ maxUnavailable: z.int(), selector }),
  }),
  z.strictObject({
    apiVersion: z.literal('networking.k8s.io/v1'),
    kind: z.literal('NetworkPolicy'),
    metadata,
    spec: z.strictObject({
      podSelector: peer.shape.podSelector.unwrap(),
      policyTypes: z.array(z.enum(['Ingress', 'Egress'])),
      ingress: z.array(z.strictObject({ from: z.array(peer), ports: policyPorts })).optional(),
      egress: z.array(z.strictObject({ to: z.array(peer).optional(), ports: policyPorts })).optional(),
    }),
  }),
]);
export type KubernetesObject = z.output<typeof kubernetesObject>;
export type OfKind<K extends KubernetesObject['kind']> = Extract<KubernetesObject, { kind: K }>;

/** The objects of one kind. */
export function ofKind<K extends KubernetesObject['kind']>(
  objects: readonly KubernetesObject[],
  kind: K,
): OfKind<K>[] {
  return objects.filter((object): object is OfKind<K> => object.kind === kind);
}

/** The object of this kind and name. @throws Error where there is none */
export function named<K extends KubernetesObject['kind']>(
  objects: readonly KubernetesObject[],
  kind: K,
  wanted: string,
): OfKind<K> {
  const found = ofKind(objects, kind).find((object) => object.metadata.name === wanted);
  if (!found) throw new Error(`there is no ${kind} ${wanted}`);
  return found;
}
