import { z } from 'zod';

/** Why a person must look. Stable codes; the words for people are made from them. */
export const reviewReasons = [
  'policyHold',
  'policyError',
  'subjectUnknown',
  'riskUnsettled',
  'quorumUnreachable',
  'approvalDenied',
  'approvalExpired',
  'approvalVoid',
  'actionRefused',
  'actionUnknown',
  'manualStepsRemain',
  'dryRun',
  'stageFailed',
] as const;
export type ReviewReason = (typeof reviewReasons)[number];
export const reviewReasonSchema = z.enum(reviewReasons);
