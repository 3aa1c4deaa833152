import type { Phase } from '@sallyport/case';

/** What people read for where a case stands. */
export const phaseWords: Readonly<Record<Phase, string>> = {
  opened: 'Evidence is being read',
  collected: 'Policy is deciding',
  linked: 'Governed by another case',
  containing: 'Being contained',
  advising: 'Being summarised',
  asking: 'People are about to be asked',
  posting: 'Being posted to Teams',
  voting: 'Waiting for a decision',
  tallied: 'Decided',
  executing: 'Being carried out',
  watchOpened: 'Risk dismissed, being written to the ticket',
  watching: 'Risk dismissed, being watched',
  alarmed: 'At risk again, Teams is being told',
  alarmPosted: 'At risk again, being written to the ticket',
  stuck: 'Being handed to a person',
  settled: 'Being written to the ticket',
  recorded: 'Being closed',
  reviewOpened: 'Manual review',
  reviewPosted: 'Manual review',
  inReview: 'Manual review',
  reviewEnded: 'Review ended, Teams is being told',
  reviewEndPosted: 'Review ended, being written to the ticket',
  rechecking: 'The account is being read again',
  closed: 'Closed',
};

/** Phases in which people are asked, and those in which a person has the case. */
export const askingPhases: readonly Phase[] = ['posting', 'voting'];
export const reviewPhases: readonly Phase[] = ['stuck', 'reviewOpened', 'reviewPosted', 'inReview'];
