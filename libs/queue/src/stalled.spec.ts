import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Job } from '@sallyport/evidence';
import { type QueueBackend, redisPrefix } from './backend';
import { queueName } from './queue-name';
import type { StageQueues } from './stage-queues';
import { defaultDrainTimeoutMs } from './stage-transport';
import {
  backendKinds,
  closeStages,
  newJob,
  openQueues,
  openStore,
  quickStalled,
  startStage,
  type Store,
  until,
} from './test-rig';

jest.setTimeout(60_000);

/** Takes one job in a process of its own, holds it, and is killed with SIGKILL. */
async function takeAndDie(backend: QueueBackend): Promise<void> {
  const script = `
    const { Worker, createPostgresBackend } = require('bullmq');
    const { url, kind, name, timing } = JSON.parse(process.argv[1]);
    const hold = () => { process.send('taken'); return new Promise(() => undefined); };
    const connection = kind === 'redis' ? { url } : { connectionString: url };
    new Worker(name, hold, { connection, ...timing }, kind === 'redis' ? undefined : createPostgresBackend);
  `;
  // The interval too: on Redis a worker's check keeps the others from checking for as long as its own interval.
  const { lockDurationMs: lockDuration, checkIntervalMs: stalledInterval } = quickStalled;
  const timing = { prefix: redisPrefix, lockDuration, stalledInterval };
  const options = { ...backend, name: queueName('policy'), timing };
  const child = spawn(process.execPath, ['-e', script, JSON.stringify(options)], {
    cwd: __dirname,
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const dead = once(child, 'exit');
  await once(child, 'message');
  child.kill('SIGKILL');
  await dead;
}

describe.each(backendKinds)('a job whose worker is gone, on %s,', (kind) => {
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

  it('is taken over when the process was killed, without losing an attempt', async () => {
    const job = newJob();
    await queues.wake(job);
    await takeAndDie(store.backend);
    expect(await queues.jobState(job)).toBe('active');
    const attempts: number[] = [];
    const stage = await startStage(store.backend, (_job, context) => void attempts.push(context.attempt), {
      stalled: quickStalled,
    });
    await until(async () => (await queues.jobState(job)) === 'missing');
    await stage.close();
    expect(attempts).toEqual([1]);
  });

  it('is taken over when the drain ended before it did', async () => {
    const job = newJob();
    const handled: Job[] = [];
    let letGo = (): void => undefined;
    const slow = await startStage(store.backend, () => new Promise<void>((resolve) => (letGo = resolve)), {
      drainTimeoutMs: 50,
      stalled: quickStalled,
    });
    await queues.wake(job);
    await until(async () => (await queues.jobState(job)) === 'active');
    const started = performance.now();
    await slow.close();
    expect(performance.now() - started).toBeLessThan(defaultDrainTimeoutMs);
    expect(slow.log.lines).toContain('The drain ended before its jobs did; another worker takes them over');

    const next = await startStage(store.backend, (taken) => void handled.push(taken), {
      stalled: quickStalled,
    });
    await until(async () => (await queues.jobState(job)) === 'missing');
    letGo();
    await next.close();
    expect(handled).toEqual([job]);
  });

  it('is dead, with a dead letter, when it killed too many workers', async () => {
    const job = newJob();
    await queues.wake(job);
    await takeAndDie(store.backend);
    let runs = 0;
    const stage = await startStage(store.backend, () => void (runs += 1), {
      stalled: { ...quickStalled, maxStalledCount: 0 },
    });
    await until(async () => (await queues.jobState(job)) === 'failed');
    await stage.close();
    expect(runs).toBe(0);
    expect(stage.dead).toMatchObject([{ job, code: 'stalled' }]);
  });
});
