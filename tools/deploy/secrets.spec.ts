import { simulatedClients, simulatedServiceNowClients } from '@sallyport/scenario';
import { serviceEnv, type StackAddresses } from '../../apps/cli/src/stack/service-env';
import { composeFile, environmentOf, variablesIn } from './compose-file';
import {
  environmentOf as kubernetesEnvironmentOf,
  generatedSecret,
  objectsOf,
  podsOf,
  secretRefsOf,
} from './overlays';
import { envFile } from './repository';
import { serviceNames } from './service-schemas';
import { secretRows, secretsOf, sharedSecrets, soundsSecret } from './secrets-table';

const compose = composeFile().services;
const serviceOf = (name: string) => {
  const service = compose[name];
  if (!service) throw new Error(`Compose has no service ${name}`);
  return service;
};
const demo = envFile('deploy/demo.env');
const rows = secretRows();
const holders = [...serviceNames, 'migrate'];

/** What the rehearsal on one machine gives, which is where the simulated tenant's secrets come from. */
const addresses: StackAddresses = {
  databaseUrl: 'postgres://app@db/x',
  queueUrl: 'redis://queue',
  simulatorUrl: 'https://simulator:8443',
  caFile: '/simulator-ca/ca.pem',
  clockFile: '/none',
  policyPack: 'policies/containment-first',
  ports: Object.fromEntries(serviceNames.map((name) => [name, 8080])) as StackAddresses['ports'],
};
const rehearsed = (name: (typeof serviceNames)[number]) => serviceEnv(name, addresses);
const ownSecrets = (given: Readonly<Record<string, string>>) =>
  Object.keys(given)
    .filter((name) => soundsSecret(name) && !sharedSecrets.includes(name))
    .sort();
const own = (names: string[]) => names.filter((name) => !sharedSecrets.includes(name));

describe('docs/secrets.md', () => {
  test('is about services that exist, says why, and repeats nothing', () => {
    const pairs = rows.flatMap((row) => row.services.map((service) => `${service}/${row.variable}`));
    expect(pairs.length).toBeGreaterThan(serviceNames.length);
    expect(new Set(pairs).size).toBe(pairs.length);
    expect(rows.flatMap(({ services }) => services).filter((name) => !holders.includes(name))).toEqual([]);
    expect(rows.filter(({ why }) => why === '')).toEqual([]);
  });

  test.each(holders)('%s holds in Compose what the table says', (name) => {
    const given = Object.keys(serviceOf(name).environment);
    expect(given.filter(soundsSecret).sort()).toEqual(secretsOf(name));
  });

  test.each(holders)('%s holds in Kubernetes what the table says', (name) => {
    for (const overlay of ['demo', 'production'] as const) {
      const pod = podsOf(objectsOf(overlay)).find(([owner]) => owner === name)?.[1];
      expect(pod && [...secretRefsOf(pod).keys()].sort()).toEqual(secretsOf(name));
    }
  });

  test.each(serviceNames)('%s holds in a rehearsal what the table says', (name) => {
    expect(ownSecrets(rehearsed(name))).toEqual(own(secretsOf(name)));
  });

  test('names each client with exactly the permissions of its registration', () => {
    const clients = { ...simulatedClients, ...simulatedServiceNowClients };
    const isClient = (name: string): name is keyof typeof clients => name in clients;
    const named = rows.flatMap(({ opens: [client = '', ...permissions] }) =>
      isClient(client) ? [[client, permissions.sort()] as const] : [],
    );
    expect(named.map(([client]) => client).sort()).toEqual(
      [
        'approvalBot',
        'approvalReader',
        'console',
        'consoleReader',
        'contextReader',
        'executorContainment',
        'executorReader',
        'executorRelease',
        'intake',
        'reader',
        'writer',
      ].sort(),
    );
    for (const [client, permissions] of named) {
      const known = clients[client];
      const granted = 'roles' in known ? known.roles : [...known.permissions, ...known.directoryRoles];
      expect([client, permissions]).toEqual([client, [...granted].sort()]);
    }
  });
});

describe('each secret lives in one service', () => {
  test('in Compose: no variable of .env that is secret reaches two services', () => {
    const reached = new Map<string, string[]>();
    for (const name of serviceNames) {
      for (const [variable, text] of Object.entries(serviceOf(name).environment)) {
        if (!soundsSecret(variable) || sharedSecrets.includes(variable)) continue;
        for (const source of variablesIn(text)) reached.set(source, [...(reached.get(source) ?? []), name]);
      }
    }
    expect(reached.size).toBe(15);
    expect([...reached].filter(([, services]) => services.length > 1)).toEqual([]);
  });

  test('the owner’s password reaches the database and the migration only', () => {
    const takers = Object.entries(compose).filter(([, { environment }]) =>
      Object.values(environment).some((text) => variablesIn(text).includes('DATABASE_OWNER_PASSWORD')),
    );
    expect(takers.map(([name]) => name).sort()).toEqual(['migrate', 'postgres']);
  });

  test('in a rehearsal: no value of a secret is given to two services', () => {
    const values = serviceNames.flatMap((name) => {
      const given = rehearsed(name);
      return ownSecrets(given).map((variable) => given[variable]);
    });
    expect(new Set(values).size).toBe(values.length);
  });

  test('beside the services only the player of ServiceNow holds any, and only in the demo', () => {
    const others = Object.entries(compose).filter(
      ([name, { environment }]) => !holders.includes(name) && ownSecrets(environment).length > 0,
    );
    expect(others.map(([name, { profiles }]) => [name, profiles])).toEqual(
      expect.arrayContaining([['ticket', ['demo']]]),
    );
    expect(others.map(([name]) => name).sort()).toEqual(['postgres', 'redis', 'ticket']);
  });
});

describe('the demos use the simulated tenant’s own secrets', () => {
  const objects = objectsOf('demo');

  test.each(serviceNames)('%s', (name) => {
    const expected = rehearsed(name);
    const inCompose = environmentOf(serviceOf(name), demo);
    const inKubernetes = kubernetesEnvironmentOf(objects, name, (reference) =>
      generatedSecret(objects, reference),
    );
    const told = (given: Readonly<Record<string, string>>) =>
      Object.fromEntries(
        Object.entries(given).filter(
          ([variable, value]) =>
            value !== '' && /SECRET|CLIENT_ID|APP_ID|TENANT|GROUP|CHANNEL|USER_NAME/.test(variable),
        ),
      );
    expect(told(inCompose)).toEqual(told(expected));
    expect(told(inKubernetes)).toEqual(told(expected));
  });
});
