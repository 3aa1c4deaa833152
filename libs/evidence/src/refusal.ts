import { z } from 'zod';

/** Why a vote is not taken. Stable codes; the words for people are made from them. */
export const refusalCodes = [
  'notReady',
  'decided',
  'expired',
  'staleProposal',
  'subject',
  'requester',
  'accountDisabled',
  'guest',
  'atRisk',
  'reportsToSubject',
  'noRole',
  'slotsFull',
  'tooManyClicks',
  'unknownPerson',
  'unverified',
] as const;
export type Refusal = (typeof refusalCodes)[number];
export const refusalSchema = z.enum(refusalCodes);
