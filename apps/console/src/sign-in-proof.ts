import { z } from 'zod';
import type { ConsoleConfig } from './config';

/** How and when somebody proved to the provider who they are, as a verified ID token tells it. */
export const signInProofSchema = z.strictObject({
  /** null where the token does not tell, which is never young enough. */
  provenAtMs: z.int().nullable(),
  /** The configured context, where the sign-in had it. Others are not kept: the session is one cookie of 4 KB. */
  context: z.string().nullable(),
});
export type SignInProof = z.infer<typeof signInProofSchema>;

/** The most seconds since 1970 that are still milliseconds without loss. */
const maxSeconds = Math.floor(Number.MAX_SAFE_INTEGER / 1_000);

const claimsSchema = z.object({
  auth_time: z.number().min(0).max(maxSeconds).optional().catch(undefined),
  acr: z.string().optional().catch(undefined),
  /** Authentication contexts of Entra's conditional access. */
  acrs: z
    .union([z.string(), z.array(z.string())])
    .optional()
    .catch(undefined),
});

/** What is missing or of an unknown shape proves nothing. */
export function signInProof(claims: unknown, { context }: StepUp): SignInProof {
  const parsed = claimsSchema.safeParse(claims);
  const { auth_time: seconds, acr, acrs = [] } = parsed.success ? parsed.data : {};
  return {
    provenAtMs: seconds === undefined ? null : Math.floor(seconds * 1_000),
    context: context !== null && [acr, acrs].flat().includes(context) ? context : null,
  };
}

/** What a sign-in must be for a vote to be taken from it. */
export interface StepUp {
  maxAgeMs: number;
  /** null: any. */
  context: string | null;
}

export function stepUpOf(config: Pick<ConsoleConfig, 'STEP_UP_MAX_AGE_MINUTES' | 'STEP_UP_CONTEXT'>): StepUp {
  return { maxAgeMs: config.STEP_UP_MAX_AGE_MINUTES * 60_000, context: config.STEP_UP_CONTEXT ?? null };
}

/** Clocks of the provider and of ours may differ by this much; a time further ahead proves nothing. */
const clockSkewMs = 60_000;

/** What a sign-in lacks for a vote; null where nothing. */
export function lacking(
  { provenAtMs, context: had }: SignInProof,
  { maxAgeMs, context }: StepUp,
  now: Date,
): 'time' | 'recent' | 'context' | null {
  if (provenAtMs === null) return 'time';
  const ageMs = now.getTime() - provenAtMs;
  if (ageMs > maxAgeMs || ageMs < -clockSkewMs) return 'recent';
  return context === null || had === context ? null : 'context';
}

/**
 * What to ask of the provider, as parameters of the authorization request. `max_age` and `acr_values` are OpenID
 * Connect Core 3.1.2.1; Entra documents `prompt=login` for a fresh sign-in, and takes its authentication contexts as
 * a claims request for `acrs`:
 * https://learn.microsoft.com/entra/identity-platform/developer-guide-conditional-access-authentication-context
 */
export function stepUpParameters({ maxAgeMs, context }: StepUp): Record<string, string> {
  const asked = { prompt: 'login', max_age: String(Math.floor(maxAgeMs / 1_000)) };
  if (context === null) return asked;
  if (!/^c\d{1,2}$/.test(context)) return { ...asked, acr_values: context };
  const claims = { id_token: { acrs: { essential: true, value: context } } };
  return { ...asked, claims: JSON.stringify(claims) };
}
