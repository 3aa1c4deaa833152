import express, { type NextFunction, type Request, type Response, Router } from 'express';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { ZodError } from 'zod';
import { type World } from '../world';
import { conversationsOf } from './conversation-view';
import { type ClickAnswer, pageClick, pageClickSchema, pageRefresh, pageRefreshSchema } from './page-click';
import { peopleOf, personCalled } from './people-view';
import { sameOriginOnly } from './same-origin';
import { ticketsOf } from './ticket-view';

/** The page's files, which tools/build.mjs copies beside the bundle together with the card renderer. */
const copiedFiles = join(__dirname, 'teams-page');
/** A click carries an opaque id and a comment. */
const maxClickBody = '16kb';

/**
 * The renderer sets styles on single elements by script, which `style-src` allows; it evaluates nothing, and nothing
 * is loaded from elsewhere.
 */
const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Teams as a visitor of the demo sees it: the channel, the chats of the person one chooses to be, and the tickets.
 * Like the sign-in page of the simulated tenant it asks for no password. It only does what a person in Teams could do.
 */
export function teamsPage(world: World): Router {
  const router = Router();
  router.use((_request, response, next) => {
    world.state.settle(world.clock.now());
    response.set({
      'Content-Security-Policy': policy,
      'X-Content-Type-Options': 'nosniff',
      'Referrer-Policy': 'same-origin',
      'Cross-Origin-Resource-Policy': 'same-origin',
      'Cache-Control': 'no-store',
    });
    next();
  });

  router.get('/api/view', (request, response) => {
    const { person } = request.query;
    const viewer = typeof person === 'string' ? personCalled(person, world) : undefined;
    response.json({
      people: peopleOf(world),
      conversations: conversationsOf(viewer ?? null, world),
      tickets: ticketsOf(world),
    });
  });
  const body = express.json({ limit: maxClickBody });
  const answer = (response: Response, given: ClickAnswer) =>
    response.status(given.kind === 'refused' ? 403 : 200).json(given);
  router.post('/api/click', sameOriginOnly, body, async (request, response) => {
    answer(response, await pageClick(pageClickSchema.parse(request.body), world));
  });
  router.post('/api/refresh', sameOriginOnly, body, async (request, response) => {
    answer(response, await pageRefresh(pageRefreshSchema.parse(request.body), world));
  });

  const isBundled = existsSync(copiedFiles);
  const files = isBundled ? copiedFiles : join(__dirname, 'static');
  const servedFlat = { index: false, redirect: false, cacheControl: false } as const;
  router.get('/', (_request, response) =>
    response.sendFile('index.html', { root: files, cacheControl: false }),
  );
  router.use(express.static(files, servedFlat));
  if (!isBundled) router.use(express.static(rendererFolder(), servedFlat));
  router.use((_request, response) => void response.status(404).json({ error: 'There is no such page.' }));
  router.use((error: unknown, _request: Request, response: Response, next: NextFunction) => {
    if (error instanceof ZodError) response.status(400).json({ error: 'This is not a click.' });
    else next(error);
  });
  return router;
}

/** From source the renderer is where npm put it. */
const rendererFolder = (): string =>
  dirname(createRequire(__filename).resolve('adaptivecards/dist/adaptivecards.min.js'));
