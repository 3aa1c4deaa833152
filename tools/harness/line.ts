/**
 * The whole line in one process: every app wired as it wires itself, with the environment of a rehearsal, on a log, a
 * queue and an outside in memory. What is replaced is what lies outside of us (Postgres, the queue's store, the login
 * service, HTTP) and the tenant's budget, which a tenant without limits does not have.
 */
import { ClientSecretCredential } from '@azure/identity';
import { type DynamicModule, type Type } from '@nestjs/common';
import { Test, type TestingModule } from '@nestjs/testing';
import { CaseLog, EffectLedger } from '@sallyport/case-log';
import { GraphLimiter, MembershipReader, systemRuntime as entraRuntime } from '@sallyport/entra';
import { type Job, type Stage, stepKinds } from '@sallyport/evidence';
import { loadProvenPack, type Pack } from '@sallyport/policy';
import { type StageContext, StageQueues } from '@sallyport/queue';
import { clockToken, createLogger, loggerToken, Readiness, registryToken } from '@sallyport/service';
import {
  ApproverGroups,
  DeadLetters,
  PackInForce,
  readPackSource,
  ReviewEndings,
  roleGroupsToken,
  StageRunner,
  Sweeper,
  sweeperOptionsToken,
  Voting,
} from '@sallyport/stage';
import { Registry } from 'prom-client';
import { DataSource } from 'typeorm';
import { ApprovalHandler } from '../../apps/approval/src/approval.handler';
import { ApprovalModule } from '../../apps/approval/src/approval.module';
import { approvalConfig } from '../../apps/approval/src/config';
import { AuditHandler } from '../../apps/audit/src/audit.handler';
import { AuditModule } from '../../apps/audit/src/audit.module';
import { auditConfig } from '../../apps/audit/src/config';
import { type ServiceName, serviceEnv, serviceNames } from '../../apps/cli/src/stack/service-env';
import { contextConfig } from '../../apps/context/src/config';
import { ContextHandler } from '../../apps/context/src/context.handler';
import { ContextModule } from '../../apps/context/src/context.module';
import { executorConfig } from '../../apps/executor/src/config';
import { ExecutorHandler } from '../../apps/executor/src/executor.handler';
import { ExecutorModule } from '../../apps/executor/src/executor.module';
import { policyConfig } from '../../apps/policy/src/config';
import { PolicyHandler } from '../../apps/policy/src/policy.handler';
import { PolicyModule } from '../../apps/policy/src/policy.module';
import { triageConfig } from '../../apps/triage/src/config';
import { TriageHandler } from '../../apps/triage/src/triage.handler';
import { TriageModule } from '../../apps/triage/src/triage.module';
import { systemRuntime as teamsRuntime } from '../../libs/teams/src/runtime';
import type { Fate } from './life';
import { MemoryEffects, MemoryLog, type MemoryStore } from './memory-log';
import { MemoryQueue } from './memory-queue';
import { type Outside, ourTicketUser } from './outside';

/** What the line stands on at the moment. */
export interface Ground {
  fate: Fate;
  store: MemoryStore;
  queue: MemoryQueue;
  outside: Outside;
  clock: { nowMs: number };
  /** Somebody has put other rules into force. */
  otherRules: boolean;
  /** What several processes begin at the same moment meets: none is done before all have begun. */
  atOnce: boolean;
}

interface App {
  handle(job: Job, delivery: StageContext): Promise<void>;
  sweeper: Sweeper;
  deadLetters: DeadLetters;
}

export interface Line {
  log: MemoryLog;
  apps: Record<Stage, App>;
  voting: () => Voting;
  /** New each time: how often somebody tried is counted by wall time, which does not pass here. */
  endings: () => ReviewEndings;
}

/** How a story's tenant is set up: as ever, or with the rules that release low risk unasked, and risk that is raised. */
export type Setting = 'usual' | 'other';
export type Lines = Readonly<Record<Setting, Line>>;

const settings: Readonly<Record<Setting, { policyPack: string; env: Record<string, string> }>> = {
  usual: { policyPack: 'policies/containment-first', env: {} },
  other: {
    policyPack: 'policies/auto-low-risk',
    env: {
      CONTAIN_BY: 'raiseRisk',
      HIGH_RISK_FORCES_SECURE_CHANGE: 'true',
      EXECUTOR_STEPS: stepKinds.join(','),
    },
  },
};

/** No address of it is ever connected to; `fetch` is ours. */
const addresses = {
  databaseUrl: 'postgres://nobody:none@127.0.0.1:1/none',
  queueUrl: undefined,
  simulatorUrl: 'https://localhost:1',
  caFile: '/none',
  clockFile: '/none',
  ports: Object.fromEntries(serviceNames.map((name) => [name, 1])) as Record<ServiceName, number>,
};

/** @param ground what the line stands on now; a play changes it before it begins */
export async function openLines(ground: () => Ground): Promise<Lines> {
  replaceTheOutside(ground);
  const other = loadProvenPack(readPackSource(settings.other.policyPack));
  return {
    usual: await openLine(ground, settings.usual, other),
    other: await openLine(ground, settings.other, other),
  };
}

