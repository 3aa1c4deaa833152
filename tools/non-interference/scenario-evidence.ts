/** The evidence of every scenario, read by the real collector from the real simulator, in this process. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { graphClientWith } from '@sallyport/entra';
import { GraphShapes } from '@sallyport/entra/testing';
import type { Evidence } from '@sallyport/evidence';
import { baseTenant, ownKeys, readScenario, simulatedClients, withOwnKeys } from '@sallyport/scenario';
import { createServiceNowClient, TicketReader } from '@sallyport/servicenow';
import { z } from 'zod';
import { serviceEnv, serviceNames } from '../../apps/cli/src/stack/service-env';
import { contextConfig } from '../../apps/context/src/config';
import { EvidenceCollector } from '../../apps/context/src/evidence-collector';
import { runSimulator, start } from '../../apps/simulator/src/testing/running-simulator';

const scenarios = join(__dirname, '../../scenarios');

export interface Situation {
  name: string;
  evidence: Evidence;
}

const loadedSchema = z.object({ incidents: z.record(z.string(), z.object({ sysId: z.string() })) });
const givenSchema = z.looseObject({ given: z.looseObject({ tenant: z.looseObject({}) }) });

const shapes = new GraphShapes();

/** A simulator to which `fetch` of this process speaks, whatever its certificate. */
export async function openTenant(env: Record<string, string> = {}) {
  const tenant = await runSimulator(env);
  const { fetch: realFetch } = globalThis;
  const origin = `https://localhost:${tenant.simulator.port}`;
  globalThis.fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!request.url.startsWith(origin)) return realFetch(request);
    const body = Buffer.from(await request.arrayBuffer());
    return Promise.race([send(tenant, request, body, origin), aborted(request.signal)]);
  };
  await tenant.load(baseTenant);
  await tenant.setClock(start);
  return {
    tenant,
    origin,
    close: async () => {
      globalThis.fetch = realFetch;
      await tenant.stop();
      const problems = shapes.problems();
      if (problems.length > 0) throw new Error(`Graph does not document this: ${problems.join('; ')}`);
    },
  };
}
type OpenTenant = Awaited<ReturnType<typeof openTenant>>;

async function send(tenant: OpenTenant['tenant'], request: Request, body: Buffer, origin: string) {
  const isForm = request.headers.get('content-type')?.includes('form') ?? false;
  const text = body.toString('utf8');
  const reply = await tenant.call(request.method, request.url.slice(origin.length), {
    headers: Object.fromEntries(request.headers),
    ...(text !== '' &&
      (isForm ? { form: Object.fromEntries(new URLSearchParams(text)) } : { body: JSON.parse(text) })),
  });
  const url = request.url.slice(origin.length);
  if (url.startsWith('/v1.0/')) {
    const isJson = (reply.headers['content-type'] ?? '').includes('json');
    shapes.saw({
      method: request.method,
      url: url.slice('/v1.0'.length),
      body: text === '' ? undefined : JSON.parse(text),
      status: isJson || reply.text === '' ? reply.status : null,
      answer: reply.json,
    });
  }
  const headers = Object.entries(reply.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as [string, string]],
  );
  return new Response(reply.text === '' ? null : reply.text, { status: reply.status, headers });
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(new DOMException('timed out', 'TimeoutError')));
  });
}

/** Scenario by scenario, each with every ticket that it begins with. */
export async function scenarioEvidence({ tenant, origin }: OpenTenant): Promise<Situation[]> {
  const config = contextConfig.parse(
    serviceEnv('context', {
      databaseUrl: 'postgres://nobody@127.0.0.1:1/none',
      queueUrl: undefined,
      simulatorUrl: origin,
      caFile: '/none',
      clockFile: '/none',
      policyPack: '',
      ports: Object.fromEntries(serviceNames.map((name) => [name, 1])) as Record<
        (typeof serviceNames)[number],
        number
      >,
    }),
  );
  const credential = {
    getToken: async (scope: string | string[]) => ({
      token: await tenant.token(simulatedClients.contextReader, String(scope)),
      expiresOnTimestamp: Date.UTC(2100, 0, 1),
    }),
  };
  const clock = () => new Date(start);
  const graph = graphClientWith(credential, { baseUrl: origin, timeoutMs: 20_000 });
  const serviceNow = createServiceNowClient({
    instanceUrl: origin,
    clientId: config.SERVICENOW_CLIENT_ID,
    clientSecret: config.SERVICENOW_CLIENT_SECRET,
  });
  const collector = new EvidenceCollector(graph, new TicketReader(serviceNow, clock), config, clock);

  const found: Situation[] = [];
  const files = readdirSync(scenarios).filter((name) => name.endsWith('.yaml'));
  for (const [at, file] of files.entries()) {
    const { scenario, given } = readScenario(join(scenarios, file));
    const { model: _unset, ...own } = givenSchema.parse(given).given.tenant;
    const { users, incidents } = scenario.given.tenant;
    // An alert finds its person without a ticket; here a ticket names them.
    const added =
      incidents.length > 0 ? {} : { incidents: users.map(({ key }) => ({ key: `t-${key}`, subject: key })) };
    const loaded = await tenant.load(
      withOwnKeys({ ...own, ...added }, ownKeys({ ...scenario.given.tenant, ...added }), `s${at}-`),
    );
    const { incidents: tickets } = loadedSchema.parse(loaded.json);
    for (const [key, { sysId }] of Object.entries(tickets)) {
      const ticket = await collector.ticket(key, sysId);
      const evidence = await collector.collect(key, ticket, start.toISOString());
      found.push({ name: `${file} ${key}`, evidence });
    }
  }
  return found;
}
