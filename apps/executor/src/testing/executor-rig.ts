/** For specs: the executor on a real log, against a directory that can go wrong. */
import { join } from 'node:path';
import { type Case, nextStage, type Proposal } from '@sallyport/case';
import { collected, decided, evidence, eventFor, type Step, vote } from '@sallyport/case/testing';
import { CaseLog, type LoadedCase } from '@sallyport/case-log';
import { AccountReader, AccountWriter } from '@sallyport/entra';
import type { CaseEvent } from '@sallyport/evidence';
import { managerId, sampleId, subjectId } from '@sallyport/evidence/testing';
import { decide, type Pack } from '@sallyport/policy';
import { NotYet, RetryableError } from '@sallyport/queue';
import { readPack, readSubject, StageRunner } from '@sallyport/stage';
import { ApprovalCheck } from '../approval-check';
import { DryRun } from '../dry-run';
import { ExecutorHandler } from '../executor.handler';
import { Steps } from '../steps';
import { TicketCheck } from '../ticket-check';
import { AccountAudit } from '../account-audit';
import { graphWorld, ownAppId } from './graph-world';
import { subjectField, ticketWorld } from './ticket-world';
import { stageRig } from '@sallyport/stage/testing';

export const packAt = (name: string) => readPack(join(__dirname, '../../../../policies', name));
const pack = packAt('containment-first');
const standing = {
  BREAK_GLASS_GROUP_IDS: [sampleId(70)],
  SERVICE_ACCOUNT_GROUP_IDS: [],
  VIP_GROUP_IDS: [],
  OWN_APP_IDS: [],
  FEDERATED_DOMAINS: [],
};
export const patienceMs = 20_000;
const intervalMs = 10_000;

/** The process died here. */
export class Crash extends Error {}

/** A case log whose process dies around appends. */
export class CrashingLog extends CaseLog {
  appends = 0;
  dies: (append: number, event: CaseEvent) => 'before' | 'after' | 'no' = () => 'no';

  override async append(loaded: LoadedCase, event: CaseEvent): Promise<LoadedCase> {
    this.appends += 1;
    const dies = this.dies(this.appends, event);
    if (dies === 'before') throw new Crash(`before ${event.type}`);
    const appended = await super.append(loaded, event);
    if (dies === 'after') throw new Crash(`after ${event.type}`);
    return appended;
  }
}

export type ExecutorRig = Awaited<ReturnType<typeof executorRig>>;

export async function executorRig() {
  const rig = await stageRig();
  const graph = await graphWorld(rig.clock);
  const serviceNow = await ticketWorld();
  const log = new CrashingLog(rig.db);
  const stage = new StageRunner(log, rig.queues, rig.clock, rig.logger);
  const steps = new Steps({
    writer: new AccountWriter(graph.client),
    reader: new AccountReader(graph.client),
    audit: new AccountAudit(graph.client, [ownAppId]),
    patienceMs,
    intervalMs,
  });
  const tickets = new TicketCheck(serviceNow.tickets, subjectField);
  const checkBy = (inForce: Pack) => new ApprovalCheck(graph.client, standing, { pack: inForce }, tickets);
  const handlerOn = (runner: StageRunner, inForce: Pack, dryRun = new DryRun(false, [])) =>
    new ExecutorHandler(runner, steps, checkBy(inForce), dryRun);
  const handlerWith = (inForce: Pack) => handlerOn(stage, inForce);
  const handler = handlerWith(pack);

  /** Reads the account, decides by the real rules, and asks and answers as they demand. */
  async function decidedCase(...rest: readonly Step[]): Promise<Case> {
    const subject = await readSubject(graph.client, standing, subjectId, ['spec'], rig.clock);
    const sample = evidence();
    if (sample.ticket.state !== 'known') throw new Error('the sample ticket is known');
    const ticket = { ...sample.ticket, value: { ...sample.ticket.value, verifiedChannel: true } };
    const found = { ...sample, ...subject, ticket, collectedAt: rig.clock().toISOString() };
    const decision = decide(found, found.collectedAt, pack);
    return rig.newCase(
      (c) => collected(c, found),
      (c) => decided(c, decision),
      ...rest,
    );
  }

  return {
    ...rig,
    ...graph,
    ticket: serviceNow.ticket,
    crashingLog: log,
    check: checkBy(pack),
    handlerWith,
    handlerIn: (dryRun: DryRun) => handlerOn(stage, pack, dryRun),
    /** Another process of the same service, with its own view of the log. */
    processOn: (other: CaseLog) => handlerOn(new StageRunner(other, rig.queues, rig.clock, rig.logger), pack),
    decidedCase,
    async approvedCase(): Promise<Case> {
      const asked = await decidedCase('triage.written', 'approval.requested', 'notice.posted');
      if (!asked.proposal) throw new Error('nothing was proposed');
      return rig.extend(asked.id, ...votesFor(asked.proposal), 'approval.decided');
    },
    /** One delivery. */
    run: (c: Case, by = handler) => by.handle({ caseId: c.id, stage: 'executor', seq: c.seq }),
    /** Delivers until the case waits for somebody else, as the queue and the sweeper do. */
    async drive(c: Case, by = handler): Promise<Case> {
      for (let deliveries = 0; deliveries < 60; deliveries += 1) {
        const now = await rig.caseNow(c);
        const next = nextStage(now);
        if (next?.stage !== 'executor') return now;
        rig.pass(Math.max(0, Date.parse(next.dueAt) - rig.clock().getTime()));
        try {
          await by.handle({ caseId: c.id, stage: 'executor', seq: now.seq });
        } catch (error) {
          if (error instanceof NotYet) rig.pass(error.retryAfterMs);
          else if (!(error instanceof Crash || error instanceof RetryableError)) throw error;
        }
      }
      throw new Error('the case never leaves the executor');
    },
    reset(): void {
      rig.restartClock();
      graph.reset();
      serviceNow.resetTicket();
      log.appends = 0;
      log.dies = () => 'no';
    },
    async close(): Promise<void> {
      await graph.stop();
      await serviceNow.stopTickets();
      await rig.close();
    },
  };
}

function votesFor({ quorum }: Proposal): Step[] {
  const slots = quorum.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  return slots.map(
    (role, at) => (c) =>
      eventFor(c, 'approval.voted', {
        vote: vote({ voterId: role === 'manager' ? managerId : sampleId(10 + at), roles: [role] }),
      }),
  );
}
