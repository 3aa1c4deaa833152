import { Rounds } from './rounds';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

const pauseMs = 1_000;

it('comes again after a pause, also where a round fails', async () => {
  const failures: unknown[] = [];
  let rounds = 0;
  const it = new Rounds(
    pauseMs,
    () => (++rounds === 1 ? Promise.reject(new Error('first')) : Promise.resolve()),
    (error) => failures.push(error),
  );
  it.begin();
  expect(rounds).toBe(0);
  await jest.advanceTimersByTimeAsync(3 * pauseMs);
  expect(rounds).toBe(3);
  expect(failures).toEqual([new Error('first')]);
  await it.end();
});

it('never runs twice at once, and ends after the round that runs', async () => {
  let rounds = 0;
  let finish = (): void => undefined;
  const it = new Rounds(
    pauseMs,
    () => {
      rounds += 1;
      return new Promise((resolve) => (finish = resolve));
    },
    () => undefined,
  );
  it.begin();
  await jest.advanceTimersByTimeAsync(10 * pauseMs);
  expect(rounds).toBe(1);
  let hasEnded = false;
  const ending = it.end().then(() => (hasEnded = true));
  await jest.advanceTimersByTimeAsync(pauseMs);
  expect([it.isEnding, hasEnded]).toEqual([true, false]);
  finish();
  await ending;
  await jest.advanceTimersByTimeAsync(10 * pauseMs);
  expect(rounds).toBe(1);
});
