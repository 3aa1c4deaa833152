import { objectIdSchema, untrusted, type Manager } from '@sallyport/evidence';
import { z } from 'zod';
import { graphFlag } from './graph-values';

const managerRowSchema = z.object({
  id: objectIdSchema,
  displayName: z.string().nullish(),
  accountEnabled: graphFlag,
});

/** @throws ZodError for what is not a directory object. */
export function managerFrom(row: unknown): NonNullable<Manager> {
  const { id, displayName, accountEnabled } = managerRowSchema.parse(row);
  return { id, displayName: untrusted(displayName ?? ''), accountEnabled };
}
