import { stableGuid } from '@sallyport/scenario';
import { SignJWT } from 'jose';
import { randomUUID } from 'node:crypto';
import { type Client } from './clients';
import { matchRoute, type Answer, type Call, type Outcome, type Surface } from './surface';
import { type World } from './world';

/**
 * The resource of a scope that a service may ask for. As in a national cloud, Graph's is its own root, here our address:
 * a token for the public cloud's Graph is of no use.
 */
function audienceOf(scope: string, { origin }: Call): string | undefined {
  const known = [origin, botConnectorAudience].includes(scope.replace(/\/\.default$/, ''));
  return known ? scope.replace(/\/\.default$/, '') : undefined;
}

const botConnectorAudience = 'https://api.botframework.com';

const routes = [
  { method: 'POST', path: '/{tenant}/oauth2/v2.0/token', kind: 'token' },
  { method: 'GET', path: '/{tenant}/v2.0/.well-known/openid-configuration', kind: 'metadata' },
  { method: 'GET', path: '/{tenant}/discovery/v2.0/keys', kind: 'keys' },
] as const;

/** Microsoft Entra for services: client credentials, and the metadata that MSAL reads first. */
export function entraLogin(world: World): Surface<null> {
  return {
    name: 'login',
    authenticate: () => Promise.resolve({ caller: null }),
    answer: (call) => {
      const match = matchRoute(routes, call.method, call.segments);
      if (match === null)
        return { answer: failure(404, 'invalid_request', 'AADSTS900144: no such endpoint.', call) };
      if ('allowed' in match) return { answer: failure(405, 'invalid_request', 'Method not allowed.', call) };
      if (match.params['tenant']?.toLowerCase() !== world.config.SIMULATOR_TENANT_ID.toLowerCase()) {
        const message = `AADSTS90002: Tenant '${match.params['tenant']}' not found.`;
        return { answer: failure(400, 'invalid_request', message, call) };
      }
      if (match.route.kind === 'keys')
        return { answer: { status: 200, body: { keys: [world.keys.entra.publicJwk] } } };
      return match.route.kind === 'metadata' ? { answer: metadata(call, world) } : token(call, world);
    },
    failure: (status, call) =>
      failure(status, 'temporarily_unavailable', 'AADSTS90033: A transient error.', call),
  };
}

function token(call: Call, world: World): Outcome {
  if (!(call.header('content-type') ?? '').includes('application/x-www-form-urlencoded')) {
    return { answer: failure(400, 'invalid_request', 'AADSTS900144: the body must be form-encoded.', call) };
  }
  const form = new URLSearchParams(call.text);
  if (form.get('grant_type') !== 'client_credentials') {
    return { answer: failure(400, 'unsupported_grant_type', 'AADSTS70003: unsupported grant_type.', call) };
  }
  const given = credentials(call, form);
  const client = world.clients.get(given.id);
  if (client === undefined) {
    return { answer: failure(400, 'unauthorized_client', 'AADSTS700016: Application was not found.', call) };
  }
  if (client.secret !== given.secret) {
    return { answer: failure(401, 'invalid_client', 'AADSTS7000215: Invalid client secret provided.', call) };
  }
  // MSAL may add the OpenID scopes; exactly one resource must remain.
  const scopes = (form.get('scope') ?? '').split(' ').filter((scope) => scope.endsWith('/.default'));
  const audience = scopes.length === 1 ? audienceOf(scopes[0] ?? '', call) : undefined;
  if (audience === undefined) {
    return {
      answer: failure(
        400,
        'invalid_scope',
        'AADSTS1002012: The provided value for scope is not valid.',
        call,
      ),
    };
  }
  return { answer: issue(client, audience, world) };
}

/**
 * Access tokens live by the machine's clock, unlike everything else here: MSAL caches them by that clock, and a
 * scenario that lets two days pass must not turn every cached token into a 401 that no real tenant would give.
 */
async function issue(client: Client, audience: string, { keys, config }: World): Promise<Answer> {
  const issuedAt = Math.floor(Date.now() / 1_000);
  const servicePrincipalId = stableGuid('servicePrincipal', client.appId);
  const accessToken = await new SignJWT({
    appid: client.appId,
    azp: client.appId,
    oid: servicePrincipalId,
    tid: config.SIMULATOR_TENANT_ID,
    idtyp: 'app',
    ver: '1.0',
    ...(audience === botConnectorAudience ? {} : { roles: client.permissions }),
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: keys.entra.kid })
    .setSubject(servicePrincipalId)
    .setIssuer(`https://sts.windows.net/${config.SIMULATOR_TENANT_ID}/`)
    .setAudience(audience)
    .setJti(randomUUID())
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt - 5)
    .setExpirationTime(issuedAt + client.tokenLifetimeSeconds)
    .sign(keys.entra.privateKey);
  return {
    status: 200,
    headers: { 'Cache-Control': 'no-store' },
    body: {
      token_type: 'Bearer',
      expires_in: Math.max(client.tokenLifetimeSeconds, 0),
      ext_expires_in: Math.max(client.tokenLifetimeSeconds, 0),
      access_token: accessToken,
    },
  };
}

function credentials(call: Call, form: URLSearchParams): { id: string; secret: string } {
  const basic = /^Basic (\S+)$/.exec(call.header('authorization') ?? '')?.[1];
  if (basic === undefined)
    return { id: form.get('client_id') ?? '', secret: form.get('client_secret') ?? '' };
  const [id = '', secret = ''] = Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  return { id, secret };
}

function metadata(call: Call, { config }: World): Answer {
  const base = `${call.origin}/${config.SIMULATOR_TENANT_ID}`;
  return {
    status: 200,
    body: {
      issuer: `${base}/v2.0`,
      authorization_endpoint: `${base}/oauth2/v2.0/authorize`,
      token_endpoint: `${base}/oauth2/v2.0/token`,
      jwks_uri: `${base}/discovery/v2.0/keys`,
      token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
      response_types_supported: ['code', 'id_token'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
  };
}

function failure(status: number, error: string, description: string, call: Call): Answer {
  return {
    status,
    body: {
      error,
      error_description: description,
      error_codes: [Number(/AADSTS(\d+)/.exec(description)?.[1] ?? 90033)],
      timestamp: call.now.toISOString(),
      trace_id: randomUUID(),
      correlation_id: call.header('client-request-id') ?? randomUUID(),
    },
  };
}
