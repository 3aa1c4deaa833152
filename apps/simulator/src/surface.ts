import { type Fault } from '@sallyport/scenario';
import { type State, type View } from './state';
import { type WriteRequest } from './writes';

export type SurfaceName = Fault['on']['surface'];

/** A request as the surfaces see it: decoded, with the tenant it may look at. */
export interface Call {
  method: string;
  /** Whole path, percent-decoded segment by segment. */
  path: string;
  segments: string[];
  query: URLSearchParams;
  header(name: string): string | undefined;
  /** Body as text; surfaces parse it, because each refuses a bad one in its own words. */
  text: string;
  /** Parsed JSON body, or undefined where there is none. */
  body: unknown;
  /** `https://host:port` as the client addressed us. */
  origin: string;
  now: Date;
  view: View;
  /** A list is to answer an empty page that has a next page (a legal answer that clients forget). */
  emptyPage: boolean;
  /** A fault strikes this call; the parts of a batch are then not struck one by one too. */
  struck: boolean;
}

export const bearerOf = (call: Pick<Call, 'header'>): string | undefined =>
  /^Bearer (\S+)$/i.exec(call.header('authorization') ?? '')?.[1];

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: unknown;
  html?: string;
}

/** What a call would do, separate from what is answered, so that a fault can have one without the other. */
export interface Outcome {
  answer: Answer | Promise<Answer>;
  writes?: WriteRequest[];
  effect?: (state: State) => void;
}

/** One outside system. */
export interface Surface<Caller> {
  name: SurfaceName;
  /** Who calls, or the refusal. Asynchronous because signatures are. */
  authenticate(call: Call): Promise<{ caller: Caller } | { refused: Answer }>;
  /** Synchronous, so that between reading the view and the effect no other call can come. */
  answer(call: Call, caller: Caller): Outcome;
  /** The body that this system's front door gives with such a status. */
  failure(status: number, call: Call): Answer;
  /** Headers that every answer of this system carries. */
  headers?(call: Call): Record<string, string>;
}

/** Thrown by a surface on a bad body or query; carries the whole answer. */
export class Refusal extends Error {
  constructor(readonly answer: Answer) {
    super(`refused with ${answer.status}`);
  }
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';

export interface Route {
  method: Method;
  /** Segments; those in braces are parameters. */
  path: string;
}

type Match<R extends Route> = { route: R; params: Record<string, string> } | { allowed: Method[] } | null;

/** Finds the route; `allowed` where the path exists with other methods. Literal segments win by standing first. */
export function matchRoute<R extends Route>(
  routes: readonly R[],
  method: string,
  segments: readonly string[],
  { ignoreCase = false } = {},
): Match<R> {
  const allowed: Method[] = [];
  for (const route of routes) {
    const params = paramsOf(route.path, segments, ignoreCase);
    if (params === null) continue;
    if (route.method === method) return { route, params };
    allowed.push(route.method);
  }
  return allowed.length > 0 ? { allowed } : null;
}

function paramsOf(
  path: string,
  segments: readonly string[],
  ignoreCase: boolean,
): Record<string, string> | null {
  const pattern = path.split('/').filter((segment) => segment !== '');
  if (pattern.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [at, expected] of pattern.entries()) {
    const actual = segments[at] ?? '';
    if (expected.startsWith('{')) params[expected.slice(1, -1)] = actual;
    else if (ignoreCase ? expected.toLowerCase() !== actual.toLowerCase() : expected !== actual) return null;
  }
  return params;
}
