import { Arrivals } from './arrivals';

const second = { calls: 1, windowMs: 1_000 };

it('lets the first calls through, as many as Graph counts', () => {
  const arrivals = new Arrivals({ calls: 2, windowMs: 1_000 });
  expect(arrivals.waitMs(0)).toBe(0);
  arrivals.granted(0);
  expect(arrivals.waitMs(0)).toBe(0);
  arrivals.granted(0);
  expect(arrivals.waitMs(0)).toBeGreaterThan(0);
});

it('counts a call from its answer, however late that is', () => {
  const arrivals = new Arrivals(second);
  const place = arrivals.granted(0);
  expect(arrivals.waitMs(4_000)).toBe(1_000);
  arrivals.answered(place, 4_200);
  expect(arrivals.waitMs(4_500)).toBe(700);
  expect(arrivals.waitMs(5_200)).toBe(0);
});

it('counts a call that is never answered for five seconds and a window', () => {
  const arrivals = new Arrivals(second);
  arrivals.granted(0);
  expect(arrivals.waitMs(5_999)).toBe(1);
  expect(arrivals.waitMs(6_000)).toBe(0);
  const late = arrivals.granted(6_000);
  arrivals.answered(late, 60_000);
  expect(arrivals.waitMs(60_000)).toBe(0);
});

it('takes answers in any order, and waits for the first that stops to count', () => {
  const arrivals = new Arrivals({ calls: 2, windowMs: 1_000 });
  const [slow, quick] = [arrivals.granted(0), arrivals.granted(100)];
  arrivals.answered(quick, 200);
  expect(arrivals.waitMs(1_100)).toBe(100);
  expect(arrivals.waitMs(1_200)).toBe(0);
  arrivals.granted(1_200);
  arrivals.answered(slow, 1_900);
  expect(arrivals.waitMs(2_000)).toBe(900);
});

it('waits for no answer to a call that is not made', () => {
  const arrivals = new Arrivals(second);
  const place = arrivals.granted(0);
  arrivals.unused(place);
  expect(arrivals.waitMs(1)).toBe(0);
});

it('counts a call that was answered, whatever is said of its place afterwards', () => {
  const arrivals = new Arrivals(second);
  const place = arrivals.granted(0);
  arrivals.answered(place, 100);
  arrivals.unused(place);
  expect(arrivals.waitMs(200)).toBe(900);
});
