import { type Fault, stableGuid } from '@sallyport/scenario';
import { jwtVerify } from 'jose';
import { randomUUID } from 'node:crypto';
import { type Answer, bearerOf, type Call, matchRoute, type Outcome, type Surface } from '../surface';
import { type World } from '../world';
import { auditLogRoutes } from './audit-logs';
import { answerBatch } from './batch';
import { wantsUnknownMembers } from './enums';
import { graphError } from './errors';
import { riskReadRoutes } from './risk-reads';
import { riskWriteRoutes } from './risk-writes';
import { roleRoutes } from './roles';
import { type GraphCaller, type GraphRoute } from './route';
import { Throttle, unitsOf } from './throttle';
import { userWriteRoutes } from './user-writes';
import { delegatedOnlyRoutes, userRoutes } from './users';

/** Microsoft Graph v1.0, as far as risky-user remediation touches it, and strict about everything else. */
export function graphSurface(world: World): Surface<GraphCaller> {
  const throttle = new Throttle(() => performance.now(), world.config.SIMULATOR_LIMITS_SPEED);
  const routes: readonly GraphRoute[] = [
    ...riskWriteRoutes(world),
    ...riskReadRoutes,
    ...userWriteRoutes,
    ...userRoutes,
    ...delegatedOnlyRoutes,
    ...roleRoutes,
    ...auditLogRoutes(world),
  ];
  const answer = (call: Call, caller: GraphCaller): Outcome => {
    const [version, ...segments] = call.segments;
    if (version !== 'v1.0') return { answer: graphError(call, 400, `Invalid version: ${version ?? ''}.`) };
    if (segments.length === 1 && segments[0] === '$batch') {
      return call.method === 'POST' ? answerBatch(call, caller, part) : { answer: methodNotAllowed(call) };
    }
    const match = matchRoute(routes, call.method, segments, { ignoreCase: true });
    if (match === null) {
      return {
        answer: graphError(call, 400, `Resource not found for the segment '${segments.at(-1) ?? ''}'.`),
      };
    }
    if ('allowed' in match) return { answer: methodNotAllowed(call) };
    const { route, params } = match;
    if (!route.permissions.some((all) => all.every((permission) => caller.permissions.has(permission)))) {
      return { answer: graphError(call, 403, 'Insufficient privileges to complete the operation.') };
    }
    const group = route.throttle ?? 'directory';
    const limited =
      world.config.SIMULATOR_LIMITS === 'real'
        ? throttle.take(group, caller.appId, unitsOf(group, route.path, call.query))
        : null;
    if (limited !== null) return { answer: tooMany(call, limited.retryAfterSeconds) };
    return route.handle({ ...call, params: lowerCaseGuids(params), caller });
  };
  /** A part of a batch is struck like a call of its own; what would break its connection is a failure of that part. */
  const part = (call: Call, caller: GraphCaller): Outcome => {
    const fault = call.struck ? null : world.faults.strike('graph', call);
    if (fault === null) return answer(call, caller);
    if (fault.kind === 'staleRead')
      call.view = world.state.asOf(new Date(call.now.getTime() - fault.secondsAgo * 1_000));
    if (fault.kind === 'staleRead' || fault.kind === 'emptyPage')
      return answer({ ...call, emptyPage: fault.kind === 'emptyPage' }, caller);
    const status = statusOf(fault);
    return { answer: graphError(call, status, 'An error occurred while processing the request.') };
  };
  return {
    name: 'graph',
    authenticate: (call) => authenticate(call, world),
    answer,
    failure: (status, call) => graphError(call, status, 'An error occurred while processing the request.'),
    headers: (call) => {
      const given = call.header('client-request-id');
      const requestId = randomUUID();
      return {
        'request-id': requestId,
        'client-request-id': given ?? requestId,
        'x-ms-ags-diagnostic': JSON.stringify({ ServerInfo: { DataCenter: 'Simulator', Slice: 'E' } }),
        ...(wantsUnknownMembers(call) ? { 'Preference-Applied': 'include-unknown-enum-members' } : {}),
      };
    },
  };
}

/** What a part of a batch answers. The token is that of the whole: a part cannot make it end. */
function statusOf({ kind, status = 503 }: Fault): number {
  if (kind === 'throttle') return 429;
  return kind === 'tokenRevoked' ? 401 : status;
}

async function authenticate(
  call: Call,
  { keys, clients, config, revokedTokens }: World,
): Promise<{ caller: GraphCaller } | { refused: Answer }> {
  const token = bearerOf(call);
  if (token === undefined) return { refused: invalidToken(call, 'Access token is empty.') };
  if (revokedTokens.has(token)) return { refused: challenge(call) };
  try {
    const { payload } = await jwtVerify(token, keys.entra.publicKey, {
      algorithms: ['RS256'],
      audience: call.origin,
      issuer: `https://sts.windows.net/${config.SIMULATOR_TENANT_ID}/`,
    });
    const appId = String(payload['appid']);
    const permissions = Array.isArray(payload['roles']) ? payload['roles'].map(String) : [];
    return {
      caller: {
        appId,
        servicePrincipalId: stableGuid('servicePrincipal', appId),
        permissions: new Set(permissions),
        directoryRoles: clients.get(appId)?.directoryRoles ?? [],
      },
    };
  } catch {
    return {
      refused: invalidToken(
        call,
        'Access token has expired or is not yet valid, or its signature is invalid.',
      ),
    };
  }
}

function invalidToken(call: Call, message: string, words = 'error="invalid_token"'): Answer {
  const answer = graphError(call, 401, message);
  return {
    ...answer,
    headers: { ...answer.headers, 'WWW-Authenticate': `Bearer realm="", ${words}` },
  };
}

/** As under continuous access evaluation. https://learn.microsoft.com/entra/identity-platform/claims-challenge */
function challenge(call: Call): Answer {
  const issuedFrom = String(Math.floor(Date.now() / 1_000));
  const claims = JSON.stringify({ access_token: { nbf: { essential: true, value: issuedFrom } } });
  const message =
    'Continuous access evaluation resulted in challenge with result: InteractionRequired and code: TokenIssuedBeforeRevocationTimestamp';
  const words = [
    'authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize"',
    'error="insufficient_claims"',
    `claims="${Buffer.from(claims).toString('base64')}"`,
  ];
  return invalidToken(call, message, words.join(', '));
}

const methodNotAllowed = (call: Call): Answer =>
  graphError(call, 405, 'Specified HTTP method is not allowed for the request target.');

function tooMany(call: Call, retryAfterSeconds: number | null): Answer {
  const answer = graphError(call, 429, 'Too many requests.');
  if (retryAfterSeconds === null) return answer;
  return { ...answer, headers: { ...answer.headers, 'Retry-After': String(retryAfterSeconds) } };
}

/** Object ids are compared without regard to case; the tenant stores them in lower case. */
function lowerCaseGuids(params: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      /^[0-9a-f-]{36}$/i.test(value) ? value.toLowerCase() : value,
    ]),
  );
}
