import { readConfig } from '@sallyport/service';
import type { z } from 'zod';
import { approvalConfig } from '../../apps/approval/src/config';
import { auditConfig } from '../../apps/audit/src/config';
import { type ServiceName, serviceNames } from '../../apps/cli/src/stack/service-env';
import { consoleConfig } from '../../apps/console/src/config';
import { contextConfig } from '../../apps/context/src/config';
import { executorConfig } from '../../apps/executor/src/config';
import { ingestConfig } from '../../apps/ingest/src/config';
import { policyConfig } from '../../apps/policy/src/config';
import { triageConfig } from '../../apps/triage/src/config';
import { imageStages } from './dockerfile';

const schemas: Record<ServiceName, z.ZodObject> = {
  ingest: ingestConfig,
  context: contextConfig,
  policy: policyConfig,
  triage: triageConfig,
  approval: approvalConfig,
  executor: executorConfig,
  audit: auditConfig,
  console: consoleConfig,
};

/** Read by Node itself, before our code runs. */
const readByNode = ['NODE_EXTRA_CA_CERTS'];

export { type ServiceName, serviceNames };

/** Variables that the service's schema, or Node, reads. */
export const knownVariables = (service: ServiceName): string[] => [
  ...Object.keys(schemas[service].shape),
  ...readByNode,
];

/**
 * Starts the service's configuration as its container would: with what the image sets and what the manifest gives.
 * @throws ConfigError naming every problem
 */
export function startConfig(service: ServiceName, given: Readonly<Record<string, string>>): unknown {
  return readConfig(service, schemas[service], { ...imageStages().get(service)?.env, ...given });
}
