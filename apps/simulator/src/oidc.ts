import { simulatedClients, type TenantUser } from '@sallyport/scenario';
import { type Request, type Response, Router } from 'express';
import { SignJWT } from 'jose';
import { createHash, randomBytes } from 'node:crypto';
import { type World } from './world';

/** A code is for one exchange within a minute; a browser needs less. */
const codeLifetimeMs = 60_000;
const idTokenLifetimeSeconds = 3_600;
/** People listed on the sign-in page. */
const maxPeopleListed = 200;

interface PendingCode {
  userId: string;
  redirectUri: string;
  codeChallenge: string;
  nonce: string | undefined;
  authTime: number;
  expiresAtMs: number;
}

/**
 * OpenID Connect for the console: authorization code with PKCE. Nobody types a password: one picks whom to be.
 * `login_hint=<key, id or user principal name>` skips the page, for tests.
 */
export function oidcProvider(world: World): Router {
  const codes = new Map<string, PendingCode>();
  const router = Router();
  const issuer = (request: Request) => `https://${request.get('host')}/oidc`;

  router.get('/.well-known/openid-configuration', (request, response) => {
    response.json({
      issuer: issuer(request),
      authorization_endpoint: `${issuer(request)}/authorize`,
      token_endpoint: `${issuer(request)}/token`,
      jwks_uri: `${issuer(request)}/keys`,
      end_session_endpoint: `${issuer(request)}/logout`,
      response_types_supported: ['code'],
      response_modes_supported: ['query'],
      grant_types_supported: ['authorization_code'],
      code_challenge_methods_supported: ['S256'],
      subject_types_supported: ['pairwise'],
      id_token_signing_alg_values_supported: ['RS256'],
      token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post'],
      scopes_supported: ['openid', 'profile', 'email'],
    });
  });

  router.get('/keys', (_request, response) => {
    response.json({ keys: [world.keys.entra.publicJwk] });
  });

  router.get('/logout', (_request, response) => {
    response.type('text/html').send(page('Signed out', '<p>You are signed out of the simulated tenant.</p>'));
  });

  router.get('/authorize', (request, response) => {
    const query = new URLSearchParams(request.url.split('?')[1]);
    const problem = authorizeProblem(query);
    if (problem !== null)
      return void response.status(400).type('text/html').send(page('Cannot sign in', problem));
    const people = peopleOf(world);
    const hint = query.get('login_hint');
    if (hint === null) return void response.type('text/html').send(signInPage(people, query));
    const user = people.find(({ key, id, userPrincipalName }) => [key, id, userPrincipalName].includes(hint));
    if (user === undefined) {
      return void response
        .status(400)
        .type('text/html')
        .send(page('Cannot sign in', 'Nobody has that name.'));
    }
    const code = randomBytes(24).toString('base64url');
    const now = world.clock.now();
    codes.set(code, {
      userId: user.id,
      redirectUri: query.get('redirect_uri') ?? '',
      codeChallenge: query.get('code_challenge') ?? '',
      nonce: query.get('nonce') ?? undefined,
      authTime: Math.floor(now.getTime() / 1_000),
      expiresAtMs: now.getTime() + codeLifetimeMs,
    });
    const target = new URL(query.get('redirect_uri') ?? '');
    target.searchParams.set('code', code);
    const state = query.get('state');
    if (state !== null) target.searchParams.set('state', state);
    response.redirect(302, target.href);
  });

  router.post('/token', async (request, response) => {
    const form = new URLSearchParams(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
    if (!isConsole(request, form)) return fail(response, 401, 'invalid_client');
    const code = form.get('code') ?? '';
    const pending = codes.get(code);
    codes.delete(code);
    const now = world.clock.now();
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (
      pending === undefined ||
      pending.expiresAtMs < now.getTime() ||
      pending.redirectUri !== form.get('redirect_uri') ||
      pending.codeChallenge !== challenge
    ) {
      return fail(response, 400, 'invalid_grant');
    }
    const user = world.state.users.current.get(pending.userId);
    if (user === undefined) return fail(response, 400, 'invalid_grant');
    const idToken = await signIdToken(world, issuer(request), user, pending);
    response.set('Cache-Control', 'no-store').json({
      token_type: 'Bearer',
      expires_in: idTokenLifetimeSeconds,
      access_token: randomBytes(24).toString('base64url'),
      id_token: idToken,
      scope: 'openid profile',
    });
  });

  return router;
}

function signIdToken(world: World, issuer: string, user: TenantUser, pending: PendingCode): Promise<string> {
  const issuedAt = Math.floor(world.clock.now().getTime() / 1_000);
  return new SignJWT({
    oid: user.id,
    tid: world.config.SIMULATOR_TENANT_ID,
    name: user.displayName,
    preferred_username: user.userPrincipalName,
    roles: user.consoleRoles,
    auth_time: pending.authTime,
    ...(pending.nonce === undefined ? {} : { nonce: pending.nonce }),
  })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', kid: world.keys.entra.kid })
    .setIssuer(issuer)
    .setAudience(simulatedClients.console.appId)
    .setSubject(createHash('sha256').update(`sub:${user.id}`).digest('base64url'))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + idTokenLifetimeSeconds)
    .sign(world.keys.entra.privateKey);
}

function authorizeProblem(query: URLSearchParams): string | null {
  if (query.get('client_id') !== simulatedClients.console.appId) return 'Unknown client_id.';
  if (query.get('response_type') !== 'code') return 'Only response_type=code is supported.';
  if (query.get('code_challenge_method') !== 'S256' || !query.get('code_challenge'))
    return 'PKCE (S256) is required.';
  if (!URL.canParse(query.get('redirect_uri') ?? '')) return 'redirect_uri is not a URL.';
  return null;
}

/** client_secret_basic or client_secret_post, as RFC 6749 section 2.3.1 writes them. */
function isConsole(request: Request, form: URLSearchParams): boolean {
  const basic = /^Basic (\S+)$/.exec(request.get('authorization') ?? '')?.[1];
  const [id, secret] = basic
    ? Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent)
    : [form.get('client_id'), form.get('client_secret')];
  return id === simulatedClients.console.appId && secret === simulatedClients.console.secret;
}

const fail = (response: Response, status: number, error: string): void =>
  void response.status(status).json({ error });

/** People who hold a console role first: they are the ones one wants to be. */
const peopleOf = (world: World): TenantUser[] =>
  [...world.state.users.current.values()]
    .filter(({ deleted, accountEnabled }) => !deleted && accountEnabled)
    .sort(
      (a, b) => b.consoleRoles.length - a.consoleRoles.length || a.displayName.localeCompare(b.displayName),
    );

function signInPage(people: readonly TenantUser[], query: URLSearchParams): string {
  const items = people.slice(0, maxPeopleListed).map((user) => {
    const link = new URLSearchParams(query);
    link.set('login_hint', user.id);
    const roles = user.consoleRoles.join(', ') || 'no role in the console';
    return `<li><a href="authorize?${escape(link.toString())}">${escape(user.displayName)}</a> <small>${escape(user.userPrincipalName)}, ${roles}</small></li>`;
  });
  return page('Sign in as', `<ul>${items.join('')}</ul>`);
}

const page = (title: string, body: string): string =>
  `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>${escape(title)}</title>` +
  `<style>body{font:16px system-ui;margin:3rem auto;max-width:40rem}li{margin:.5rem 0}small{color:#666}</style>` +
  `</head><body><h1>${escape(title)}</h1>${body}</body></html>`;

/** Display names come from scenarios, some of which are hostile on purpose. */
function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
