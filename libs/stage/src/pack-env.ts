import { containments } from '@sallyport/evidence';
import { env } from '@sallyport/service';
import { z } from 'zod';

/** What every service that decides reads. */
export const packEnv = {
  /** Folder of the policy pack in force. */
  POLICY_PACK: z.string().default('policies/containment-first'),
  /** How often the folder is looked at for a changed pack, which is in force after twice as long. */
  POLICY_RELOAD_SECONDS: env.int(10, 1, 3_600),
  /** What a containment does besides revoking sessions. The same in every service that decides. */
  CONTAIN_BY: z.enum(containments).default('forcePasswordChange'),
  /** Whether a Conditional Access policy of this tenant asks users of high risk for a secure password change. */
  HIGH_RISK_FORCES_SECURE_CHANGE: z
    .stringbool({ truthy: ['true'], falsy: ['false'], error: 'must be true or false' })
    .optional(),
};
export type PackConfig = z.output<z.ZodObject<typeof packEnv>>;

/** Without such a policy a raised risk is a number in a report, and whoever has the password keeps the account. */
export const isContainmentForced = (config: Partial<PackConfig>): boolean =>
  config.CONTAIN_BY !== 'raiseRisk' || config.HIGH_RISK_FORCES_SECURE_CHANGE === true;
export const unforcedContainment = {
  path: ['HIGH_RISK_FORCES_SECURE_CHANGE'],
  error: 'must be true for CONTAIN_BY=raiseRisk: say so only where Conditional Access asks for it',
};
