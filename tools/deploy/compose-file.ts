import { parse } from 'yaml';
import { z } from 'zod';
import { textOf } from './repository';

const condition = z.strictObject({
  condition: z.enum(['service_healthy', 'service_completed_successfully']),
  required: z.boolean().optional(),
});

/** What we use of a Compose service; an unknown key is a spelling mistake that Compose would refuse. */
const serviceSchema = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.string(), target: z.string() }).optional(),
  profiles: z.array(z.string()).optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
  networks: z.union([z.array(z.string()), z.record(z.string(), z.unknown())]),
  depends_on: z.record(z.string(), condition).default({}),
  healthcheck: z
    .union([
      z.strictObject({ disable: z.literal(true) }),
      z.strictObject({
        test: z.array(z.string()),
        interval: z.string(),
        timeout: z.string(),
        retries: z.int(),
        start_period: z.string().optional(),
      }),
    ])
    .optional(),
  user: z.string(),
  read_only: z.boolean(),
  tmpfs: z.array(z.string()),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  pids_limit: z.int(),
  mem_limit: z.string(),
  restart: z.enum(['unless-stopped', 'no']),
  stop_grace_period: z.string().optional(),
});
export type ComposeService = z.output<typeof serviceSchema>;

const fileSchema = z
  .object({
    name: z.string(),
    services: z.record(z.string(), serviceSchema),
    networks: z.record(z.string(), z.strictObject({ internal: z.boolean().optional() })),
    volumes: z.record(z.string(), z.strictObject({})),
  })
  .catchall(z.unknown());
export type ComposeFile = z.output<typeof fileSchema>;

/** The file with its anchors and merges resolved, its variables not yet. */
export function composeFile(): ComposeFile {
  return fileSchema.parse(parse(textOf('docker-compose.yml'), { merge: true }));
}

const variable = /\$\$|\$\{([A-Z0-9_]+)(?::([-?])([^}]*))?\}/g;

/** Names of the variables that a text takes from `.env`. */
export function variablesIn(text: string): string[] {
  return [...text.matchAll(variable)].flatMap(([, name]) => (name === undefined ? [] : [name]));
}

/** Puts in the values of `.env` as Compose does. @throws Error for an empty or absent `${NAME:?why}` */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(variable, (found, name: string | undefined, kind?: string, rest = '') => {
    if (found === '$$') return '$';
    const value = env[name ?? ''] ?? '';
    if (value === '' && kind === '?') throw new Error(`${name}: ${rest}`);
    return value === '' && kind === '-' ? rest : value;
  });
}

/** A service's environment with the values of `.env` in it. */
export function environmentOf(
  service: ComposeService,
  env: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(service.environment).map(([name, text]) => [name, interpolate(text, env)]),
  );
}
