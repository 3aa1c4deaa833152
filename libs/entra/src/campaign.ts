import {
  evidenceMaxRows,
  type Campaign,
  type Detection,
  type Instant,
  type RiskEpisode,
} from '@sallyport/evidence';
import { z } from 'zod';
import { graphInstant, graphText } from './graph-values';
import { Unknowable } from './unknowable';

/** Either side of the newest detection of a kind. */
export const campaignWindowMs = 60 * 60_000;

const rowSchema = z.object({
  id: graphText,
  // A detection about nobody who is named counts as one more person.
  userId: z
    .string()
    .nullish()
    .transform((id) => id?.toLowerCase() ?? ''),
  riskEventType: graphText.nullish(),
  detectedDateTime: graphInstant,
});

/** The newest detection of a kind. */
type Newest = Pick<Detection, 'id' | 'detectedAt'>;

/** The newest detection of each kind in the episode: around these moments others may have been hit too. */
export function campaignMoments(episode: RiskEpisode, detections: readonly Detection[]): Map<string, Newest> {
  const moments = new Map<string, Newest>();
  for (const { id, kind, detectedAt } of detections) {
    if (!episode?.detectionIds.includes(id)) continue;
    const seen = moments.get(kind);
    if (seen === undefined || seen.detectedAt < detectedAt) moments.set(kind, { id, detectedAt });
  }
  return moments;
}

/** The times to ask for, oldest first, where neighbours that touch are one. */
export function campaignSpans(moments: ReadonlyMap<string, Newest>): { from: Instant; to: Instant }[] {
  const spans: { from: Instant; to: Instant }[] = [];
  for (const moment of [...moments.values()].map(({ detectedAt }) => detectedAt).sort()) {
    const from = new Date(Date.parse(moment) - campaignWindowMs).toISOString();
    // Queries are in whole seconds, cut: one more, so that the last second is asked for too.
    const to = new Date(Date.parse(moment) + campaignWindowMs + 1_000).toISOString();
    const last = spans.at(-1);
    if (last && from <= last.to) last.to = to;
    else spans.push({ from, to });
  }
  return spans;
}

/**
 * How many distinct users had each kind within an hour of its newest detection. One who has it is one user, so the
 * subject alone counts 1. A list in which the subject's own detections are not is none to count others by.
 *
 * @param rows riskDetection rows of the whole tenant that cover every window
 * @throws ZodError where one row is not a detection: a list with holes would read as fewer people; Unknowable
 */
export function campaignFrom(rows: readonly unknown[], moments: ReadonlyMap<string, Newest>): Campaign {
  const detections = z.array(rowSchema).parse(rows);
  const kinds = [...moments].map(([kind, { id, detectedAt }]) => {
    const around = Date.parse(detectedAt);
    const alike = detections
      .filter((row) => (row.riskEventType ?? 'unknown').toLowerCase() === kind.toLowerCase())
      .filter((row) => Math.abs(Date.parse(row.detectedDateTime) - around) <= campaignWindowMs);
    if (!alike.some((row) => row.id === id)) {
      throw new Unknowable('unavailable', 'the list of detections lacks those of this user');
    }
    return { kind, users: new Set(alike.map((row) => row.userId)).size };
  });
  return { kinds: kinds.sort((a, b) => (a.kind < b.kind ? -1 : 1)).slice(0, evidenceMaxRows) };
}
