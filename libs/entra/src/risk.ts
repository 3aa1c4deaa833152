import { riskLevels, riskStates, type Risk } from '@sallyport/evidence';
import { z } from 'zod';
import { graphInstantOrNull, graphText, knownOrUnknown } from './graph-values';

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
