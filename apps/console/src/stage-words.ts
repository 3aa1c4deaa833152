import type { Stage } from '@sallyport/evidence';

/** What people read for each stage's queue. */
export const stageWords: Readonly<Record<Stage, { name: string; does: string }>> = {
  context: { name: 'Context', does: 'Reads the ticket and collects the evidence' },
  policy: { name: 'Policy', does: 'Decides by the policy pack' },
  triage: { name: 'Triage', does: 'Writes the summary for people' },
  approval: { name: 'Approval', does: 'Asks the approvers and counts their votes' },
  executor: { name: 'Executor', does: 'Contains or releases the account' },
  audit: { name: 'Audit', does: 'Writes the ticket and closes the case' },
};
