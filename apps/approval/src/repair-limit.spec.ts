import { RepairLimit } from './repair-limit';

const startMs = Date.parse('2026-03-02T08:00:00.000Z');
let limit: RepairLimit;
beforeEach(() => (limit = new RepairLimit()));
const takes = (conversationId: string, message: number, afterMs = 0) =>
  limit.takes({ conversationId, activityId: `message-${message}` }, startMs + afterMs);
/** How many of so many copies are taken. */
const taken = (copies: number, conversationOf: (n: number) => string) =>
  Array.from({ length: copies }, (_, n) => takes(conversationOf(n), n)).filter(Boolean).length;

it('lets a copy be repaired once a minute', () => {
  expect([0, 1, 59_999, 60_000, 61_000].map((ms) => takes('channel', 1, ms))).toEqual([
    ...[true, false, false, true, false],
  ]);
});

it('lets ten copies of a channel be repaired in a minute, whatever message they stand below', () => {
  expect(taken(50, (n) => `channel;messageid=${n}`)).toBe(10);
  expect(takes('another', 1)).toBe(true);
  expect(takes('channel', 99, 60_000)).toBe(true);
});

it('remembers a thousand copies, and takes no more until it may forget some', () => {
  expect(taken(1_500, (n) => `chat-${n}`)).toBe(1_000);
  expect(takes('a chat', 1, 60_000)).toBe(true);
});

it('does not wait for a clock that was set back', () => {
  takes('channel', 1, 3_600_000);
  expect(takes('channel', 1)).toBe(true);
});
