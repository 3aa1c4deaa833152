import { z } from 'zod';
import { exchange } from './exchange';
import { ServiceNowError } from './service-now-error';

export interface TokenOptions {
  origin: string;
  clientId: string;
  clientSecret: string;
  timeoutMs: number;
  now: () => Date;
}

/** Renewed this long before it ends, so that no call travels with a token about to expire. */
const renewalMarginMs = 60_000;

const tokenSchema = z.object({
  access_token: z.string().min(1),
  // A number in the documentation; some instances send everything as strings.
  expires_in: z.coerce.number().int().positive(),
});

/** OAuth client credentials of one integration user. One request at a time, however many callers wait for it. */
export class AccessToken {
  private held: { token: string; renewAtMs: number } | null = null;
  private pending: Promise<string> | null = null;

  constructor(private readonly options: TokenOptions) {}

  /** @throws ServiceNowError `forbidden` for wrong credentials, else what {@link exchange} throws. */
  current(): Promise<string> {
    if (this.held && this.options.now().getTime() < this.held.renewAtMs)
      return Promise.resolve(this.held.token);
    this.pending ??= this.fetch().finally(() => (this.pending = null));
    return this.pending;
  }

  /** The instance did not accept `token`: ask for another next time. */
  discard(token: string): void {
    if (this.held?.token === token) this.held = null;
  }

  private async fetch(): Promise<string> {
    const { origin, clientId, clientSecret, timeoutMs, now } = this.options;
    const askedAtMs = now().getTime();
    const form = { grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret };
    const init = { method: 'POST', body: new URLSearchParams(form), headers: { Accept: 'application/json' } };
    const { body, status } = await exchange(new URL('/oauth_token.do', origin), init, timeoutMs);
    const parsed = tokenSchema.safeParse(body);
    if (!parsed.success) throw new ServiceNowError({ kind: 'invalidAnswer', status, code: 'tokenShape' });
    const { access_token: token, expires_in: lifetimeS } = parsed.data;
    this.held = { token, renewAtMs: askedAtMs + lifetimeS * 1_000 - renewalMarginMs };
    return token;
  }
}
