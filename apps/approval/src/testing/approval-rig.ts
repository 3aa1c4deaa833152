/** For specs: the approval stage on a real log, with people who click. */
import type { Case } from '@sallyport/case';
import { decided, type Step } from '@sallyport/case/testing';
import { CaseLog, type LoadedCase } from '@sallyport/case-log';
import type { CaseEvent, Quorum } from '@sallyport/evidence';
import { releasePlan, ruling } from '@sallyport/evidence/testing';
import { cardId } from '@sallyport/idempotency';
import { StageRunner } from '@sallyport/stage';
import type { InvokeActivity } from '@sallyport/teams';
import { ApprovalHandler } from '../approval.handler';
import { Messenger } from '../messenger';
import { Voting } from '../voting';
import { stageRig } from '@sallyport/stage/testing';
import { teamsAndDirectory } from './teams-and-directory';

/** Dies once, before it appends an event of this type: after the work, before anybody knows of it. */
export class CrashingLog extends CaseLog {
  diesBefore: CaseEvent['type'] | null = null;

  override append(loaded: LoadedCase, event: CaseEvent): Promise<LoadedCase> {
    if (event.type !== this.diesBefore) return super.append(loaded, event);
    this.diesBefore = null;
    return Promise.reject(new Error('died'));
  }
}

export type ApprovalRig = Awaited<ReturnType<typeof approvalRig>>;

export async function approvalRig() {
  const rig = await stageRig();
  const outside = await teamsAndDirectory();
  const log = new CrashingLog(rig.db);
  const stage = new StageRunner(log, rig.queues, rig.clock, rig.logger);
  const messenger = new Messenger(
    outside.connector,
    rig.effects,
    outside.config.TEAMS_APPROVALS_CHANNEL_ID,
    rig.clock,
    rig.logger,
  );
  const handler = new ApprovalHandler(stage, messenger, outside.config);
  const voting = new Voting(stage, outside.membership, messenger, outside.config, rig.logger);
  let clicks = 0;
  return {
    ...rig,
    ...outside,
    crashingLog: log,
    voting,
    run: (c: Case) => handler.handle({ caseId: c.id, stage: 'approval', seq: c.seq }),
    click(c: Case, voterId: string, over: Partial<InvokeActivity> = {}) {
      clicks += 1;
      return voting.click({
        activityId: `click-${clicks}`,
        voterId,
        voterName: { untrusted: 'Whoever' },
        conversationId: 'conversation',
        replyToId: null,
        serviceUrl: outside.config.TEAMS_SERVICE_URL,
        verb: 'approve',
        trigger: 'manual',
        cardId: cardId(c.id, c.proposal?.digest ?? ''),
        comment: null,
        ...over,
      });
    },
    reset(): void {
      rig.restartClock();
      outside.reset();
      log.diesBefore = null;
    },
    async close(): Promise<void> {
      await outside.stop();
      await rig.close();
    },
  };
}

/** A case that waits to be asked about, for these people. */
export function asking(quorum: Quorum): Step[] {
  const rulings = {
    contain: ruling(),
    release: ruling({ effect: 'permit', quorum }),
    close: ruling(),
  };
  const steps: Step[] = [
    'evidence.collected',
    (c) => decided(c, { rulings, proposed: releasePlan() }),
    'triage.written',
  ];
  return steps;
}

/** A case that is being voted on. */
export const voting = (quorum: Quorum): Step[] => [...asking(quorum), 'approval.requested', 'notice.posted'];
