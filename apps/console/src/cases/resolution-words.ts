import type { Resolution } from '@sallyport/evidence';

/** What people read for how a review ended. */
export const resolutionWords: Readonly<Record<Resolution, string>> = {
  retry: 'tried again',
  doneByHand: 'done by hand',
  close: 'closed',
};
