import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ConsoleConfig } from './config';
import type { SignedIn } from './sessions';

/**
 * What proves that a form was served by us to this very sign-in: an HMAC over the sign-in's id and what the form is
 * for (OWASP, Cross-Site Request Forgery Prevention, "HMAC-based token"). The id is in the signed cookie, so replicas
 * need to share nothing but the secret, and any number of tabs of one sign-in work. It stands beside the check of
 * `Origin` and `Sec-Fetch-Site`, and each refuses alone.
 */
export class FormTokens {
  constructor(private readonly config: Pick<ConsoleConfig, 'SESSION_SECRET'>) {}

  /** @param purpose the address that the form is sent to */
  issue({ signInId, person }: SignedIn, purpose: string): string {
    return createHmac('sha256', this.config.SESSION_SECRET)
      .update(JSON.stringify(['form token', signInId, person.id, purpose]))
      .digest('base64url');
  }

  fits(signedIn: SignedIn, purpose: string, given: string): boolean {
    const right = Buffer.from(this.issue(signedIn, purpose));
    const offered = Buffer.from(given);
    return offered.length === right.length && timingSafeEqual(offered, right);
  }
}
