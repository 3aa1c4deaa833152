import { z } from 'zod';

/** A file of the pack's own folder or of one folder beside it; a pack never reads elsewhere. */
const filePath = z
  .string()
  .max(200)
  .regex(
    /^(\.\.\/[\w-]+\/)?[\w-]+\.(cedar|cedarschema)$/,
    'a file in the pack folder or in a folder beside it, e.g. ../shared/hold.cedar',
  );

/** `pack.yaml`. The rules that two packs share stand once, and each pack lists what it is made of. */
export const packManifestSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  schema: filePath,
  rules: z.array(filePath).min(1).max(50),
});
export type PackManifest = z.infer<typeof packManifestSchema>;
