import type { Phase } from './case';

/**
 * Where a case that leads a group takes nobody in any more: somebody has ended its review, or it is looked at anew and
 * may lead nothing after that.
 */
export const leadsNobodyIn: readonly Phase[] = [
  'opened',
  'settled',
  'recorded',
  'reviewEnded',
  'reviewEndPosted',
  'rechecking',
  'closed',
];
