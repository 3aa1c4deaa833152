import { simulatedClients, type SimulatedClient } from '@sallyport/scenario';
import { z } from 'zod';

/** An Entra app registration, as `SIMULATOR_CLIENTS` and the admin API give it. */
export const clientSchema = z.strictObject({
  appId: z.guid(),
  secret: z.string().min(1),
  permissions: z.array(z.string()).default([]),
  directoryRoles: z.array(z.string()).default([]),
  /** May be negative, for a token that is expired when it arrives. */
  tokenLifetimeSeconds: z.number().int().max(86_400).default(3_599),
});
export type Client = z.infer<typeof clientSchema>;

/** The app registrations of the tenant by app id: one per service, and those given besides. */
export function clientRegistry(given: readonly Client[]): Map<string, Client> {
  const defaults = Object.values<SimulatedClient>(simulatedClients).map((client) =>
    clientSchema.parse(client),
  );
  return new Map([...defaults, ...given].map((client) => [client.appId, client]));
}
