import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Controller, type INestApplication, type Provider } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { collected, opened } from '@sallyport/case/testing';
import type { Job } from '@sallyport/evidence';
import { sampleId } from '@sallyport/evidence/testing';
import { FatalError, StageHandler } from '@sallyport/queue';
import { ConfigError } from '@sallyport/service';
import type { Worker } from 'bullmq';
import { z } from 'zod';
import { PackInForce, packInForce } from './pack-in-force';
import { stageEnv } from './stage-env';
import { StageRunner } from './stage-runner';
import { startStage } from './start-stage';
import { openStage, type StageRig, until } from './test-rig';

jest.setTimeout(60_000);

/** A context stage that finds the sample evidence, or breaks. */
@Controller()
class SampleHandler {
  static broken = false;

  constructor(private readonly stage: StageRunner) {}

  @StageHandler('context')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, async (turn) => {
      if (SampleHandler.broken) throw new FatalError('sampleBroken', 'The sample is broken.');
      await turn.append({ ...collected(turn.case), at: turn.now().toISOString() });
    });
  }
}

const start = (providers: Provider[] = []) =>
  startStage({
    name: 'context',
    schema: z.object(stageEnv),
    module: () => ({ module: class SampleModule {}, controllers: [SampleHandler], providers }),
  });
const urlOf = (app: INestApplication) =>
  `http://127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
const environmentOf = ({ databaseUrl }: StageRig) => ({
  NODE_ENV: 'test',
  LOG_LEVEL: 'silent',
  PORT: '0',
  DATABASE_URL: databaseUrl,
  QUEUE_URL: '',
  SWEEP_INTERVAL_SECONDS: '1',
});

const environment = { ...process.env };
afterEach(() => {
  process.env = { ...environment };
});

describe('a stage app', () => {
  let rig: StageRig;
  let app: INestApplication;
  let url: string;
  beforeAll(async () => {
    rig = await openStage('postgres');
    Object.assign(process.env, environmentOf(rig));
    ({ app } = await start());
    url = urlOf(app);
  });
  afterEach(() => {
    SampleHandler.broken = false;
  });
  afterAll(async () => {
    await app.close();
    await rig.close();
  });

  const open = async (episode: string): Promise<Job> => {
    const event = { ...opened(episode), messageId: `msg_${episode}` };
    await rig.write([event]);
    return { caseId: event.caseId, stage: 'context', seq: 1 };
  };
  const seqOf = async ({ caseId }: Job): Promise<number> => (await rig.caseNow(caseId)).seq;

  it('is ready once log and queue are', async () => {
    const response = await fetch(`${url}/readyz`);
    expect([response.status, await response.json()]).toEqual([
      200,
      { status: 'ready', checks: ['case log', 'queue'] },
    ]);
  });

  it('works on its queue and wakes the next stage', async () => {
    const job = await open('worked');
    await rig.queues.wake(job);
    await until(async () => (await seqOf(job)) === 2);
    await until(async () => (await rig.queues.jobState({ ...job, stage: 'policy', seq: 2 })) === 'waiting');
    // The next stage is woken within the job, which is counted once it has ended.
    const completed = /sallyport_jobs_processed_total\{.*stage="context",result="completed".*\} 1/;
    await until(async () => completed.test(await (await fetch(`${url}/metrics`)).text()));
    const metrics = await (await fetch(`${url}/metrics`)).text();
    expect(metrics).toMatch(/sallyport_queue_jobs\{.*stage="context",state="waiting".*\} 0/);
    // Lets go of the subject, for the cases after it.
    await rig.tamper(`UPDATE sallyport.case_head SET active_subject = '${sampleId(99)}'`);
  });

  it('hands a case over whose job failed for good', async () => {
    SampleHandler.broken = true;
    const job = await open('broken');
    await rig.queues.wake(job);
    await until(async () => (await seqOf(job)) === 2);
    expect(await rig.caseNow(job.caseId)).toMatchObject({
      phase: 'reviewOpened',
      review: {
        stage: 'context',
        reason: 'stageFailed',
        detail: 'The context stage gave up after 1 attempts (sampleBroken). Its log has the cause.',
      },
    });
  });

  it('finds a case by itself that nobody woke it for', async () => {
    SampleHandler.broken = true;
    const job = await open('lost');
    await until(async () => (await seqOf(job)) === 2);
  });
});

it('takes no job before it has a good policy pack, and all that wait once it has', async () => {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-start-'));
  const rig = await openStage('postgres');
  Object.assign(process.env, environmentOf(rig));
  const POLICY_PACK = join(root, 'containment-first');
  const { app } = await start([packInForce({ POLICY_PACK, POLICY_RELOAD_SECONDS: 600 })]);
  try {
    const event = opened();
    await rig.write([event]);
    const job = { caseId: event.caseId, stage: 'context', seq: 1 } as const;
    await rig.queues.wake(job);
    const [stage] = app.getMicroservices();
    expect(stage?.unwrap<Worker>().isRunning()).toBe(false);
    expect(await rig.queues.jobState(job)).toBe('waiting');
    const ready = async () => (await fetch(`${urlOf(app)}/readyz`)).status;
    expect(await ready()).toBe(503);

    cpSync(join(__dirname, '../../../policies'), root, { recursive: true });
    const pack = app.get(PackInForce);
    expect([pack.look(), pack.look()]).toEqual(['settling', 'taken']);
    await until(async () => (await rig.caseNow(job.caseId)).seq === 2);
    expect(await ready()).toBe(200);
  } finally {
    await app.close();
    await rig.close();
    rmSync(root, { recursive: true });
  }
});

it('tells every mistake in its environment before it connects to anything', async () => {
  Object.assign(process.env, { DATABASE_URL: 'mysql://db', QUEUE_URL: 'http://redis', CONCURRENCY: '0' });
  const failure: unknown = await start().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ConfigError);
  expect(failure).toMatchObject({
    service: 'context',
    problems: [
      'DATABASE_URL: must be a postgres:// URL',
      'QUEUE_URL: must be a redis:// or rediss:// URL',
      expect.stringMatching(/^CONCURRENCY: /),
    ],
  });
});
