import { Injectable } from '@nestjs/common';
import { Readiness } from '@sallyport/service';
import { IdentityProvider } from './identity-provider';

/** Tells readiness that nobody can sign in while the identity provider cannot be found. */
@Injectable()
export class ProviderReadiness {
  constructor(provider: IdentityProvider, readiness: Readiness) {
    readiness.needs('identity provider', () => provider.ready());
  }
}
