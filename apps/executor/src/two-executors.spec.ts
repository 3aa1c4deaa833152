/**
 * Two processes of the executor, and one database. One loads the case and is then paused wherever it can be paused;
 * the other carries the plan out meanwhile. When the first wakes up it still believes that the case is its own.
 */
import { CaseLog, type LoadedCase } from '@sallyport/case-log';
import type { CaseEvent, CaseEventType } from '@sallyport/evidence';
import { callWindowMs } from './steps';
import { executorRig, type ExecutorRig } from './testing/executor-rig';

let rig: ExecutorRig;
beforeAll(async () => {
  rig = await executorRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());
afterEach(() => jest.restoreAllMocks());

/** The log of a process that is stopped the first time it appends such an event, until it is woken. */
class PausedLog extends CaseLog {
  wake: () => void = () => undefined;
  readonly paused: Promise<void>;
  private stop: () => void = () => undefined;
  private left = 1;

  constructor(
    private readonly at: CaseEventType,
    private readonly side: 'before' | 'after',
  ) {
    super(rig.db);
    this.paused = new Promise((resolve) => (this.stop = resolve));
  }

  override async append(loaded: LoadedCase, event: CaseEvent): Promise<LoadedCase> {
    if (this.side === 'before') await this.sleep(event);
    const appended = await super.append(loaded, event);
    if (this.side === 'after') await this.sleep(event);
    return appended;
  }

  private async sleep(event: CaseEvent): Promise<void> {
    if (event.type !== this.at || this.left === 0) return;
    this.left = 0;
    const woken = new Promise<void>((resolve) => (this.wake = resolve));
    this.stop();
    await woken;
  }
}

it.each<[side: 'before' | 'after', CaseEventType, writes: number, phase: string]>([
  ['before', 'action.started', 1, 'settled'],
  // Its intent stands: the other reads back in vain, and whoever wakes up late does not call any more.
  ['after', 'action.started', 0, 'reviewOpened'],
  ['before', 'action.answered', 1, 'settled'],
  ['after', 'action.answered', 1, 'settled'],
  ['before', 'action.finished', 1, 'settled'],
  ['after', 'action.finished', 1, 'settled'],
  ['before', 'execution.completed', 1, 'settled'],
])('one that is paused %s %s makes %i write(s) together with the other', async (side, at, writes, phase) => {
  let sleptMs = 0;
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + sleptMs);
  const c = await rig.approvedCase();
  const log = new PausedLog(at, side);
  const late = rig.run(c, rig.processOn(log)).catch((error: unknown) => error);
  await log.paused;

  const ended = await rig.drive(c);
  expect(ended.phase).toBe(phase);
  sleptMs = callWindowMs + 1;
  log.wake();
  await late;

  expect(await rig.caseNow(c)).toEqual(ended);
  expect(rig.world.writes.map(({ step }) => step)).toEqual(Array<string>(writes).fill('dismissRisk'));
});
