import { type EventEmitter, once } from 'node:events';
import {
  Catch,
  type ExecutionContext,
  Injectable,
  type PipeTransform,
  UseFilters,
  UseGuards,
  UseInterceptors,
  UsePipes,
  Controller,
} from '@nestjs/common';
import { EventPattern, MessagePattern, Payload } from '@nestjs/microservices';
import type { Job } from '@sallyport/evidence';
import type { Worker } from 'bullmq';
import { EMPTY, of, Subject, take, tap, throwError } from 'rxjs';
import { FatalError, NotYet, RetryableError } from './errors';
import { queueName } from './queue-name';
import { StageHandler } from './stage-handler';
import type { StageQueues } from './stage-queues';
import {
  backendKinds,
  closeStages,
  controllerFor,
  newJob,
  openQueues,
  openStore,
  startStage,
  type Store,
  until,
} from './test-rig';

jest.setTimeout(60_000);

describe.each(backendKinds)('the stage transport on %s', (kind) => {
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

  const gone = (job: Job) => async (): Promise<boolean> => (await queues.jobState(job)) === 'missing';
  const failed = (job: Job) => async (): Promise<boolean> => (await queues.jobState(job)) === 'failed';

  it('tries again with growing waits and then writes one dead letter', async () => {
    const job = newJob();
    const times: number[] = [];
    const stage = await startStage(
      store.backend,
      () => {
        times.push(performance.now());
        throw new RetryableError('graphFailed', 'Graph said 503');
      },
      { retry: { attempts: 3, firstDelayMs: 200, maxDelayMs: 10_000 } },
    );
    await queues.wake(job);
    await until(failed(job));
    const metrics = await stage.registry.metrics();
    await stage.close();

    expect(times).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = times;
    expect(second - first).toBeGreaterThanOrEqual(99);
    expect(third - second).toBeGreaterThanOrEqual(199);
    expect(stage.dead).toEqual([{ job, code: 'graphFailed', message: 'Graph said 503', attempts: 3 }]);
    expect(metrics).toContain('sallyport_jobs_processed_total{stage="policy",result="retried"} 2');
    expect(metrics).toContain('sallyport_jobs_processed_total{stage="policy",result="dead"} 1');
  });

  it('waits as long as the failure asks', async () => {
    const job = newJob();
    const times: number[] = [];
    const stage = await startStage(store.backend, () => {
      times.push(performance.now());
      if (times.length === 1) throw new RetryableError('graphThrottled', '429', { retryAfterMs: 500 });
    });
    await queues.wake(job);
    await until(gone(job));
    await stage.close();
    expect((times[1] ?? 0) - (times[0] ?? 0)).toBeGreaterThanOrEqual(499);
  });

  it('does not try a fatal error again', async () => {
    const job = newJob();
    let runs = 0;
    const stage = await startStage(store.backend, () => {
      runs += 1;
      throw new FatalError('chainBroken', 'The chain is broken');
    });
    await queues.wake(job);
    await until(failed(job));
    await stage.close();
    expect(runs).toBe(1);
    expect(stage.dead).toEqual([{ job, code: 'chainBroken', message: 'The chain is broken', attempts: 1 }]);
  });

  it('does not count patience as an attempt', async () => {
    const job = newJob();
    const attempts: number[] = [];
    const stage = await startStage(store.backend, (_job, context) => {
      attempts.push(context.attempt);
      if (attempts.length <= 5) throw new NotYet('riskProcessing', 50);
      if (attempts.length === 6) throw new RetryableError('graphFailed', '503');
      if (attempts.length === 7) throw new NotYet('riskProcessing', 50);
    });
    await queues.wake(job);
    await until(gone(job));
    await stage.close();
    expect(attempts).toEqual([1, 1, 1, 1, 1, 1, 2, 2]);
    expect(stage.dead).toEqual([]);
  });

  it('leaves a job failed when its review cannot be opened', async () => {
    const job = newJob();
    const stage = await startStage(
      store.backend,
      () => {
        throw new FatalError('chainBroken', 'The chain is broken');
      },
      { onDead: () => Promise.reject(new Error('database down')) },
    );
    await queues.wake(job);
    await until(failed(job));
    await stage.close();
    expect(stage.log.lines).toContain('The job is dead and its review could not be opened');
  });

  it('refuses what is no job before the handler sees it', async () => {
    let runs = 0;
    const stage = await startStage(store.backend, () => void (runs += 1));
    const queue = queues.queue('policy');
    await queue.add(
      'policy',
      { caseId: 'jane@example.com', stage: 'policy', seq: 1 },
      { jobId: 'bad-1', attempts: 5 },
    );
    await queue.add('policy', newJob('audit'), { jobId: 'bad-2', attempts: 5 });
    await until(async () => (await queues.counts()).policy.failed === 2);
    const found = await queues.failedJobs('policy', 10);
    await stage.close();
    expect(runs).toBe(0);
    expect(found.map(({ code, attempts }) => [code, attempts])).toEqual([
      ['invalidJob', 1],
      ['invalidJob', 1],
    ]);
    expect(stage.dead).toEqual([]);
  });

  it('lets running jobs end before it closes, and takes no others', async () => {
    const [running, waiting] = [newJob(), newJob()];
    const ended: string[] = [];
    const work = new Subject<void>();
    const stage = await startStage(
      store.backend,
      (job) =>
        work.pipe(
          take(1),
          tap(() => void ended.push(job.caseId)),
        ),
      { concurrency: 1 },
    );
    await queues.wake(running);
    await until(() => work.observed);
    await queues.wake(waiting);
    const closing = once(stage.transport.unwrap<EventEmitter>(), 'closing');
    const closed = stage.close();
    await closing;
    work.next();
    await closed;
    expect(ended).toEqual([running.caseId]);
    expect(await queues.jobState(running)).toBe('missing');
    expect(await queues.jobState(waiting)).toBe('waiting');
  });

  it('takes no job before the stage has what it needs', async () => {
    const job = newJob();
    const taken: Job[] = [];
    let begin = () => {};
    const first = new Promise<void>((resolve) => void (begin = resolve));
    const stage = await startStage(store.backend, (one) => void taken.push(one), { first });
    const worker = stage.transport.unwrap<Worker>();
    await queues.wake(job);
    expect([worker.isRunning(), await queues.jobState(job), taken]).toEqual([false, 'waiting', []]);
    begin();
    await until(gone(job));
    expect(taken).toEqual([job]);
  });

  it('takes none either where it was closed before', async () => {
    const job = newJob();
    const taken: Job[] = [];
    let begin = () => {};
    const first = new Promise<void>((resolve) => void (begin = resolve));
    const stage = await startStage(store.backend, (one) => void taken.push(one), { first });
    await queues.wake(job);
    await stage.close();
    begin();
    await first;
    expect([stage.transport.unwrap<Worker>().isRunning(), await queues.jobState(job), taken]).toEqual([
      ...[false, 'waiting'],
      [],
    ]);
    expect(stage.log.lines).toEqual([]);
  });

  it('works through pipes, guards, interceptors and filters', async () => {
    const seen: string[] = [];
    @Injectable()
    class SeenPipe implements PipeTransform {
      transform(value: unknown): unknown {
        seen.push('pipe');
        return value;
      }
    }
    @Catch(RangeError)
    class RangeFilter {
      catch(): unknown {
        seen.push('filter');
        return throwError(() => new FatalError('outOfRange', 'Filtered'));
      }
    }
    @Controller()
    class FullController {
      @UseFilters(new RangeFilter())
      @UseGuards({ canActivate: (context: ExecutionContext) => seen.push(`guard ${context.getType()}`) > 0 })
      @UseInterceptors({
        intercept: (_context, next) => next.handle().pipe(tap(() => void seen.push('interceptor'))),
      })
      @UsePipes(new SeenPipe())
      @StageHandler('policy')
      handle(@Payload() job: Job): unknown {
        if (job.seq === 2) throw new RangeError('too far');
        return of(1, 2);
      }
    }
    const stage = await startStage(store.backend, () => undefined, { controllers: [FullController] });
    const [good, bad] = [newJob(), { ...newJob(), seq: 2 }];
    await queues.wake(good);
    await until(gone(good));
    expect(seen).toEqual(['guard rpc', 'pipe', 'interceptor', 'interceptor']);
    await queues.wake(bad);
    await until(failed(bad));
    await stage.close();
    expect(stage.dead).toEqual([{ job: bad, code: 'outOfRange', message: 'Filtered', attempts: 1 }]);
  });

  it('takes an observable that ends empty for success', async () => {
    const job = newJob();
    const stage = await startStage(store.backend, () => EMPTY);
    await queues.wake(job);
    await until(gone(job));
    await stage.close();
    expect(stage.dead).toEqual([]);
  });

  it('tells the dead letter what an unforeseen error said, and the store only that it was one', async () => {
    const job = newJob();
    const stage = await startStage(store.backend, () => {
      throw new TypeError('jane was not expected');
    });
    await queues.wake(job);
    await until(failed(job));
    await stage.close();
    expect(stage.dead).toEqual([{ job, code: 'unexpected', message: 'jane was not expected', attempts: 3 }]);
    expect(await store.dump()).not.toContain('jane');
  });

  it("knows a fatal error that came through Nest's own exception handler", async () => {
    @Controller()
    class PlainController {
      @MessagePattern('policy')
      handle(_job: Job): never {
        throw new FatalError('chainBroken', 'The chain is broken');
      }
    }
    const job = newJob();
    const stage = await startStage(store.backend, () => undefined, { controllers: [PlainController] });
    await queues.wake(job);
    await until(failed(job));
    await stage.close();
    expect(stage.dead).toEqual([{ job, code: 'chainBroken', message: 'The chain is broken', attempts: 1 }]);
  });

  describe('refuses to start', () => {
    class NoHandler {}
    class EventHandlers {
      @EventPattern('policy')
      handle(_job: Job): void {}
    }
    class UnknownPattern {
      @MessagePattern('polcy')
      handle(_job: Job): void {}
    }
    Controller()(NoHandler);
    Controller()(EventHandlers);
    Controller()(UnknownPattern);
    const good = controllerFor('policy', () => undefined);

    it.each([
      ['without a handler', [NoHandler], /"policy" has no handler/],
      [
        'with a second handler',
        [good, controllerFor('policy', () => undefined)],
        /"policy" has a second handler/,
      ],
      [
        'with a handler of another stage',
        [good, controllerFor('audit', () => undefined)],
        /"audit" is not the stage/,
      ],
      [
        'with an unknown pattern',
        [UnknownPattern],
        /"polcy" is not the stage of this app; "policy" has no handler/,
      ],
      ['with an event handler', [EventHandlers], /"policy" is an event handler/],
    ])('%s', async (_title, controllers, message) => {
      await expect(startStage(store.backend, () => undefined, { controllers })).rejects.toThrow(message);
    });
  });

  it('listens on the queue of its stage alone', async () => {
    const other = newJob('audit');
    const stage = await startStage(store.backend, () => undefined);
    await queues.wake(other);
    const mine = newJob();
    await queues.wake(mine);
    await until(gone(mine));
    await stage.close();
    expect(await queues.jobState(other)).toBe('waiting');
    expect(queues.queue('audit').name).toBe(queueName('audit'));
  });
});
