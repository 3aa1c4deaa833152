import type { Registration } from '@sallyport/evidence';
import { z } from 'zod';
import { graphText } from './graph-values';

const registrationRowSchema = z.object({
  isMfaRegistered: z.boolean(),
  isSsprCapable: z.boolean(),
  isPasswordlessCapable: z.boolean(),
  methodsRegistered: z.array(graphText).nullish(),
});

/** @throws ZodError for what is not a userRegistrationDetails row. */
export function registrationFrom(row: unknown): Registration {
  const registration = registrationRowSchema.parse(row);
  return {
    mfaRegistered: registration.isMfaRegistered,
    selfServiceResetCapable: registration.isSsprCapable,
    passwordlessCapable: registration.isPasswordlessCapable,
    methods: (registration.methodsRegistered ?? []).slice(0, 50),
  };
}
