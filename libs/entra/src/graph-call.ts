import { AuthenticationHandlerOptions, ResponseType } from '@microsoft/microsoft-graph-client';
import { boundedText } from './bounded-text';
import type { Place } from './budget/arrivals';
import type { Priority } from './budget/budgets';
import { EntraError } from './entra-error';
import { type GraphClient } from './graph-client';
import { isOfToken } from './graph-token';

export interface GraphCall {
  method: 'GET' | 'POST' | 'PATCH';
  /** Path and query after `/v1.0`, with every value already percent-encoded. */
  path: string;
  body?: unknown;
  /** GUID sent as `client-request-id`; Graph keeps it in its logs. */
  clientRequestId: string;
  /** Also asks for enum members declared after `unknownFutureValue`; every risk call needs it. */
  allEnumMembers?: boolean;
  /** Where it differs from the client's. */
  priority?: Priority;
  /** How many requests it counts as in the budget. Default 1. */
  calls?: number;
  /** How long it may wait for the budget, where that differs from the client's other calls. */
  budgetWaitMs?: number;
  /** Its place in the budget where that was taken before, see {@link takeBudget}; absent: it is taken now. */
  place?: Place | null;
  /** Ends the call before the client's own timeout. */
  signal?: AbortSignal;
  /** Not sent any more after this, by `performance.now()`: whoever waited for a token may be late. */
  sendByMs?: number;
}

export interface GraphAnswer {
  status: number;
  /** Parsed JSON, or null where the answer has no body. */
  body: unknown;
  requestId: string | null;
  clientRequestId: string;
}

/** Code of the error where {@link GraphCall.sendByMs} had passed. */
export const callWindowClosed = 'callWindowClosed';

/** Code of the error where Graph refused the token, and a later call may have another one. */
export const tokenNotTaken = 'tokenNotTaken';

/** Above the largest documented page (1,000 sign-ins of a few kB); more is not an answer that we asked for. */
const answerMaxBytes = 16 * 1024 * 1024;

/**
 * Exactly one request, as soon as the tenant's budget allows it: no retry, no redirect. Where its token was
 * refused it sees to another one, with which whoever repeats the call does so in their own way.
 *
 * @throws EntraError for everything but a 2xx answer that is empty or JSON.
 */
export async function graphCall(client: GraphClient, call: GraphCall): Promise<GraphAnswer> {
  const place = call.place === undefined ? await takeBudget(client, call) : call.place;
  client.leaving?.();
  const { token, response, text } = await exchanged(client, call).then(
    (answer) => {
      client.limiter?.answered(call.path, place);
      return answer;
    },
    (error: unknown) => {
      if (error instanceof EntraError && !error.sent) client.limiter?.unused(place);
      else client.limiter?.answered(call.path, place);
      throw error;
    },
  );

  const requestId = response.headers.get('request-id');
  const body = parsed(response, text);
  if (response.ok) {
    client.token.taken(token);
    if (body === undefined) throw notGraph(response.status, requestId);
    return { status: response.status, body, requestId, clientRequestId: call.clientRequestId };
  }
  const refused = refusal(response, body, requestId);
  if (refused.kind === 'throttled') await client.limiter?.throttled(call.path, refused.retryAfterMs);
  if (refused.kind === 'forbidden' && response.status === 401) {
    const challenge = response.headers.get('www-authenticate');
    const { code } = refused;
    if (isOfToken(code, challenge) && (await client.token.renewed(token, challenge, signalOf(client, call))))
      throw new EntraError({ kind: 'unavailable', status: 401, code: tokenNotTaken, requestId });
  }
  throw refused;
}

/**
 * Waits for what a call needs before it may leave: a token, then a place in the tenant's budget. The token first, so
 * that a slow login does not bunch up calls that the budget had set apart.
 *
 * @throws EntraError, with nothing sent
 */
export async function takeBudget(
  client: GraphClient,
  call: Omit<GraphCall, 'clientRequestId' | 'method'>,
): Promise<Place | null> {
  const { path, priority = client.priority, calls, budgetWaitMs } = call;
  await client.token.current(signalOf(client, call));
  return (await client.limiter?.acquire(path, priority, calls, budgetWaitMs)) ?? null;
}

