import { drainTimeoutMs } from '@sallyport/service';
import { imageStages } from './dockerfile';
import { named, ofKind } from './kubernetes-objects';
import { environmentOf, generatedSecret, objectsOf, overlays, podsOf, secretRefsOf } from './overlays';
import { version } from './repository';
import { knownVariables, serviceNames, startConfig } from './service-schemas';
import { secretsOf, soundsSecret } from './secrets-table';

const placeholder = 'CHANGE-ME';

describe.each(overlays)('the overlay %s', (overlay) => {
  const objects = objectsOf(overlay);
  const pods = podsOf(objects);
  const containers = pods.flatMap(([name, pod]) =>
    [...pod.initContainers, ...pod.containers].map(
      (container) => [`${name}/${container.name}`, container] as const,
    ),
  );

  test.each(serviceNames)(
    '%s has a Deployment, an account, a configuration, an address and a network policy',
    (name) => {
      for (const kind of ['Deployment', 'ServiceAccount', 'ConfigMap', 'Service', 'NetworkPolicy'] as const) {
        expect(named(objects, kind, name)).toBeDefined();
      }
      expect(named(objects, 'Deployment', name).spec.template.spec.serviceAccountName).toBe(name);
    },
  );

  test.each(serviceNames)('%s is given only variables that it reads', (name) => {
    const known = knownVariables(name);
    const given = Object.keys(environmentOf(objects, name, () => ''));
    expect(given.filter((variable) => !known.includes(variable))).toEqual([]);
  });

  test.each(serviceNames)('%s has three probes and longer to stop than it needs', (name) => {
    const pod = named(objects, 'Deployment', name).spec.template.spec;
    expect(pod.containers[0]).toMatchObject({
      startupProbe: { httpGet: { path: '/healthz', port: 'http' } },
      livenessProbe: { httpGet: { path: '/healthz', port: 'http' } },
      readinessProbe: { httpGet: { path: '/readyz', port: 'http' } },
      ports: [{ name: 'http', containerPort: 3000 }],
    });
    expect((pod.terminationGracePeriodSeconds ?? 0) * 1_000).toBeGreaterThan(drainTimeoutMs);
  });

  test.each(pods)(
    'the pod of %s meets the restricted Pod Security Standard and has no API token',
    (_name, pod) => {
      expect(pod).toMatchObject({
        automountServiceAccountToken: false,
        enableServiceLinks: false,
        securityContext: { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } },
      });
      expect(pod.securityContext.runAsUser).toBeGreaterThan(0);
    },
  );

  test.each(containers)('the container %s is locked down', (_name, container) => {
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  test.each(containers)(
    'the image of %s has a stated version and is ours or of the demo',
    (_name, { image }) => {
      const [name = '', tag = ''] = image.split(':');
      if (name.startsWith('sallyport/')) {
        expect(tag).toBe(version);
        expect(imageStages().has(name.replace('sallyport/', ''))).toBe(true);
      } else {
        expect(overlay).toBe('demo');
        expect(image).toMatch(/^(postgres|redis):\d+[\w.-]*$/);
      }
    },
  );

  test('accounts hold no token either', () => {
    for (const account of ofKind(objects, 'ServiceAccount')) {
      expect(account.automountServiceAccountToken).toBe(false);
    }
  });

  test('selectors meet the pods they mean', () => {
    const labels = [...ofKind(objects, 'Deployment'), ...ofKind(objects, 'Job')].map(
      ({ spec }) => spec.template.metadata.labels,
    );
    const meets = (wanted: Record<string, string>) =>
      labels.filter((own) => Object.entries(wanted).every(([key, value]) => own[key] === value)).length;
    for (const { spec } of ofKind(objects, 'Service')) expect(meets(spec.selector)).toBe(1);
    for (const { spec } of ofKind(objects, 'PodDisruptionBudget')) {
      expect(meets(spec.selector.matchLabels)).toBe(1);
    }
    for (const { spec } of ofKind(objects, 'Deployment')) expect(meets(spec.selector.matchLabels)).toBe(1);
    for (const { metadata, spec } of ofKind(objects, 'NetworkPolicy')) {
      const wanted = spec.podSelector.matchLabels;
      if (wanted) expect([metadata.name, meets(wanted)]).not.toEqual([metadata.name, 0]);
    }
  });

  test('whatever runs twice survives the loss of a node, and nothing that runs once blocks a drain', () => {
    const twice = ofKind(objects, 'Deployment')
      .filter(({ spec }) => spec.replicas >= 2)
      .map(({ metadata }) => metadata.name);
    const budgets = ofKind(objects, 'PodDisruptionBudget').map(({ metadata }) => metadata.name);
    expect(budgets.sort()).toEqual(twice.sort());
  });

  test('the namespace admits restricted pods only and lets nothing through unasked', () => {
    expect(named(objects, 'Namespace', 'sallyport').metadata.labels).toMatchObject({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    expect(named(objects, 'NetworkPolicy', 'default-deny').spec).toEqual({
      podSelector: {},
      policyTypes: ['Ingress', 'Egress'],
    });
  });

  test('what decides has no way out but to the case log and the queue', () => {
    const egress = ofKind(objects, 'NetworkPolicy')
      .filter(({ spec }) => spec.podSelector.matchLabels?.['app.kubernetes.io/name'] === 'policy')
      .flatMap(({ spec }) => spec.egress ?? []);
    expect(egress.flatMap(({ ports }) => ports.map(({ port }) => port))).toEqual([5432, 6379]);
  });

  test('a pod refers to its own Secret only', () => {
    for (const [name, pod] of pods) {
      for (const [variable, reference] of secretRefsOf(pod))
        expect(reference).toBe(`sallyport-${name}/${variable}`);
    }
  });

  test('no value that should be secret stands in the open', () => {
    const open = [
      ...ofKind(objects, 'ConfigMap').flatMap(({ data }) => Object.keys(data)),
      ...containers.flatMap(([, { env }]) => env.flatMap((entry) => ('value' in entry ? [entry.name] : []))),
    ];
    expect(open.filter(soundsSecret)).toEqual([]);
  });
});

describe('the demo', () => {
  const objects = objectsOf('demo');

  test.each(serviceNames)('%s starts on what the overlay gives', (name) => {
    const given = environmentOf(objects, name, (reference) => generatedSecret(objects, reference));
    expect(startConfig(name, given)).toBeDefined();
  });

  test('makes the Secrets that are referred to, with these keys and no other', () => {
    const referred = podsOf(objects).flatMap(([, pod]) => [...secretRefsOf(pod).values()]);
    const made = ofKind(objects, 'Secret').flatMap(({ metadata, data }) =>
      Object.keys(data).map((key) => `${metadata.name}/${key}`),
    );
    expect(made.sort()).toEqual(referred.sort());
  });
});

describe('production', () => {
  const objects = objectsOf('production');
  const dummies: Record<string, string> = {
    SERVICENOW_INSTANCE: 'dev',
    WEBHOOK_SECRETS: `whsec_${Buffer.alloc(32).toString('base64')}`,
    ALERT_WEBHOOK_SECRETS: `whsec_${Buffer.alloc(32).toString('base64')}`,
    TEAMS_APPROVALS_CHANNEL_ID: '19:x@thread.tacv2',
    DATABASE_URL: 'postgres://u:p@db/x',
    QUEUE_URL: 'rediss://:p@queue',
  };
  const dummy = (variable: string) =>
    dummies[variable] ??
    (/URL$|ISSUER$/.test(variable) ? 'https://site.example' : '997035d9-6887-4a9d-a8e0-9c84ba59cae0');
  const given = (name: string) => environmentOf(objects, name, (_reference, variable) => dummy(variable));

  test('holds no Secret: the site’s secret store makes them', () => {
    expect(ofKind(objects, 'Secret')).toEqual([]);
  });

  test('runs every stage at least twice', () => {
    const replicas = Object.fromEntries(
      ofKind(objects, 'Deployment').map(({ metadata, spec }) => [metadata.name, spec.replicas]),
    );
    const { console: web, ...stages } = replicas;
    expect(web).toBe(1);
    expect(Math.min(...Object.values(stages))).toBeGreaterThanOrEqual(2);
  });

  test.each(serviceNames)('%s starts once every placeholder is replaced', (name) => {
    const replaced = Object.entries(given(name)).map(([variable, value]) => [
      variable,
      value === placeholder ? dummy(variable) : value,
    ]);
    expect(startConfig(name, Object.fromEntries(replaced))).toBeDefined();
  });

  // Triage has a placeholder for nothing: without a model its template writes.
  test.each(serviceNames.filter((name) => secretsOf(name).length > 2 && name !== 'triage'))(
    '%s refuses to start while a placeholder stands',
    (name) => {
      expect(Object.values(given(name))).toContain(placeholder);
      expect(() => startConfig(name, given(name))).toThrow(/cannot start/);
    },
  );
});
