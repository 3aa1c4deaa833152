import { ConversationLimits } from './conversation-limits';

it('counts each conversation by itself, replies with their channel, and frees places as time passes', () => {
  let nowMs = 0;
  const limits = new ConversationLimits(() => nowMs);
  const sent = (to: string, times: number) => Array.from({ length: times }, () => limits.take(to));
  expect(sent('19:a;messageid=1', 4)).toEqual([true, true, true, true]);
  expect(sent('19:a', 4)).toEqual([true, true, true, false]);
  expect(limits.take('19:b')).toBe(true);
  nowMs += 1_000;
  expect(sent('19:a', 2)).toEqual([true, false]);
  nowMs += 1_000;
  expect(sent('19:a', 8).filter(Boolean)).toHaveLength(7);
});

it('passes its windows faster where told so', () => {
  let nowMs = 0;
  const limits = new ConversationLimits(() => nowMs, 100);
  for (let message = 0; message < 7; message += 1) limits.take('c');
  expect(limits.take('c')).toBe(false);
  nowMs += 10;
  expect(limits.take('c')).toBe(true);
});