async function exchanged(client: GraphClient, call: GraphCall) {
  // From the credential's cache, or a new one where the wait for the budget outlived it.
  const token = await client.token.current(signalOf(client, call));
  // Only now: a login service that has to be asked again takes seconds.
  if (call.sendByMs !== undefined && performance.now() > call.sendByMs)
    throw new EntraError({ kind: 'unavailable', code: callWindowClosed, status: null, sent: false });
  // A new bound: a slow login must not leave a write with too little time to be answered.
  return { token, ...(await exchange(client, call, token, signalOf(client, call))) };
}

function signalOf({ timeoutMs }: GraphClient, { signal }: Pick<GraphCall, 'signal'>): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs);
  return signal ? AbortSignal.any([signal, timeout]) : timeout;
}

async function exchange(client: GraphClient, call: GraphCall, token: string, signal: AbortSignal) {
  const request = client.sdk
    .api(call.path)
    .headers({
      'client-request-id': call.clientRequestId,
      'return-client-request-id': 'true',
      Accept: 'application/json',
      ...(call.allEnumMembers ? { Prefer: 'include-unknown-enum-members' } : {}),
    })
    .options({ signal, redirect: 'manual' })
    .middlewareOptions([new AuthenticationHandlerOptions({ getAccessToken: async () => token })])
    .responseType(ResponseType.RAW);
  try {
    const response: unknown = await (call.method === 'GET'
      ? request.get()
      : call.method === 'POST'
        ? request.post(call.body)
        : request.patch(call.body));
    if (!(response instanceof Response)) throw new TypeError('the SDK gave no raw response');
    return { response, text: await boundedText(response, answerMaxBytes) };
  } catch (cause) {
    const code = signal.aborted ? 'timeout' : 'connection';
    throw new EntraError({ kind: 'unavailable', status: null, code, cause });
  }
}

/** null for an empty body, undefined for one that is not JSON (a proxy's or a maintenance page). */
function parsed(response: Response, text: string): unknown {
  if (text === '') return null;
  if (!/\bjson\b/i.test(response.headers.get('content-type') ?? '')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A maintenance or login page of something in between, or half an answer: Graph itself may answer the next time. */
function notGraph(status: number, requestId: string | null): EntraError {
  return new EntraError({ kind: 'unavailable', status, code: 'notJson', requestId });
}

/** What an answer means that is not a success; also of one part of a batch. */
export function refusal(
  response: Pick<Response, 'status' | 'headers'>,
  body: unknown,
  requestId: string | null,
): EntraError {
  const { status } = response;
  const code = graphErrorCode(body);
  const facts = { status, requestId, code: code ?? 'noGraphError' };
  if (status === 429) {
    return new EntraError({ ...facts, kind: 'throttled', retryAfterMs: retryAfterMs(response) });
  }
  if (status >= 500 || status === 408) {
    return new EntraError({ ...facts, kind: 'unavailable', retryAfterMs: retryAfterMs(response) });
  }
  // Anything can say 404; only Graph's own words mean that the directory has no such object.
  if (code === null) return new EntraError({ ...facts, kind: 'invalidAnswer' });
  if (status === 401 || status === 403) return new EntraError({ ...facts, kind: 'forbidden' });
  if (status === 404 && /notfound$/i.test(code)) return new EntraError({ ...facts, kind: 'notFound' });
  return new EntraError({ ...facts, kind: 'rejected' });
}

/** Branch on the code, never on the message: messages change and carry names. */
function graphErrorCode(body: unknown): string | null {
  if (typeof body !== 'object' || body === null || !('error' in body)) return null;
  const { error } = body;
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' && /^[\w.]{1,100}$/.test(error.code) ? error.code : null;
}

/** Graph sends whole seconds; Identity Protection sends no header at all. */
function retryAfterMs(response: Pick<Response, 'headers'>): number | null {
  const seconds = response.headers.get('retry-after');
  return seconds !== null && /^\d{1,6}$/.test(seconds) ? Number(seconds) * 1_000 : null;
}
