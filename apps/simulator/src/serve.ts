import { type Fault } from '@sallyport/scenario';
import { type Request, type RequestHandler, type Response } from 'express';
import { setTimeout as delay } from 'node:timers/promises';
import { bearerOf, Refusal, type Answer, type Call, type Outcome, type Surface } from './surface';
import { type World } from './world';

const withoutEffect: readonly Fault['kind'][] = [
  'status',
  'throttle',
  'tokenRevoked',
  'resetBefore',
  'noEffect',
  'html',
];

/** Puts a surface on the wire: reads the call, lets the ordered fault strike, records the writes, answers. */
export function serve<Caller>(surface: Surface<Caller>, world: World): RequestHandler {
  return async (request, response) => {
    const now = world.clock.now();
    world.state.settle(now);
    const call = callOf(request, now, world);
    const fault = world.faults.strike(surface.name, call);
    if (fault?.kind === 'staleRead' && call.method === 'GET') {
      call.view = world.state.asOf(new Date(now.getTime() - fault.secondsAgo * 1_000));
    }
    if (fault?.kind === 'late') {
      await delay(fault.ms);
      call.now = world.clock.now();
      world.state.settle(call.now);
      call.view = world.state.current();
    }
    if (fault?.kind === 'tokenRevoked') world.revokedTokens.add(bearerOf(call) ?? '');
    call.emptyPage = fault?.kind === 'emptyPage';
    // Parts of a batch are read from the past one by one.
    call.struck = fault !== null && fault.kind !== 'staleRead';

    const outcome = await outcomeOf(surface, call);
    const applied = outcome.effect !== undefined && !(fault && withoutEffect.includes(fault.kind));
    if (applied) outcome.effect?.(world.state);
    const honest = await outcome.answer;
    const answer = fault ? answerUnder(fault, honest, surface, call) : honest;
    if (surface.name === 'graph') world.exchanges.add(call, request.originalUrl, answer);
    for (const write of outcome.writes ?? []) {
      world.writes.add({
        ...write,
        surface: surface.name,
        at: now.toISOString(),
        clientRequestId: call.header('client-request-id') ?? null,
        applied,
        status: answer?.status ?? null,
        fault: fault?.kind ?? null,
      });
    }
    if (fault?.kind === 'slow') await delay(fault.ms);
    if (answer === null) request.socket.destroy();
    else send(response, answer, { Date: now.toUTCString(), ...surface.headers?.(call) });
  };
}

async function outcomeOf<Caller>(surface: Surface<Caller>, call: Call): Promise<Outcome> {
  try {
    call.body = parseBody(call, surface);
    const known = await surface.authenticate(call);
    return 'refused' in known ? { answer: known.refused } : surface.answer(call, known.caller);
  } catch (error) {
    if (error instanceof Refusal) return { answer: error.answer };
    throw error;
  }
}

/** What the caller gets to see; null is a broken connection. */
function answerUnder<Caller>(
  fault: Fault,
  honest: Answer,
  surface: Surface<Caller>,
  call: Call,
): Answer | null {
  switch (fault.kind) {
    case 'status':
      return surface.failure(fault.status ?? 503, call);
    case 'throttle': {
      const answer = surface.failure(429, call);
      if (fault.retryAfterSeconds === undefined) return answer;
      return { ...answer, headers: { ...answer.headers, 'Retry-After': String(fault.retryAfterSeconds) } };
    }
    case 'tokenRevoked':
      return surface.name === 'graph' ? honest : surface.failure(401, call);
    case 'statusAfterEffect':
      return surface.failure(fault.status ?? 504, call);
    case 'resetBefore':
    case 'resetAfter':
      return null;
    case 'html':
      return { status: fault.status ?? 200, html: hibernating };
    case 'slow':
    case 'late':
    case 'staleRead':
    case 'noEffect':
    case 'emptyPage':
      return honest;
  }
}

/** Like the page of a developer instance that sleeps: a success by its status, and no JSON. */
const hibernating =
  '<!DOCTYPE html><html><head><title>Instance Hibernating</title></head>' +
  '<body><h1>Your instance is hibernating</h1></body></html>';

function callOf(request: Request, now: Date, world: World): Call {
  const url = new URL(request.originalUrl, 'https://simulator');
  const segments = url.pathname
    .split('/')
    .filter((segment) => segment !== '')
    .map(decode);
  return {
    method: request.method,
    path: `/${segments.join('/')}`,
    segments,
    query: url.searchParams,
    header: (name) => request.get(name),
    text: Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '',
    body: undefined,
    origin: `https://${request.get('host') ?? 'localhost'}`,
    now,
    view: world.state.current(),
    emptyPage: false,
    struck: false,
  };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    // A stray percent sign names nothing; the surface answers that the path is unknown.
    return segment;
  }
}

function parseBody<Caller>(call: Call, surface: Surface<Caller>): unknown {
  if (call.text === '' || !(call.header('content-type') ?? '').includes('json')) return undefined;
  try {
    return JSON.parse(call.text);
  } catch {
    throw new Refusal(surface.failure(400, call));
  }
}

function send(response: Response, answer: Answer, headers: Record<string, string>): void {
  if (response.destroyed) return;
  response.status(answer.status).set({ ...headers, ...answer.headers });
  if (answer.html !== undefined) response.type('text/html').send(answer.html);
  else if (answer.body === undefined) response.end();
  else response.json(answer.body);
}
