/** For specs: the executor on a real log, against a directory that can go wrong. */
import { join } from 'node:path';
import { type Case, nextStage, type Proposal } from '@sallyport/case';
import { collected, decided, evidence, eventFor, opened, type Step, vote } from '@sallyport/case/testing';
import { CaseLog, type LoadedCase } from '@sallyport/case-log';
import { AccountReader, AccountWriter, type GraphClient, type GraphLimiter } from '@sallyport/entra';
import type { CaseEvent, Containment } from '@sallyport/evidence';
import { managerId, sampleId, subjectId } from '@sallyport/evidence/testing';
import { caseIdFor } from '@sallyport/idempotency';
import { decide, type Pack } from '@sallyport/policy';
import { NotYet, RetryableError } from '@sallyport/queue';
import { readPack, readSubject, StageRunner } from '@sallyport/stage';
import { ApprovalCheck } from '../approval-check';
import { DryRun } from '../dry-run';
import { ExecutorHandler } from '../executor.handler';
import { Steps } from '../steps';
import { TicketCheck } from '../ticket-check';
import { WatchTime } from '../watch-time';
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
  OWN_APP_IDS: [ownAppId],
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
  const stepsBy = (client: GraphClient) =>
    new Steps({
      writer: new AccountWriter(client),
      reader: new AccountReader(client),
      audit: new AccountAudit(client, [ownAppId]),
      patienceMs,
      intervalMs,
    });
  const steps = stepsBy(graph.client);
  const tickets = new TicketCheck(serviceNow.tickets, subjectField);
  const containing: { by: Containment } = { by: 'forcePasswordChange' };
  const checkBy = (inForce: Pack, logWaitMs = 0, client = graph.client) =>
    new ApprovalCheck(
      client,
      standing,
      {
        pack: inForce,
        get containment() {
          return containing.by;
        },
      },
      tickets,
      logWaitMs,
    );
  const handlerOn = (
    runner: StageRunner,
    inForce: Pack,
    dryRun = new DryRun(false, []),
    watchTime = new WatchTime(0),
  ) => new ExecutorHandler(runner, steps, checkBy(inForce), dryRun, watchTime);
  const handlerWith = (inForce: Pack) => handlerOn(stage, inForce);
  const handler = handlerWith(pack);

  /** Reads the account, decides by the real rules, and asks and answers as they demand. */
  async function decidedCase(...rest: readonly Step[]): Promise<Case> {
    return rig.newCase(...(await decidingOn(subjectId)), ...rest);
  }

  async function decidingOn(id: string): Promise<Step[]> {
    const subject = await readSubject(graph.client, standing, id, ['spec'], rig.clock);
    const sample = evidence();
    if (sample.ticket.state !== 'known') throw new Error('the sample ticket is known');
    const value = { ...sample.ticket.value, subjectId: id, verifiedChannel: true };
    const ticket = { ...sample.ticket, value };
    const found = { ...sample, ...subject, ticket, collectedAt: rig.clock().toISOString() };
    const decision = decide(found, found.collectedAt, pack, undefined, containing.by);
    return [(c) => ({ ...collected(c, found), subjectId: id }), (c) => decided(c, decision)];
  }

  /** A case about somebody else, whose account is as that of the sample. */
  async function approvedTwin(n: number): Promise<Case> {
    const [id, ticketSysId] = [sampleId(10_000 + n), n.toString(16).padStart(32, 'b')];
    graph.world.twins.add(id);
    serviceNow.subjects.set(ticketSysId, id);
    const sample = opened(`twin-${n}`);
    const first = { ...sample, ticketSysId, caseId: caseIdFor({ ...sample, ticketSysId }) };
    await rig.log.open(first, { bodyDigest: '', receivedAt: first.at });
    const asked = ['triage.written', 'approval.requested', 'notice.posted'] as const;
    const { proposal } = await rig.extend(first.caseId, ...(await decidingOn(id)), ...asked);
    if (!proposal) throw new Error('nothing was proposed');
    return rig.extend(first.caseId, ...votesFor(proposal), 'approval.decided');
  }

  return {
    ...rig,
    ...graph,
    ticket: serviceNow.ticket,
    /** What a containment does besides revoking sessions. */
    containing,
    crashingLog: log,
    check: checkBy(pack),
    checkThatWaits: (ms: number) => checkBy(pack, ms),
    handlerWith,
    handlerIn: (dryRun: DryRun) => handlerOn(stage, pack, dryRun),
    handlerThatWatches: (ms: number) => handlerOn(stage, pack, new DryRun(false, []), new WatchTime(ms)),
    /** Another process of the same service, with its own view of the log. */
    processOn: (other: CaseLog) => handlerOn(new StageRunner(other, rig.queues, rig.clock, rig.logger), pack),
    /** A process that keeps to the tenant's budget. */
    processWithin(limiter: GraphLimiter, other: CaseLog): ExecutorHandler {
      const client: GraphClient = { ...graph.client, limiter, priority: 'release' };
      const runner = new StageRunner(other, rig.queues, rig.clock, rig.logger);
      const check = checkBy(pack, 0, client);
      return new ExecutorHandler(
        ...([runner, stepsBy(client), check] as const),
        ...([new DryRun(false, []), new WatchTime(0)] as const),
      );
    },
    decidedCase,
    approvedTwin,
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
      containing.by = 'forcePasswordChange';
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
