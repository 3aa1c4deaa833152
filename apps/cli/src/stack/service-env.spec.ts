import { serviceEnv, serviceNames, type StackAddresses } from './service-env';

const at: StackAddresses = {
  databaseUrl: 'postgres://sallyport_app:pw@127.0.0.1:1/postgres',
  queueUrl: undefined,
  simulatorUrl: 'https://localhost:1',
  caFile: '/tmp/ca.pem',
  clockFile: '/tmp/clock',
  policyPack: '/policies/containment-first',
  ports: { ingest: 1, context: 2, policy: 3, triage: 4, approval: 5, executor: 6, audit: 7, console: 8 },
};

it('gives each secret of the outside world to one service', () => {
  const holders = new Map<string, string[]>();
  for (const name of serviceNames) {
    for (const [variable, value] of Object.entries(serviceEnv(name, at))) {
      if (/SECRET/.test(variable)) holders.set(value, [...(holders.get(value) ?? []), `${name} ${variable}`]);
    }
  }
  expect(holders.size).toBeGreaterThan(6);
  expect([...holders.values()].filter((held) => held.length > 1)).toEqual([]);
});
