/** For specs: the approval stage on a real log, with people who click. */
import type { Case } from '@sallyport/case';
import { decided, type Step } from '@sallyport/case/testing';
import { CaseLog, type LoadedCase } from '@sallyport/case-log';
import type { CaseEvent, Quorum } from '@sallyport/evidence';
import { releasePlan, ruling } from '@sallyport/evidence/testing';
import { cardId } from '@sallyport/idempotency';
import { roleGroups, StageRunner, Voting } from '@sallyport/stage';
import type { InvokeActivity } from '@sallyport/teams';
import { ApprovalHandler } from '../approval.handler';
import { Messenger } from '../messenger';
import { Notices } from '../notices';
import { Clicks } from '../clicks';
import { Copies } from '../copies';
import { stageRig } from '@sallyport/stage/testing';
import { teamsAndDirectory } from './teams-and-directory';

/** Dies or halts once, before it appends an event of a type: after the work, before anybody knows of it. */
export class CrashingLog extends CaseLog {
  diesBefore: CaseEvent['type'] | null = null;
  private halt: { type: CaseEvent['type']; reached: (goOn: () => void) => void } | null = null;

  /** @returns once the append is about to happen, what lets it happen */
  holdNext(type: CaseEvent['type']): Promise<() => void> {
    return new Promise((reached) => (this.halt = { type, reached }));
  }

  override async append(loaded: LoadedCase, event: CaseEvent): Promise<LoadedCase> {
    const { halt } = this;
    if (event.type === halt?.type) {
      this.halt = null;
      await new Promise<void>((goOn) => halt.reached(goOn));
    }
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
  const messenger = new Messenger(outside.connector, rig.effects, rig.clock, rig.logger, outside.config);
  const notices = new Notices(messenger, outside.membership, outside.config, rig.logger);
  const handler = new ApprovalHandler(stage, notices, messenger, outside.config);
  const voting = new Voting(stage, outside.membership, roleGroups(outside.config), rig.logger);
  const clicks = new Clicks(stage, voting, messenger);
  let clicked = 0;
  return {
    ...rig,
    ...outside,
    crashingLog: log,
    clicks,
    /** A new process that keeps copies up to date. */
    copies: () => new Copies(log, rig.effects, messenger, outside.config, rig.clock, rig.logger),
    run: (c: Case) => handler.handle({ caseId: c.id, stage: 'approval', seq: c.seq }),
    click(c: Case, voterId: string, over: Partial<InvokeActivity> = {}) {
      clicked += 1;
      return clicks.click({
        activityId: `click-${clicked}`,
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
    async reset(): Promise<void> {
      await outside.connector.settled();
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
