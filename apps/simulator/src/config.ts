import { z } from 'zod';
import { clientSchema } from './clients';

const port = z.coerce.number().int().min(0).max(65_535);
const guid = z.string().regex(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'expected a GUID');

/** The whole environment of the simulator. Unknown `SIMULATOR_*` names are mistakes and are reported like the others. */
const environmentSchema = z.strictObject({
  /** 0 takes any free port; the ready file says which. */
  SIMULATOR_PORT: port.default(0),
  /** Address to listen on. The admin API answers loopback only, whatever stands here. */
  SIMULATOR_HOST: z.string().default('127.0.0.1'),
  /** Names and addresses that the certificate is valid for, separated by commas. */
  SIMULATOR_CERTIFICATE_NAMES: z.string().default('localhost,127.0.0.1,simulator'),
  /** Folder that `ca.pem` is written to; give the file to clients as NODE_EXTRA_CA_CERTS. */
  SIMULATOR_TLS_DIR: z.string().min(1),
  SIMULATOR_TENANT_ID: guid,
  /** App id that Bot Connector tokens are made out to. */
  SIMULATOR_BOT_APP_ID: guid,
  /** Where a person's click is sent, for example https://localhost:8443/api/messages. Can be set later by the admin API. */
  SIMULATOR_BOT_ENDPOINT: z.url().optional(),
  /** `real` enforces the documented throttling of Identity Protection, the reports and the directory. */
  SIMULATOR_LIMITS: z.enum(['real', 'off']).default('off'),
  /** How many times faster than in reality the windows of those limits pass, so that a rehearsal of hours ends soon. */
  SIMULATOR_LIMITS_SPEED: z.coerce.number().int().min(1).max(100).default(1),
  /** How long Identity Protection stays `isProcessing` after a dismissal or a confirmation. */
  SIMULATOR_RISK_PROCESSING_MS: z.coerce.number().int().min(0).max(600_000).default(1_500),
  /** How long the model takes to answer in mode `slow`. */
  SIMULATOR_MODEL_SLOW_MS: z.coerce.number().int().min(0).max(600_000).default(30_000),
  /** JSON list of further Entra app registrations, see `clientSchema` in clients.ts. */
  SIMULATOR_CLIENTS: z.string().transform(parseJson).pipe(z.array(clientSchema)).default([]),
  /** `{port, pid}` is written here as JSON once the simulator listens. */
  SIMULATOR_READY_FILE: z.string().optional(),
  /** A file holding the milliseconds that the scenario's clock is ahead of the machine's. */
  SALLYPORT_CLOCK_FILE: z.string().optional(),
});
export type SimulatorConfig = z.infer<typeof environmentSchema>;

function parseJson(text: string, context: z.RefinementCtx): unknown {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'expected JSON' });
    return z.NEVER;
  }
}

/** Reads the environment. Throws one Error that names every wrong variable. */
export function readConfig(environment: NodeJS.ProcessEnv): SimulatorConfig {
  const ours = Object.entries(environment).filter(
    ([name]) => name.startsWith('SIMULATOR_') || name === 'SALLYPORT_CLOCK_FILE',
  );
  const parsed = environmentSchema.safeParse(Object.fromEntries(ours));
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(
    (issue) => `  ${issue.path.join('.') || 'environment'}: ${issue.message}`,
  );
  throw new Error(`The simulator's configuration is wrong:\n${problems.join('\n')}`);
}