function replaceTheOutside(ground: () => Ground): void {
  globalThis.fetch = (...asked) => ground().outside.fetch(...asked);
  // Assigned, not spied on: a spy would keep every one of the hundred thousands of calls.
  ClientSecretCredential.prototype.getToken = async () => ({
    token: 'harness',
    expiresOnTimestamp: Date.UTC(2100, 0, 1),
  });
  GraphLimiter.prototype.acquire = () => Promise.resolve(null);
  GraphLimiter.prototype.throttled = () => Promise.resolve();
  // Nothing here takes time, so nothing can take too long. Each caller's own: those that die would leave listeners on it.
  AbortSignal.timeout = () => new AbortController().signal;
  // A process that stands still finds out by this clock how long it did.
  performance.now = () => ground().clock.nowMs;
  // Pauses within a stage pass at once: the clock of a play moves where a stage waits for its next delivery.
  entraRuntime.sleep = async () => {
    for (let turn = 0; ground().atOnce && turn < meetTurns; turn += 1) await nextTurn();
  };
  teamsRuntime.sleep = () => Promise.resolve();
  teamsRuntime.nowMs = () => ground().clock.nowMs;
}

/** In so many turns of the event loop every process has come to where it waits for others. */
const meetTurns = 200;
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

async function openLine(
  ground: () => Ground,
  { policyPack, env: own }: (typeof settings)[Setting],
  other: Pack,
): Promise<Line> {
  const log = new MemoryLog(ground);
  const effects = new MemoryEffects(ground);
  const queues = new MemoryQueue(ground);
  const logger = createLogger('harness', 'silent');
  const clock = () => new Date(ground().clock.nowMs);

  const stage = (name: Stage): DynamicModule => {
    const providers = [
      { provide: clockToken, useValue: clock },
      { provide: loggerToken, useValue: logger },
      { provide: registryToken, useValue: new Registry() },
      Readiness,
      { provide: CaseLog, useValue: log },
      { provide: EffectLedger, useValue: effects },
      // Never connected: clicks of Teams come in over HTTP, which is not part of the line.
      { provide: DataSource, useValue: new DataSource({ type: 'postgres' }) },
      { provide: StageQueues, useValue: queues },
      { provide: sweeperOptionsToken, useValue: { stage: name, intervalMs: 60_000 } },
      StageRunner,
      DeadLetters,
      Sweeper,
    ];
    const exported = providers.map((provider) => ('provide' in provider ? provider.provide : provider));
    return { module: class Standing {}, global: true, providers, exports: exported };
  };
  const wired = (name: Stage, app: DynamicModule): Promise<TestingModule> =>
    Test.createTestingModule({ imports: [stage(name), app] }).compile();
  const appOf = (module: TestingModule, handler: Type<Pick<App, 'handle'>>): App => {
    const handling = module.get(handler, { strict: false });
    return {
      handle: (job, delivery) => handling.handle(job, delivery),
      sweeper: module.get(Sweeper, { strict: false }),
      deadLetters: module.get(DeadLetters, { strict: false }),
    };
  };
  const env = (name: ServiceName) => ({
    ...serviceEnv(name, { ...addresses, policyPack }),
    DISMISSALS_PER_CALL: '60',
    // A watch that can see nothing is given up after many looks; each is like the others.
    WATCH_INTERVAL_SECONDS: '60',
    ...own,
  });
  // The check of the approver groups belongs to the boot, which is no part of a play.
  const approverGroups = { APPROVER_GROUPS_PROTECTED: 'warn' };
  const approval = await wired(
    'approval',
    ApprovalModule.with(approvalConfig.parse({ ...env('approval'), ...approverGroups })),
  );
  const entry = [
    approval.get(StageRunner, { strict: false }),
    approval.get(MembershipReader, { strict: false }),
    approval.get(ApproverGroups, { strict: false }),
  ] as const;
  const executor = executorConfig.parse(env('executor'));
  const audit = auditConfig.parse({ ...env('audit'), SERVICENOW_USER_NAME: ourTicketUser });
  const deciding = {
    policy: await wired('policy', PolicyModule.with(policyConfig.parse(env('policy')))),
    executor: await wired('executor', ExecutorModule.with(executor)),
  };
  for (const module of Object.values(deciding)) {
    const inForce = module.get(PackInForce, { strict: false });
    const { pack } = inForce;
    Object.defineProperty(inForce, 'pack', { get: () => (ground().otherRules ? other : pack) });
  }
  return {
    log,
    voting: () => new Voting(...entry, approval.get(roleGroupsToken, { strict: false }), logger),
    // As the console makes it, which has the same roles and readers.
    endings: () =>
      new ReviewEndings(...entry, approval.get(roleGroupsToken, { strict: false }), ['secops'], logger),
    apps: {
      context: appOf(
        await wired('context', ContextModule.with(contextConfig.parse(env('context')))),
        ContextHandler,
      ),
      policy: appOf(deciding.policy, PolicyHandler),
      triage: appOf(
        await wired('triage', TriageModule.with(triageConfig.parse(env('triage')))),
        TriageHandler,
      ),
      approval: appOf(approval, ApprovalHandler),
      executor: appOf(deciding.executor, ExecutorHandler),
      audit: appOf(await wired('audit', AuditModule.with(audit)), AuditHandler),
    },
  };
}
