import {
  detectionTimings,
  evidenceMaxRows,
  markersOf,
  objectIdSchema,
  riskLevels,
  riskStates,
  type Detection,
  type Instant,
} from '@sallyport/evidence';
import { z } from 'zod';
import { graphInstant, graphInstantOrNull, graphText, graphTextOrNull, knownOrUnknown } from './graph-values';

const detectionRowSchema = z.object({
  id: graphText,
  userId: objectIdSchema,
  riskEventType: graphText.nullish(),
  riskLevel: knownOrUnknown(riskLevels),
  riskState: knownOrUnknown(riskStates),
  riskDetail: graphTextOrNull,
  detectionTimingType: knownOrUnknown(detectionTimings),
  activityDateTime: graphInstantOrNull,
  detectedDateTime: graphInstant,
  lastUpdatedDateTime: graphInstantOrNull,
  requestId: graphTextOrNull,
  correlationId: graphTextOrNull,
  ipAddress: graphTextOrNull,
  location: z.object({ countryOrRegion: graphTextOrNull }).nullish(),
});

/**
 * The user's detections since `since`, newest first, at most {@link evidenceMaxRows}.
 * `additionalInfo` (JSON inside a string, written by whoever signed in) is deliberately not read.
 * Graph repeats rows and changes them later; of each id the last update counts.
 *
 * @throws ZodError where one row is not a detection: a list with holes would read as safer than it is.
 */
export function detectionsFrom(rows: readonly unknown[], userId: string, since: Instant): Detection[] {
  const newest = new Map<string, z.infer<typeof detectionRowSchema>>();
  for (const row of z.array(detectionRowSchema).parse(rows)) {
    if (row.userId !== userId || row.detectedDateTime < since) continue;
    const seen = newest.get(row.id);
    if (!seen || (seen.lastUpdatedDateTime ?? '') <= (row.lastUpdatedDateTime ?? '')) newest.set(row.id, row);
  }
  return [...newest.values()]
    .map(detectionFrom)
    .sort((a, b) => descending(a.detectedAt, b.detectedAt) || descending(a.id, b.id))
    .slice(0, evidenceMaxRows);
}

function detectionFrom(row: z.infer<typeof detectionRowSchema>): Detection {
  return {
    id: row.id,
    kind: row.riskEventType ?? 'unknown',
    markers: markersOf(row.riskEventType ?? ''),
    level: row.riskLevel,
    state: row.riskState,
    detail: row.riskDetail ?? 'none',
    updatedAt: row.lastUpdatedDateTime,
    timing: row.detectionTimingType,
    activityAt: row.activityDateTime,
    detectedAt: row.detectedDateTime,
    requestId: row.requestId,
    correlationId: row.correlationId,
    ip: row.ipAddress,
    country: row.location?.countryOrRegion ?? null,
  };
}

const descending = (a: string, b: string) => (a < b ? 1 : a > b ? -1 : 0);
