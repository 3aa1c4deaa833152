import express, { type NextFunction, type Request, type Response } from 'express';
import { createServer } from 'node:https';
import { type AddressInfo } from 'node:net';
import { adminApi } from './admin';
import { botConnector } from './bot-connector';
import { botFrameworkKeys } from './bot-framework-keys';
import { makeCertificate } from './certificate';
import { clientRegistry } from './clients';
import { clockFrom } from './clock';
import { type SimulatorConfig } from './config';
import { entraLogin } from './entra-login';
import { graphSurface } from './graph/graph';
import { makeSigningKeys } from './keys';
import { modelSurface } from './model';
import { oidcProvider } from './oidc';
import { serve } from './serve';
import { serviceNowSurface } from './servicenow/servicenow';
import { teamsPage } from './teams-page/teams-page';
import { makeWorld, type World } from './world';

/** Larger than any body of these systems that we send; Graph's own bound is 4 MB. */
const maxBody = '1mb';

export interface Simulator {
  port: number;
  /** The certificate to trust. */
  ca: string;
  world: World;
  close(): Promise<void>;
}

/** Boots every surface on one HTTPS port and resolves when it listens. */
export async function startSimulator(config: SimulatorConfig): Promise<Simulator> {
  const names = config.SIMULATOR_CERTIFICATE_NAMES.split(',').map((name) => name.trim());
  const [certificate, keys] = await Promise.all([
    makeCertificate(config.SIMULATOR_TLS_DIR, names),
    makeSigningKeys(),
  ]);
  const clock = clockFrom(config.SALLYPORT_CLOCK_FILE);
  const world = makeWorld(config, clock, keys, clientRegistry(config.SIMULATOR_CLIENTS));
  const server = createServer(certificate, application(world));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.SIMULATOR_PORT, config.SIMULATOR_HOST, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    ca: certificate.cert,
    world,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function application(world: World): express.Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use('/_sim', adminApi(world));
  app.use('/teams-page', teamsPage(world));
  // Each surface parses its own bodies, because each refuses bad ones in its own words.
  app.use(express.raw({ type: () => true, limit: maxBody }));
  app.use('/oidc', oidcProvider(world));
  app.use('/botframework', botFrameworkKeys(world));
  app.use('/v1.0', serve(graphSurface(world), world));
  const serviceNow = serve(serviceNowSurface(world), world);
  app.use('/api/now', serviceNow);
  app.post('/oauth_token.do', serviceNow);
  app.use('/teams', serve(botConnector(world), world));
  app.use('/v1', serve(modelSurface(world), world));
  app.use(serve(entraLogin(world), world));
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    const status =
      error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : 500;
    // A fault of the simulator itself must not look like an answer of the system it plays.
    if (status >= 500) console.error(error);
    if (!response.headersSent)
      response.status(status).json({ simulator: error instanceof Error ? error.message : 'failed' });
  });
  return app;
}
