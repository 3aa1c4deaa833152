import fc from 'fast-check';
import { ConversationPace } from './conversation-pace';
import type { TeamsError } from './teams-error';

function paceAt(factor = 1) {
  let nowMs = 1_000_000;
  const sentMs: number[] = [];
  const runtime = {
    nowMs: () => nowMs,
    sleep: async (delayMs: number) => void (nowMs += delayMs),
    random: () => 0,
  };
  const pace = new ConversationPace(runtime, factor);
  return {
    pace,
    sentMs,
    pass: (ms: number) => void (nowMs += ms),
    nowMs: () => nowMs,
    send: async (conversation = '19:c@thread.tacv2') => {
      await pace.turn(conversation);
      sentMs.push(nowMs);
    },
  };
}
const mostWithin = (sentMs: readonly number[], withinMs: number) =>
  Math.max(0, ...sentMs.map((from) => sentMs.filter((at) => at >= from && at < from + withinMs).length));

it('lets the documented burst pass at once, and spreads what comes after it', async () => {
  const { send, sentMs } = paceAt();
  for (let message = 0; message < 9; message += 1) await send();
  const startMs = sentMs[0] ?? 0;
  expect(sentMs.map((at) => at - startMs)).toEqual([0, 0, 0, 0, 0, 0, 0, 1_000, 2_000]);
});

it('never breaks a limit, however messages arrive', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 2_500 }), { maxLength: 120 }), async (gaps) => {
      const { send, pass, sentMs } = paceAt();
      for (const gapMs of gaps) {
        pass(gapMs);
        await send().catch((error: TeamsError) => pass(error.retryAfterMs ?? 0));
      }
      expect(mostWithin(sentMs, 1_000)).toBeLessThanOrEqual(7);
      expect(mostWithin(sentMs, 2_000)).toBeLessThanOrEqual(8);
      expect(mostWithin(sentMs, 30_000)).toBeLessThanOrEqual(60);
    }),
    { numRuns: 50 },
  );
});

it('does not hold a worker for long: it says when to come again, and takes no place', async () => {
  const { pace, send, pass } = paceAt();
  for (let message = 0; message < 60; message += 1) {
    pass(300);
    await send().catch(() => undefined);
  }
  const refused = await pace.turn('19:c@thread.tacv2').catch((error: unknown) => error);
  expect(refused).toMatchObject({ kind: 'throttled', code: 'conversationLimit', maybeDelivered: false });
  expect(refused).toHaveProperty('retryable', true);
  pass((refused as TeamsError).retryAfterMs ?? 0);
  await expect(pace.turn('19:c@thread.tacv2')).resolves.toBeUndefined();
});

it('tells those that cannot wait to come again one after another', async () => {
  const { pace } = paceAt();
  pace.pause('c', 10_000);
  const again: (number | null)[] = [];
  for (let message = 0; message < 3; message += 1)
    again.push(
      await pace.turn('c').then(
        () => 0,
        (error: TeamsError) => error.retryAfterMs,
      ),
    );
  expect(again).toEqual([10_000, 10_500, 11_000]);
});

it('lets more through where told so', async () => {
  const { send, sentMs, nowMs } = paceAt(100);
  const startMs = nowMs();
  for (let message = 0; message < 700; message += 1) await send();
  expect(sentMs.every((at) => at === startMs)).toBe(true);
});

it('counts a reply chain with its channel, and a chat by itself', async () => {
  const { send, sentMs, nowMs } = paceAt();
  const startMs = nowMs();
  for (let message = 0; message < 7; message += 1) await send(`19:c@thread.tacv2;messageid=${message}`);
  await send('a:chat');
  expect(sentMs.every((at) => at === startMs)).toBe(true);
  await send('19:c@thread.tacv2');
  expect(sentMs.at(-1)).toBe(startMs + 1_000);
});

it('keeps quiet where Teams asked for a pause', async () => {
  const { pace, send, sentMs, nowMs } = paceAt();
  const startMs = nowMs();
  pace.pause('19:c@thread.tacv2;messageid=1', 3_000);
  await send();
  expect(sentMs).toEqual([startMs + 3_000]);
  pace.pause('19:c@thread.tacv2', 60_000);
  await expect(send()).rejects.toMatchObject({ kind: 'throttled', retryAfterMs: 60_000 });
});
