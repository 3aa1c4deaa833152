import { baseTenant, buildTenant, stableSysId } from '@sallyport/scenario';
import { drainTimeoutMs } from '@sallyport/service';
import { readConfig as readSimulatorConfig } from '../../apps/simulator/src/config';
import { composeFile, environmentOf, interpolate, variablesIn } from './compose-file';
import { imageStages } from './dockerfile';
import { envFile, textOf, version } from './repository';
import { knownVariables, type ServiceName, serviceNames, startConfig } from './service-schemas';

const compose = composeFile();
const demo = envFile('deploy/demo.env');
const example = envFile('deploy/example.env');
const serviceOf = (name: string) => {
  const service = compose.services[name];
  if (!service) throw new Error(`Compose has no service ${name}`);
  return service;
};
const networksOf = (name: string) => {
  const { networks } = serviceOf(name);
  return Array.isArray(networks) ? networks : Object.keys(networks);
};
const everything = Object.keys(compose.services);

test('Compose has every service, what they stand on, and the demo; nothing else', () => {
  const beside = ['postgres', 'redis', 'migrate', 'simulator', 'ticket'];
  expect(everything.sort()).toEqual([...serviceNames, ...beside].sort());
});

test.each(everything)('%s is locked down', (name) => {
  const service = serviceOf(name);
  expect(service).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  });
  expect(service.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
});

test.each(everything)('the image of %s has a stated version', (name) => {
  const { image, build } = serviceOf(name);
  expect(image).toMatch(build ? new RegExp(`^sallyport/${build.target}:${version}$`) : /^[a-z]+:\d[\w.-]*$/);
});

describe.each(serviceNames)('%s', (name: ServiceName) => {
  test('is given only variables that it reads', () => {
    const known = knownVariables(name);
    expect(Object.keys(serviceOf(name).environment).filter((given) => !known.includes(given))).toEqual([]);
  });

  test('starts on what deploy/demo.env gives', () => {
    expect(startConfig(name, environmentOf(serviceOf(name), demo))).toBeDefined();
  });

  test('starts after the schema is up to date, and after the simulator where there is one', () => {
    expect(serviceOf(name).depends_on).toMatchObject({
      migrate: { condition: 'service_completed_successfully' },
      redis: { condition: 'service_healthy' },
      simulator: { condition: 'service_healthy', required: false },
    });
  });

  test('has longer to stop than it needs', () => {
    const seconds = Number(/^(\d+)s$/.exec(serviceOf(name).stop_grace_period ?? '')?.[1]);
    expect(seconds * 1_000).toBeGreaterThan(drainTimeoutMs);
  });
});

test('only the demo is behind a profile', () => {
  expect(everything.filter((name) => serviceOf(name).profiles)).toEqual(['simulator', 'ticket']);
});

test('Postgres and Redis can be reached from the data network only, which has no way out', () => {
  expect(compose.networks['data']).toEqual({ internal: true });
  for (const name of ['postgres', 'redis']) {
    expect(networksOf(name)).toEqual(['data']);
    expect(serviceOf(name).ports).toEqual([]);
  }
});

test('what decides has no way out', () => {
  for (const name of ['policy', 'migrate']) expect(networksOf(name)).toEqual(['data']);
});

test('ports are published on loopback only', () => {
  const ports = everything.flatMap((name) => serviceOf(name).ports);
  expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
});

test('Redis keeps what it acknowledged and never drops a key', () => {
  const command = serviceOf('redis').command?.join(' ');
  expect(command).toContain('--appendonly yes');
  expect(command).toContain('--maxmemory-policy noeviction');
});

describe('the environment files', () => {
  const texts = everything.flatMap((name) => Object.values(serviceOf(name).environment));
  const asked = [...new Set(texts.flatMap(variablesIn))];

  test('deploy/example.env names exactly what Compose asks for', () => {
    expect(Object.keys(example).sort()).toEqual([...asked, 'COMPOSE_PROFILES'].sort());
    expect(Object.values(example).join('')).toBe('');
  });

  test('deploy/demo.env sets nothing that Compose does not ask for', () => {
    expect(Object.keys(demo).filter((name) => !(name in example))).toEqual([]);
    expect(textOf('deploy/demo.env')).toMatch(/^# REHEARSAL ONLY/);
  });

  test('without a required variable Compose stops and says what is missing', () => {
    const required = textOf('deploy/example.env').split('# Optional')[0] ?? '';
    const names = [...required.matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name ?? '');
    const refused = names.filter((name) =>
      texts.some((text) => {
        try {
          interpolate(text, { ...demo, [name]: '' });
          return false;
        } catch {
          return true;
        }
      }),
    );
    expect(names.length).toBeGreaterThan(20);
    expect(refused).toEqual(names);
  });
});

describe('the demo', () => {
  const given: unknown = JSON.parse(textOf('deploy/demo/tenant.json'));
  const tenant = buildTenant(given, new Date('2026-11-23T12:00:00Z'));

  test('the simulator starts on its environment', () => {
    const image = imageStages().get('simulator')?.env;
    expect(readSimulatorConfig({ ...image, ...environmentOf(serviceOf('simulator'), demo) })).toMatchObject({
      SIMULATOR_PORT: 8443,
      SIMULATOR_TENANT_ID: demo['ENTRA_TENANT_ID'],
    });
  });

  test('the tenant has the people and groups that every rehearsal has', () => {
    const base = buildTenant(baseTenant, new Date('2026-11-23T12:00:00Z'));
    expect(tenant.groups).toEqual(base.groups);
    expect(tenant.channels).toEqual(base.channels);
    expect(tenant.users).toEqual(expect.arrayContaining(base.users));
  });

  test('every group and channel in deploy/demo.env is one of the tenant', () => {
    const ids = [...tenant.groups, ...tenant.channels].map(({ id }) => id);
    const named = Object.entries(demo).filter(([name]) => /_GROUP_IDS?$|_CHANNEL_ID$/.test(name));
    expect(named).toHaveLength(9);
    expect(named.filter(([, id]) => !ids.includes(id))).toEqual([]);
  });

  test('the ticket that is sent is one of the tenant', () => {
    expect(tenant.incidents.map(({ sysId, number }) => [sysId, number])).toEqual([
      [stableSysId('incident', 'ines-risky'), 'INC0041207'],
    ]);
    const script = textOf('deploy/demo/send-ticket.mjs');
    expect(script).toContain('incident:ines-risky');
    expect(script).toContain('INC0041207');
  });
});
