import { RecentRights } from './recent-rights';

const at = (seconds: number) => new Date(Date.UTC(2026, 2, 2) + seconds * 1_000);
const counting = () => {
  let asked = 0;
  return { ask: () => Promise.resolve((asked += 1)), asked: () => asked };
};

it('asks once for the pages of one person and case within some seconds, and anew after them', async () => {
  const rights = new RecentRights<number>();
  const { ask, asked } = counting();
  await Promise.all([0, 0, 1].map((seconds) => rights.of('case-1', 'ada', at(seconds), ask)));
  expect(await rights.of('case-1', 'ADA', at(14), ask)).toBe(1);
  expect(asked()).toBe(1);
  expect(await rights.of('case-2', 'ada', at(14), ask)).toBe(2);
  expect(await rights.of('case-1', 'bob', at(14), ask)).toBe(3);
  expect(await rights.of('case-1', 'ada', at(15), ask)).toBe(4);
});

it('keeps nothing after a clock was set back', async () => {
  const rights = new RecentRights<number>();
  const { ask } = counting();
  await rights.of('case-1', 'ada', at(0), ask);
  expect(await rights.of('case-1', 'ada', at(-1), ask)).toBe(2);
});

it('asks so often for one person, whatever cases they open, and for others all the same', async () => {
  const rights = new RecentRights<number>();
  const { ask, asked } = counting();
  const pages = await Promise.all(
    Array.from({ length: 100 }, (_, n) => rights.of(`case-${n}`, 'ada', at(0), ask)),
  );
  expect(pages.filter((page) => page === null)).toHaveLength(40);
  expect(asked()).toBe(60);
  expect(await rights.of('case-1', 'bob', at(0), ask)).toBe(61);
});

it('asks again for what could not be read', async () => {
  const rights = new RecentRights<number>();
  await expect(rights.of('case-1', 'ada', at(0), () => Promise.reject(new Error('gone')))).rejects.toThrow(
    'gone',
  );
  expect(await rights.of('case-1', 'ada', at(0), () => Promise.resolve(7))).toBe(7);
});

it('asks again for what is not known, and keeps what was read meanwhile', async () => {
  const rights = new RecentRights<number>();
  expect(await rights.of('case-1', 'ada', at(0), () => Promise.resolve(null))).toBeNull();
  expect(await rights.of('case-1', 'ada', at(1), () => Promise.resolve(7))).toBe(7);
  let fail: (read: null) => void = () => undefined;
  const slow = new Promise<null>((resolve) => (fail = resolve));
  const late = rights.of('case-2', 'ada', at(0), () => slow);
  expect(await rights.of('case-2', 'ada', at(20), () => Promise.resolve(8))).toBe(8);
  fail(null);
  expect(await late).toBeNull();
  expect(await rights.of('case-2', 'ada', at(21), () => Promise.resolve(9))).toBe(8);
});
