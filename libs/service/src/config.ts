import { z } from 'zod';

/** Exit code for a configuration mistake: EX_CONFIG of sysexits.h. */
export const configExitCode = 78;

/** Every mistake in the environment, by variable name. */
export class ConfigError extends Error {
  constructor(
    readonly service: string,
    readonly problems: readonly string[],
  ) {
    super(
      [`${service} cannot start. Please correct its environment:`, ...problems.map((p) => `  - ${p}`)].join(
        '\n',
      ),
    );
  }
}

/**
 * Reads a service's environment once, at boot. Empty variables count as absent. Values are never echoed: a wrong
 * value may be a secret in the wrong place.
 * @throws ConfigError naming every problem at once.
 */
export function readConfig<S extends z.ZodType>(
  service: string,
  schema: S,
  env: NodeJS.ProcessEnv,
): z.output<S> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const problems = result.error.issues.map((issue) => {
    // The keys of a JSON value are part of the value; only places in a list are told.
    const [variable, ...inside] = issue.path;
    const places = inside.filter((key) => typeof key === 'number');
    const name = variable === undefined ? '(several variables)' : [variable, ...places].join('.');
    const missing = issue.path.length > 0 && !(String(issue.path[0]) in present);
    return `${name}: ${missing ? 'is required and not set' : issue.message}`;
  });
  throw new ConfigError(service, [...new Set(problems)]);
}

/** Pieces of which the services' schemas are made. */
export const env = {
  /** A TCP port; 0 lets the system choose. */
  port: (fallback: number) => z.coerce.number().int().min(0).max(65_535).default(fallback),
  url: () => z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }),
  guid: () => z.guid('must be a GUID').transform((id) => id.toLowerCase()),
  secret: () => z.string().min(8, 'must have at least 8 characters'),
  int: (fallback: number, min: number, max: number) =>
    z.coerce.number().int().min(min).max(max).default(fallback),
  /** Text that is JSON, to be piped into the schema of what it holds. */
  json: (message: string) =>
    z.string().transform((text, ctx): unknown => {
      try {
        return JSON.parse(text);
      } catch {
        ctx.addIssue({ code: 'custom', message });
        return z.NEVER;
      }
    }),
  /** `a,b,c` → ['a','b','c'] */
  list: () =>
    z.string().transform((text) =>
      text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
};

/** What every service reads. */
export const serviceEnv = {
  NODE_ENV: z.enum(['production', 'development', 'test']).default('development'),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  SALLYPORT_CLOCK_FILE: z.string().optional(),
  /** The interface to listen on. Loopback unless a container says otherwise. */
  HOST: z.string().default('127.0.0.1'),
  /** Where to write `{port, pid}` once ready; a launcher that lets the system choose ports reads it. */
  READY_FILE: z.string().optional(),
};
