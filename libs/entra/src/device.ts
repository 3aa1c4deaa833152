import { evidenceMaxRows, objectIdSchema, untrusted, type Device } from '@sallyport/evidence';
import { z } from 'zod';
import { graphFlag, graphInstantOrNull, graphTextOrNull, graphWord } from './graph-values';

export const deviceFields =
  'id,deviceId,displayName,operatingSystem,trustType,isCompliant,isManaged,registrationDateTime';

const deviceRowSchema = z.object({
  id: objectIdSchema,
  deviceId: graphTextOrNull,
  displayName: z.string().nullish(),
  operatingSystem: graphWord,
  trustType: graphWord,
  isCompliant: graphFlag,
  isManaged: graphFlag,
  registrationDateTime: graphInstantOrNull,
});

/** @throws ZodError where one row is not a device. */
export function devicesFrom(rows: readonly unknown[]): Device[] {
  const byId = new Map(
    z
      .array(deviceRowSchema)
      .parse(rows)
      .map((row) => [row.id, row]),
  );
  return [...byId.values()]
    .map((row) => ({
      id: row.id,
      deviceId: row.deviceId,
      name: untrusted(row.displayName ?? ''),
      operatingSystem: row.operatingSystem,
      trustType: row.trustType,
      compliant: row.isCompliant,
      managed: row.isManaged,
      registeredAt: row.registrationDateTime,
    }))
    .sort((a, b) => ((a.registeredAt ?? '') < (b.registeredAt ?? '') ? 1 : -1))
    .slice(0, evidenceMaxRows);
}
