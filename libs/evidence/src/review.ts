import { z } from 'zod';

/** Why a person must look. Stable codes; the words for people are made from them. */
export const reviewReasons = [
  'policyHold',
  'policyError',
  'campaign',
  'subjectUnknown',
  'subjectChanged',
  'riskUnsettled',
  'quorumUnreachable',
  'approvalDenied',
  'approvalExpired',
  'approvalVoid',
  'actionRefused',
  'actionUnknown',
  'manualStepsRemain',
  'containmentHeld',
  'dryRun',
  'watchBlind',
  'alarmedAgain',
  'stageFailed',
] as const;
export type ReviewReason = (typeof reviewReasons)[number];
export const reviewReasonSchema = z.enum(reviewReasons);

/**
 * How a person ends a review. `retry`: Sallyport goes on. `doneByHand`: what was open was done, or left, outside.
 * `close`: nothing more is to be done.
 */
export const resolutions = ['retry', 'doneByHand', 'close'] as const;
export type Resolution = (typeof resolutions)[number];

/** Why a review is not ended by this person, or not in this way. Stable codes; the words for people are made from them. */
export const endingRefusals = [
  'notReady',
  'ended',
  'otherReview',
  'noteMissing',
  'stepsOpen',
  'otherSteps',
  'tooManyRetries',
  'nothingRead',
  'subjectBusy',
  'subject',
  'requester',
  'accountDisabled',
  'guest',
  'atRisk',
  'reportsToSubject',
  'noRole',
  'unknownPerson',
  'unverified',
] as const;
export type EndingRefusal = (typeof endingRefusals)[number];
export const endingRefusalSchema = z.enum(endingRefusals);
