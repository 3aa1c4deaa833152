/** For specs: the simulated Graph over plain HTTP, with a record of what went over the wire. */
import { graphClientWith, type GraphClient, type GraphLimiter } from '@sallyport/entra';
import { graphOpenApi } from '@sallyport/entra/testing';
import { buildTenant, simulatedClients, stableGuid } from '@sallyport/scenario';
import express from 'express';
import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { clientRegistry } from '../clients';
import { readConfig } from '../config';
import { graphSurface } from '../graph/graph';
import { type GraphCaller } from '../graph/route';
import { makeSigningKeys } from '../keys';
import { serve } from '../serve';
import { makeWorld } from '../world';
import { botAppId, tenantId } from './running-simulator';

type ClientName = keyof typeof simulatedClients;
interface Use {
  limiter?: GraphLimiter;
  batchDirectoryReads?: boolean;
}

const openApi = graphOpenApi();

/** @param now scenario time at the start; it passes at the machine's speed */
export async function plainGraph(given: unknown, now: Date, environment: Record<string, string> = {}) {
  const config = readConfig({
    SIMULATOR_TLS_DIR: '/not-used',
    SIMULATOR_TENANT_ID: tenantId,
    SIMULATOR_BOT_APP_ID: botAppId,
    SIMULATOR_RISK_PROCESSING_MS: '0',
    ...environment,
  });
  const offsetMs = now.getTime() - Date.now();
  const clock = { now: () => new Date(Date.now() + offsetMs) };
  const world = makeWorld(config, clock, await makeSigningKeys(), clientRegistry([]));
  world.state.load(buildTenant(given, now), now);
  world.exchanges.keep();
  const surface = graphSurface(world);
  const servers: Server[] = [];

  /** The SDK sends tokens over https only, so each client gets a door of its own that knows who comes. */
  async function doorFor(name: ClientName): Promise<string> {
    const app = express();
    app.use(express.raw({ type: () => true }));
    app.use('/v1.0', serve({ ...surface, authenticate: async () => ({ caller: callerOf(name) }) }, world));
    const server = createServer(app);
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  return {
    exchanges: world.exchanges.kept().exchanges,
    clock: clock.now,
    client: async (name: ClientName, use: Use = {}): Promise<GraphClient> => {
      const credential = {
        getToken: async () => ({ token: 'not sent', expiresOnTimestamp: Date.UTC(2100, 0, 1) }),
      };
      return graphClientWith(credential, { baseUrl: await doorFor(name), ...use });
    },
    stop: async () => {
      for (const server of servers) {
        server.closeAllConnections();
        await new Promise<void>((resolve) => server.close(() => resolve()));
      }
      const { exchanges, dropped } = world.exchanges.kept();
      const problems = exchanges.flatMap((exchange) => openApi?.problems(exchange) ?? []);
      if (dropped > 0) problems.push(`${dropped} exchanges were not kept, and so not looked at`);
      if (problems.length > 0) throw new Error(`Graph does not document this: ${problems.join('; ')}`);
    },
  };
}

function callerOf(name: ClientName): GraphCaller {
  const { appId, permissions, directoryRoles } = simulatedClients[name];
  const servicePrincipalId = stableGuid('servicePrincipal', appId);
  return { appId, servicePrincipalId, permissions: new Set<string>(permissions), directoryRoles };
}
