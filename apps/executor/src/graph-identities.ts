import type { GraphClient } from '@sallyport/entra';
import { graphClientFrom } from '@sallyport/stage';
import type { ExecutorConfig } from './config';

export interface GraphIdentities {
  containment: GraphClient;
  /** The same client where one app registration does both. */
  release: GraphClient;
  ownAppIds: readonly string[];
}

/**
 * As whom accounts are changed: who loosens may be another app registration than who tightens. Identity Protection
 * counts the calls of the whole tenant, so both wait at one limiter, where containment goes first.
 */
export function graphIdentities(config: ExecutorConfig): GraphIdentities {
  const containment = graphClientFrom(config, { priority: 'release' });
  const { RELEASE_ENTRA_CLIENT_ID: id, RELEASE_ENTRA_CLIENT_SECRET: secret } = config;
  if (!id || !secret) return { containment, release: containment, ownAppIds: [config.ENTRA_CLIENT_ID] };
  const loosening = { ...config, ENTRA_CLIENT_ID: id, ENTRA_CLIENT_SECRET: secret };
  const release = graphClientFrom(loosening, { priority: 'release', limiter: containment.limiter });
  return { containment, release, ownAppIds: [config.ENTRA_CLIENT_ID, id] };
}
