import { activityKeptMs } from '@sallyport/idempotency';
import type { InvokeActivity } from './activity';
import { SeenActivities } from './seen-activities';

const click = (over: Partial<InvokeActivity> = {}): InvokeActivity => ({
  activityId: 'f:1',
  voterId: '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001',
  voterName: { untrusted: 'Beth' },
  conversationId: 'c',
  replyToId: '1',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  verb: 'approve',
  trigger: 'manual',
  cardId: 'case-x.y',
  comment: null,
  ...over,
});
let nowMs = Date.UTC(2026, 10, 20);
const seenNow = () => new SeenActivities(() => new Date(nowMs));

it('lets the same click come again', () => {
  const seen = seenNow();
  expect([seen.isFirstOrSame(click()), seen.isFirstOrSame(click())]).toEqual([true, true]);
});

it.each<[string, Partial<InvokeActivity>]>([
  ['another person', { voterId: '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0002' }],
  ['another verb', { verb: 'deny' }],
  ['another card', { cardId: 'case-z.y' }],
  ['another comment', { comment: { untrusted: 'x' } }],
  ['another trigger', { trigger: 'automatic' }],
  ['another message', { replyToId: '2' }],
])('refuses an id that comes with %s', (_, over) => {
  const seen = seenNow();
  seen.isFirstOrSame(click());
  expect(seen.isFirstOrSame(click(over))).toBe(false);
  expect(seen.isFirstOrSame(click({ activityId: 'f:2', ...over }))).toBe(true);
});

it('remembers for as long as a token can be used, and has a bound', () => {
  const seen = seenNow();
  seen.isFirstOrSame(click());
  nowMs += activityKeptMs - 1;
  expect(seen.isFirstOrSame(click({ verb: 'deny' }))).toBe(false);
  nowMs += 1;
  expect(seen.isFirstOrSame(click({ verb: 'deny' }))).toBe(true);
  for (let id = 0; id < 10_000; id += 1) seen.isFirstOrSame(click({ activityId: `other:${id}` }));
  expect(seen.isFirstOrSame(click({ verb: 'approve' }))).toBe(true);
});
