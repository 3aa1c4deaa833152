import { buildTenant } from '@sallyport/scenario';
import { json, type NextFunction, type Request, type Response, Router } from 'express';
import { z, ZodError } from 'zod';
import { applyPatch, patchSchema } from './admin-patch';
import { click, clickSchema } from './bot-click';
import { clientSchema } from './clients';
import { type World } from './world';
import { WriteLog } from './writes';

const tenantBody = z.strictObject({ given: z.unknown(), now: z.iso.datetime({ offset: true }).optional() });
const idsSchema = z.object({ ids: z.string().transform((ids) => ids.split(',').map(Number)) });
const loopback = ['127.0.0.1', '::1', '::ffff:127.0.0.1'];

/** How scenarios set the tenant up and ask what happened. Loopback only: it can do anything and asks for no token. */
export function adminApi(world: World): Router {
  const router = Router();
  router.use((request, response, next) => {
    if (loopback.includes(request.socket.remoteAddress ?? '')) next();
    else response.status(403).json({ error: 'the admin API answers loopback only' });
  });
  router.use((_request, _response, next) => {
    world.state.settle(world.clock.now());
    next();
  });
  router.use(json({ limit: '5mb' }));

  router.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  router.post('/tenant', (request, response) => {
    const { given, now } = tenantBody.parse(request.body);
    const start = now === undefined ? world.clock.now() : new Date(now);
    const tenant = buildTenant(given, start);
    world.state.load(tenant, start);
    response.json({
      users: Object.fromEntries(tenant.users.map(({ key, id }) => [key, id])),
      groups: Object.fromEntries(tenant.groups.map(({ key, id }) => [key, id])),
      incidents: Object.fromEntries(
        tenant.incidents.map(({ key, sysId, number }) => [key, { sysId, number }]),
      ),
      channels: Object.fromEntries(tenant.channels.map(({ key, id }) => [key, id])),
    });
  });
  router.post('/patch', (request, response) => {
    applyPatch(patchSchema.parse(request.body), world);
    response.status(204).end();
  });
  router.post('/clients', (request, response) => {
    const client = clientSchema.parse(request.body);
    world.clients.set(client.appId, client);
    response.status(204).end();
  });

  router.post('/faults', (request, response) => {
    const given: unknown[] = Array.isArray(request.body) ? request.body : [request.body];
    response.json({ ids: given.map((fault) => world.faults.add(fault)) });
  });
  router.delete('/faults', (request, response) => {
    world.faults.remove(idsSchema.parse(request.query).ids);
    response.status(204).end();
  });
  router.get('/faults', (_request, response) => void response.json({ faults: world.faults.list() }));

  router.get('/writes', (request, response) => {
    const writes = world.writes.about(textOf(request.query['subject']));
    response.json({ writes, counts: WriteLog.count(writes) });
  });
  router.post('/graph-exchanges', (_request, response) => {
    world.exchanges.keep();
    response.status(204).end();
  });
  router.get('/graph-exchanges', (_request, response) => void response.json(world.exchanges.kept()));
  router.get('/users/:id', (request, response) => {
    const users = world.state.users.current;
    const user =
      users.get(request.params.id) ?? [...users.values()].find(({ key }) => key === request.params.id);
    if (user === undefined) response.status(404).json({ error: 'no such user' });
    else {
      const detections = [...world.state.detections.current.values()].filter(
        ({ userId }) => userId === user.id,
      );
      response.json({ ...user, detections });
    }
  });
  router.delete('/users/:id/detections', (request, response) => {
    const { detections } = world.state;
    for (const { id, userId } of [...detections.current.values()])
      if (userId === request.params.id) detections.delete(id, world.clock.now());
    response.status(204).end();
  });
  router.get('/incidents/:sysId', (request, response) => {
    const incident = world.state.incidents.current.get(request.params.sysId);
    if (incident === undefined) return void response.status(404).json({ error: 'no such incident' });
    const journal = [...world.state.journal.current.values()].filter(
      (row) => row.element_id === incident.sys_id,
    );
    response.json({ incident, journal });
  });

  router.get('/teams/messages', (request, response) => {
    const { conversation, contains } = request.query;
    response.json({ messages: world.conversations.list(textOf(conversation), textOf(contains)) });
  });
  router.post('/teams/endpoint', (request, response) => {
    world.botEndpoint = z.strictObject({ url: z.url() }).parse(request.body).url;
    response.status(204).end();
  });
  router.post('/teams/click', async (request, response) => {
    response.json(await click(clickSchema.parse(request.body), world));
  });

  router.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    if (error instanceof ZodError) response.status(400).json({ error: z.prettifyError(error) });
    else response.status(400).json({ error: error instanceof Error ? error.message : 'failed' });
  });
  return router;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
