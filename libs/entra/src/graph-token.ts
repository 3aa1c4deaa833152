import type { TokenCredential } from '@azure/identity';
import { EntraError } from './entra-error';

/**
 * The credential takes no token from its cache for a request with claims. This one asks for a claim that every token
 * has. OpenID Connect Core 1.0, section 5.5.1; `acquireToken` of msal-node 5.6.0.
 */
const anotherToken = '{"access_token":{"nbf":{"essential":true}}}';

/** Also above the longest wait of a read for the budget, so that one read does not ask twice. */
const renewalEveryMs = 10 * 60_000;

/**
 * The access token of one client. Deliberately not asked for with `enableCae`: Graph would take such a token back within
 * minutes, but it lives for a day, and so would a permission that an administrator has taken from us.
 * https://learn.microsoft.com/entra/identity/conditional-access/concept-continuous-access-evaluation-workload
 */
export class GraphToken {
  private renewal: { atMs: number; token: Promise<string> } | null = null;
  /** What the last renewal gave; null before, and once Graph has taken it. */
  private untried: string | null = null;

  constructor(
    private readonly credential: TokenCredential,
    private readonly scope: string,
  ) {}

  /**
   * From the credential's cache, or a new one where that has ended.
   *
   * @throws EntraError; apart from the request, so that "no token" is known to mean "nothing was sent"
   */
  async current(abortSignal: AbortSignal, claims?: string): Promise<string> {
    try {
      const given = this.credential.getToken(this.scope, { abortSignal, ...(claims && { claims }) });
      const token = await within(abortSignal, given);
      if (token?.token) return token.token;
    } catch (cause) {
      // AuthenticationError of @azure/identity carries the status of the login service: 400 and 401 are a wrong or
      // expired secret, which no waiting cures.
      const status =
        cause instanceof Error && 'statusCode' in cause && typeof cause.statusCode === 'number'
          ? cause.statusCode
          : null;
      const refused = status === 400 || status === 401 || status === 403;
      const facts = refused
        ? ({ kind: 'forbidden', code: 'tokenRefused' } as const)
        : ({ kind: 'unavailable', code: 'tokenUnavailable' } as const);
      throw new EntraError({ ...facts, status, sent: false, cause });
    }
    throw new EntraError({ kind: 'unavailable', code: 'tokenUnavailable', status: null, sent: false });
  }

  /**
   * Asks for another token, once for all whose token was refused within a while: where a new one is refused as well, it
   * is not the token. One that Graph took in between is a token like any other.
   *
   * @param refused what Graph answered 401 to
   * @param challenge its `WWW-Authenticate`
   * @returns whether the same call may succeed later
   */
  async renewed(refused: string, challenge: string | null, abortSignal: AbortSignal): Promise<boolean> {
    let renewal: GraphToken['renewal'] = null;
    try {
      if ((await this.current(abortSignal)) !== refused) return true;
      const nowMs = performance.now();
      if (this.renewal === null || nowMs - this.renewal.atMs > renewalEveryMs) {
        const token = this.current(abortSignal, claimsOf(challenge) ?? anotherToken);
        this.renewal = { atMs: nowMs, token };
      }
      renewal = this.renewal;
      this.untried = await within(abortSignal, renewal.token);
      return this.untried !== refused;
    } catch (error) {
      // A refusal of the login service stands as long as a token does. What hung or was not reached is asked for anew.
      const mayPass = !(error instanceof EntraError) || error.retryable;
      if (mayPass && this.renewal === renewal) this.renewal = null;
      return mayPass;
    }
  }

  /** Graph took this token: should it refuse it later, another one is asked for again. */
  taken(token: string): void {
    if (token === this.untried) this.untried = this.renewal = null;
  }
}

/**
 * What is asked for, or a rejection once the signal ends: the credential waits on, whatever the signal says
 * (`getTokenByClientSecret` of @azure/identity 4.13.1), and so does what others have asked for.
 */
async function within<T>(signal: AbortSignal, asked: Promise<T>): Promise<T> {
  let end = (): void => undefined;
  const ended = new Promise<never>((_, reject) => (end = () => reject(signal.reason)));
  if (signal.aborted) end();
  signal.addEventListener('abort', end);
  try {
    return await Promise.race([asked, ended]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}

/**
 * Whether a 401 is about the token. The gateway answers with this code, or a challenge, before any service sees the call; a
 * service behind it has codes of its own, and nobody says that those come before its work.
 */
export function isOfToken(code: string, challenge: string | null): boolean {
  return code === 'InvalidAuthenticationToken' || claimsOf(challenge) !== null;
}

/**
 * What the next token must carry: JSON, in base64. Where it is not, none was given.
 * https://learn.microsoft.com/entra/identity-platform/claims-challenge
 */
function claimsOf(challenge: string | null): string | null {
  const encoded = /\bclaims="([\w+/=-]{1,4000})"/.exec(challenge ?? '')?.[1];
  if (encoded === undefined) return null;
  const claims = Buffer.from(encoded, 'base64').toString('utf8');
  try {
    JSON.parse(claims);
    return claims;
  } catch {
    return null;
  }
}
