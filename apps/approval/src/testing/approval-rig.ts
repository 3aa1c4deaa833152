/** For specs: the approval stage on a real log, with people who click. */
import type { Case } from '@sallyport/case';
import { decided, type Step } from '@sallyport/case/testing';
import { CaseLog, type LoadedCase, ReceivedActivities } from '@sallyport/case-log';
import type { GraphLimiter } from '@sallyport/entra';
import type { CaseEvent, Quorum } from '@sallyport/evidence';
import { releasePlan, ruling } from '@sallyport/evidence/testing';
import { cardId } from '@sallyport/idempotency';
import { ApproverGroups, roleGroups, StageRunner, Voting } from '@sallyport/stage';
import type { InvokeActivity } from '@sallyport/teams';
import { Registry } from 'prom-client';
import { ApprovalHandler } from '../approval.handler';
import { Messenger } from '../messenger';
import { GroupNotices } from '../group-notices';
import { Notices } from '../notices';
import { Results } from '../results';
import { ReviewEnds } from '../review-ends';
import { ReviewNotices } from '../review-notices';
import { Clicks } from '../clicks';
import { Copies } from '../copies';
import { stageRig } from '@sallyport/stage/testing';
import { teamsAndDirectory } from './teams-and-directory';

/** Dies or halts once, before it appends an event of a type: after the work, before anybody knows of it. */
export class CrashingLog extends CaseLog {
  diesBefore: CaseEvent['type'] | null = null;
  diesAfter: CaseEvent['type'] | null = null;
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
    if (event.type === this.diesAfter) {
      this.diesAfter = null;
      await super.append(loaded, event);
    } else if (event.type !== this.diesBefore) return super.append(loaded, event);
    this.diesBefore = null;
    return Promise.reject(new Error('died'));
  }
}

export type ApprovalRig = Awaited<ReturnType<typeof approvalRig>>;

/** @param limiterOn makes the limiter of Graph calls, given the database that counts them; absent: no limits */
export async function approvalRig(limiterOn?: (databaseUrl: string) => GraphLimiter) {
  const rig = await stageRig();
  const databaseUrl = 'url' in rig.db.options ? (rig.db.options.url ?? '') : '';
  const outside = await teamsAndDirectory(limiterOn?.(databaseUrl));
  const approvers = new ApproverGroups({
    ...{ service: 'approval', registry: new Registry(), logger: rig.logger },
    ...{ groups: roleGroups(outside.config), requirement: 'required', protectionOf: outside.protectionOf },
  });
  await approvers.check();
  const log = new CrashingLog(rig.db);
  const stage = new StageRunner(log, rig.queues, rig.clock, rig.logger);
  const messenger = new Messenger(outside.connector, rig.effects, rig.clock, rig.logger, outside.config);
  const notices = new Notices(messenger, outside.membership, outside.config, rig.logger);
  const reviews = new ReviewNotices(messenger, outside.membership, log, outside.config, rig.logger);
  const ends = new ReviewEnds(outside.connector, log, rig.effects, outside.config);
  const handler = new ApprovalHandler(stage, notices, messenger, outside.config, reviews, ends);
  const results = new Results(messenger, outside.config, rig.logger);
  const newCopies = () => new Copies(log, messenger, results, outside.config, rig.clock, rig.logger);
  /** A new process that takes clicks. */
  const newClicks = () =>
    new Clicks(
      stage,
      new Voting(stage, outside.newMembership(), approvers, roleGroups(outside.config), rig.logger),
      messenger,
      new ReceivedActivities(rig.db),
      newCopies(),
    );
  let clicked = 0;
  const clicks = newClicks();
  return {
    ...rig,
    ...outside,
    newClicks,
    approvers,
    crashingLog: log,
    clicks,
    /** A new process that keeps copies up to date. */
    copies: newCopies,
    /** A new process that tells how groups grow. */
    groupNotices: () => new GroupNotices(log, rig.effects, messenger, outside.config, rig.clock, rig.logger),
    run: (c: Case) => handler.handle({ caseId: c.id, stage: 'approval', seq: c.seq }),
    async click(c: Case, voterId: string, over: Partial<InvokeActivity> = {}, by = clicks) {
      clicked += 1;
      const { answer } = await by.click({
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
      return answer;
    },
    async reset(): Promise<void> {
      await outside.connector.settled();
      rig.restartClock();
      outside.reset();
      log.diesBefore = log.diesAfter = null;
    },
    async close(): Promise<void> {
      approvers.onApplicationShutdown();
      await outside.stop();
      await rig.close();
    },
  };
}

/** A case that waits to be asked about, for these people. */
export function asking(quorum: Quorum, proposed = releasePlan()): Step[] {
  const rulings = {
    contain: ruling(),
    release: ruling({ effect: 'permit', quorum }),
    close: ruling(),
  };
  const steps: Step[] = ['evidence.collected', (c) => decided(c, { rulings, proposed }), 'triage.written'];
  return steps;
}

/** A case that is being voted on. */
export const voting = (quorum: Quorum): Step[] => [...asking(quorum), 'approval.requested', 'notice.posted'];
