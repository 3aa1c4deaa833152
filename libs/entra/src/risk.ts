import {
  evidenceMaxRows,
  historyKindsMax,
  type Risk,
  type RiskHistoryItem,
  riskLevels,
  riskStates,
} from '@sallyport/evidence';
import { z } from 'zod';
import { graphInstant, graphInstantOrNull, graphText, graphTextOrNull, knownOrUnknown } from './graph-values';
import { Unknowable } from './unknowable';

const riskyUserRowSchema = z.object({
  riskLevel: knownOrUnknown(riskLevels),
  riskState: knownOrUnknown(riskStates),
  riskDetail: graphText.nullish(),
  riskLastUpdatedDateTime: graphInstantOrNull,
  // A missing flag is no "false": without it nothing may be decided on this row.
  isProcessing: z.boolean(),
  isDeleted: z.boolean(),
});

/** @throws ZodError for what is not a riskyUser. */
export function riskFrom(row: unknown): Risk {
  const risk = riskyUserRowSchema.parse(row);
  return {
    level: risk.riskLevel,
    state: risk.riskState,
    detail: risk.riskDetail ?? 'unknown',
    lastUpdatedAt: risk.riskLastUpdatedDateTime,
    processing: risk.isProcessing,
    deleted: risk.isDeleted,
  };
}

/** What Graph's 404 on a riskyUser means: this user has never had risk. */
export const neverAtRisk: Risk = {
  level: 'none',
  state: 'none',
  detail: 'none',
  lastUpdatedAt: null,
  processing: false,
  deleted: false,
};

const historyRowSchema = z.object({
  userId: graphTextOrNull,
  riskLevel: knownOrUnknown(riskLevels),
  riskState: knownOrUnknown(riskStates),
  riskDetail: graphText.nullish(),
  riskLastUpdatedDateTime: graphInstant,
  initiatedBy: graphTextOrNull,
  activity: z
    .object({ riskEventTypes: z.array(graphText.nullable()).max(historyKindsMax).nullish() })
    .nullish(),
});

/**
 * What became of a user's risk, newest first, at most {@link evidenceMaxRows}.
 * https://learn.microsoft.com/graph/api/resources/riskyuserhistoryitem
 *
 * @throws ZodError where one row is not of a history; Unknowable where one is about somebody else
 */
export function riskHistoryFrom(rows: readonly unknown[], userId: string): RiskHistoryItem[] {
  return z
    .array(historyRowSchema)
    .parse(rows)
    .map((row) => {
      if (row.userId !== null && row.userId.toLowerCase() !== userId)
        throw new Unknowable('invalid', 'Graph answered about somebody else');
      // A kind without a name may be any.
      const kinds = (row.activity?.riskEventTypes ?? []).map((kind) => kind ?? 'unknown');
      return {
        at: row.riskLastUpdatedDateTime,
        level: row.riskLevel,
        state: row.riskState,
        detail: row.riskDetail ?? 'unknown',
        kinds: [...new Set(kinds)].sort(),
        by: row.initiatedBy,
      };
    })
    .sort((a, b) => (a.at < b.at ? 1 : a.at > b.at ? -1 : 0))
    .slice(0, evidenceMaxRows);
}
