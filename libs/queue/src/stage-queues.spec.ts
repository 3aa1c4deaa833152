import type { Job } from '@sallyport/evidence';
import { Registry } from 'prom-client';
import type { QueueBackend } from './backend';
import { FatalError, NotYet, RetryableError } from './errors';
import { jobIdFor } from '@sallyport/idempotency';
import { registerQueueMetrics } from './queue-metrics';
import type { StageQueues } from './stage-queues';
import {
  backendKinds,
  closeStages,
  KeptLog,
  newJob,
  openQueues,
  openStore,
  startStage,
  type Store,
  until,
} from './test-rig';

jest.setTimeout(60_000);

describe.each(backendKinds)('the stage queues on %s', (kind) => {
  let store: Store;
  let queues: StageQueues;
  beforeAll(async () => {
    store = await openStore(kind);
    queues = openQueues(store.backend);
    await queues.ready();
  });
  afterEach(async () => {
    await closeStages();
    await store.empty();
  });
  afterAll(async () => {
    await queues.close();
    await store.close();
  });

  it('make one job of many wake-ups for the same reason', async () => {
    const job = newJob();
    await Promise.all(Array.from({ length: 20 }, () => queues.wake(job)));
    expect((await queues.counts()).policy).toEqual({ waiting: 1, delayed: 0, active: 0, failed: 0 });
    const handled: Job[] = [];
    const stage = await startStage(store.backend, (taken) => void handled.push(taken));
    await until(async () => (await queues.jobState(job)) === 'missing');
    await stage.close();
    expect(handled).toEqual([job]);
  });

  it('tell the state of a job', async () => {
    const job = newJob('audit');
    expect(await queues.jobState(job)).toBe('missing');
    await queues.wake(job);
    expect(await queues.jobState(job)).toBe('waiting');
  });

  it('refuse to carry anything beside the triple', async () => {
    const wider = { ...newJob(), userPrincipalName: 'jane@example.com' };
    await expect(queues.wake(wider)).rejects.toThrow(/userPrincipalName/);
    expect(await queues.jobState(wider)).toBe('missing');
  });

  it('hold nothing of what a handler said, whether it failed, waits or is done', async () => {
    const failed = newJob();
    const throttled = newJob();
    const waiting = newJob();
    const done = newJob();
    const stage = await startStage(store.backend, (job) => {
      if (job.caseId === waiting.caseId) throw new NotYet('riskProcessing', 60_000);
      if (job.caseId === done.caseId) return 'jane@example.com';
      const cause = new Error('jane@example.com');
      const retryAfterMs = job.caseId === throttled.caseId ? 60_000 : 0;
      throw new RetryableError('graphFailed', 'jane@example.com from 203.0.113.7', { cause, retryAfterMs });
    });
    for (const job of [failed, throttled, waiting, done]) await queues.wake(job);
    await until(async () => (await queues.jobState(failed)) === 'failed');
    await until(async () => (await queues.jobState(throttled)) === 'delayed');
    await until(async () => (await queues.jobState(waiting)) === 'delayed');
    await until(async () => (await queues.jobState(done)) === 'missing');
    const text = await store.dump();
    await stage.close();
    expect(text).toContain(jobIdFor(failed));
    expect(text).toContain('graphFailed');
    expect(text).not.toMatch(/jane|example|203\.0\.113|\.ts:\d+/);
  });

  it('list failed jobs and send them again with all their attempts', async () => {
    const job = newJob();
    await queues.wake(job);
    let broken = true;
    const attempts: number[] = [];
    const stage = await startStage(store.backend, (_job, context) => {
      attempts.push(context.attempt);
      if (broken) throw new FatalError('chainBroken', 'The chain is broken');
    });
    await until(async () => (await queues.jobState(job)) === 'failed');
    expect(await queues.failedJobs('policy', 10)).toEqual([
      { jobId: jobIdFor(job), job, code: 'chainBroken', attempts: 1, failedAt: expect.any(Date) },
    ]);

    await queues.wake(job);
    expect(await queues.jobState(job)).toBe('failed');
    broken = false;
    await queues.retry(job);
    await until(async () => (await queues.jobState(job)) === 'missing');
    await stage.close();
    expect(attempts).toEqual([1, 1]);
  });

  it('take new jobs after the store was emptied', async () => {
    const handled: Job[] = [];
    const stage = await startStage(store.backend, (taken) => void handled.push(taken));
    const [lost, next] = [newJob(), newJob()];
    await queues.wake(lost);
    await until(async () => handled.length === 1 && (await queues.jobState(lost)) === 'missing');
    await store.empty();
    await queues.wake(next);
    await queues.wake(lost);
    await until(() => handled.length === 3);
    await stage.close();
    expect(handled.slice(1)).toEqual(expect.arrayContaining([next, lost]));
  });

  it('are counted when Prometheus asks', async () => {
    const registry = new Registry();
    registerQueueMetrics(registry, queues, new KeptLog(), ['triage']);
    expect(await registry.metrics()).toContain('sallyport_queue_jobs{stage="triage",state="waiting"} 0');
    await queues.wake(newJob('triage'));
    const text = await registry.metrics();
    expect(text).toContain('sallyport_queue_jobs{stage="triage",state="waiting"} 1');
    expect(text).not.toContain('policy');
  });
});

describe.each<QueueBackend>([
  { kind: 'redis', url: 'redis://127.0.0.1:1' },
  { kind: 'postgres', url: 'postgres://nobody@127.0.0.1:1/none' },
])('the stage queues whose $kind is down', (backend) => {
  it('fail a wake-up within its bound and can be closed', async () => {
    const queues = openQueues(backend);
    const started = performance.now();
    await expect(queues.wake(newJob())).rejects.toThrow();
    await queues.close();
    // Unbounded, both would try for ever; the bound is five seconds, and the machine may be busy.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('the gauge of jobs', () => {
  it('is absent, and the scrape unharmed, while the store cannot be read', async () => {
    const registry = new Registry();
    const log = new KeptLog();
    registerQueueMetrics(registry, { counts: () => Promise.reject(new Error('down')) }, log);
    expect(await registry.metrics()).not.toMatch(/^sallyport_queue_jobs\{/m);
    expect(log.lines).toEqual(['The queue could not be counted']);
  });
});
