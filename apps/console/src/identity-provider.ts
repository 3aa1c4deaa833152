import type { Logger } from '@sallyport/service';
import { setTimeout as sleep } from 'node:timers/promises';
import * as oidc from 'openid-client';
import type { ConsoleConfig } from './config';
import type { PendingSignIn } from './sessions';

/** Somebody waits before an empty page meanwhile. */
const callTimeoutSeconds = 3;
const discoveryAttempts = 3;
const discoveryPauseMs = 250;

/** The provider cannot be reached or is not the one configured. Trying again later may help. */
export class ProviderUnavailable extends Error {}

/** What came back from the provider does not prove who it is. Only a new sign-in helps. */
export class SignInRefused extends Error {
  constructor(readonly code: string) {
    super(`the sign-in was refused: ${code}`);
  }
}

/**
 * The OpenID Connect provider: authorization code flow with PKCE, state and nonce. It is looked for when first needed,
 * so that the console boots while it is down.
 */
export class IdentityProvider {
  private found: Promise<oidc.Configuration> | undefined;
  readonly redirectUri: string;

  constructor(
    private readonly config: Pick<
      ConsoleConfig,
      'NODE_ENV' | 'OIDC_ISSUER' | 'OIDC_CLIENT_ID' | 'OIDC_CLIENT_SECRET' | 'PUBLIC_URL'
    >,
    private readonly logger: Logger,
  ) {
    this.redirectUri = new URL('/callback', config.PUBLIC_URL).href;
  }

  /**
   * Resolves once the provider's metadata is known; asks for it at most three times, together for all who wait.
   * @throws ProviderUnavailable
   */
  async ready(): Promise<void> {
    await this.configuration();
  }

  /**
   * Where to send the browser, and what to remember until it is back.
   * @param more parameters of the authorization request, for example what makes the provider ask anew who it is
   * @throws ProviderUnavailable
   */
  async leave(
    more: Readonly<Record<string, string>>,
  ): Promise<{ url: URL; secrets: Pick<PendingSignIn, 'state' | 'nonce' | 'codeVerifier'> }> {
    const configuration = await this.configuration();
    const secrets = {
      state: oidc.randomState(),
      nonce: oidc.randomNonce(),
      codeVerifier: oidc.randomPKCECodeVerifier(),
    };
    const url = oidc.buildAuthorizationUrl(configuration, {
      ...more,
      redirect_uri: this.redirectUri,
      scope: 'openid profile',
      state: secrets.state,
      nonce: secrets.nonce,
      code_challenge: await oidc.calculatePKCECodeChallenge(secrets.codeVerifier),
      code_challenge_method: 'S256',
    });
    return { url, secrets };
  }

  /**
   * Exchanges the code for an ID token and verifies it: signature, issuer, audience, lifetime, nonce.
   * @param query what the provider sent along with the browser
   * @returns the claims of the ID token
   * @throws SignInRefused, ProviderUnavailable
   */
  async comeBack(query: string, secrets: PendingSignIn): Promise<unknown> {
    const configuration = await this.configuration();
    const url = new URL(this.redirectUri);
    url.search = query;
    try {
      const tokens = await oidc.authorizationCodeGrant(configuration, url, {
        expectedState: secrets.state,
        expectedNonce: secrets.nonce,
        pkceCodeVerifier: secrets.codeVerifier,
        idTokenExpected: true,
      });
      return tokens.claims();
    } catch (error) {
      const code = codeOf(error);
      // Messages of the library can quote claims, that is people; its codes cannot.
      this.logger.warn({ code }, 'a sign-in failed');
      if (code === 'unreachable') throw new ProviderUnavailable(code);
      throw new SignInRefused(code);
    }
  }

  private configuration(): Promise<oidc.Configuration> {
    this.found ??= this.discover().catch((error: unknown) => {
      this.found = undefined;
      throw error;
    });
    return this.found;
  }

  private async discover(): Promise<oidc.Configuration> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.discoverOnce();
      } catch (error) {
        if (attempt < discoveryAttempts) {
          await sleep(discoveryPauseMs * attempt);
          continue;
        }
        const code = codeOf(error);
        this.logger.warn({ code }, 'the identity provider could not be discovered');
        throw new ProviderUnavailable(code);
      }
    }
  }

  private async discoverOnce(): Promise<oidc.Configuration> {
    const { NODE_ENV, OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET } = this.config;
    const configuration = await oidc.discovery(OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET, undefined, {
      timeout: callTimeoutSeconds,
      // By default an ID token fresh from the token endpoint is taken without a look at its signature.
      execute: [
        oidc.enableNonRepudiationChecks,
        ...(NODE_ENV === 'test' && OIDC_ISSUER.protocol === 'http:' ? [oidc.allowInsecureRequests] : []),
      ],
    });
    // The library accepts Entra's issuer template for "any tenant"; here it must be the one that is configured.
    if (new URL(configuration.serverMetadata().issuer).href !== OIDC_ISSUER.href) {
      throw new ProviderUnavailable('the discovered issuer is not OIDC_ISSUER');
    }
    return configuration;
  }
}

/** A word for logs: an OAuth error code, or the library's. */
function codeOf(error: unknown): string {
  if (error instanceof ProviderUnavailable) return error.message;
  if (error instanceof oidc.AuthorizationResponseError || error instanceof oidc.ResponseBodyError) {
    return /^[\w.-]{1,64}$/.test(error.error) ? error.error : 'unknown error';
  }
  if (!(error instanceof Error)) return 'unknown error';
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  // `fetch` throws a bare TypeError for what failed on the wire.
  return code === 'OAUTH_TIMEOUT' || code === 'TypeError' ? 'unreachable' : code;
}
