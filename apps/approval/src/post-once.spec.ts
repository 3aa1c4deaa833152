import { EffectLedger } from '@sallyport/case-log';
import type { MessageRef } from '@sallyport/evidence';
import { sampleInstant } from '@sallyport/evidence/testing';
import { FatalError, NotYet, RetryableError } from '@sallyport/queue';
import { TeamsError } from '@sallyport/teams';
import { postOnce } from './post-once';
import { approvalRig, type ApprovalRig } from './testing/approval-rig';

let rig: ApprovalRig;
let effects: EffectLedger;
let caseId: string;
let sent: number[];
let nowMs: number;
beforeAll(async () => {
  rig = await approvalRig();
  effects = rig.effects;
}, 60_000);
afterAll(() => rig.close());
beforeEach(async () => {
  sent = [];
  nowMs = Date.parse(sampleInstant(1));
  caseId = (await rig.newCase()).id;
});

type Ending = 'arrives' | 'dies' | (() => Promise<MessageRef>) | ConstructorParameters<typeof TeamsError>[0];
const lost: Ending = { kind: 'unavailable', status: 504, code: 'http504', maybeDelivered: true };
const throttled: Ending = { kind: 'throttled', status: 429, code: 'http429', retryAfterMs: 7_000 };
const gone: Ending = { kind: 'gone', status: 403, code: 'http403' };

const refOf = (copy: number): MessageRef => ({
  serviceUrl: 'https://t/',
  conversationId: 'c',
  activityId: `m${copy}`,
});

/** One run of the stage; the message is sent with this ending, if it is sent. */
const run = (ending: Ending = 'arrives', purpose = 'teams-proposal-channel') =>
  postOnce(effects, () => new Date(nowMs).toISOString(), {
    caseId,
    purpose,
    seq: 5,
    send: async (copy) => {
      sent.push(copy);
      if (typeof ending === 'function') return ending();
      if (ending === 'dies') throw new Error('the process died');
      if (ending !== 'arrives') throw new TeamsError(ending);
      return refOf(copy);
    },
  }).catch((error: unknown) => error);

it('never posts again what is known to be delivered', async () => {
  expect(await run()).toEqual([refOf(1)]);
  expect(await run()).toEqual([refOf(1)]);
  expect(sent).toEqual([1]);
});

it.each<[string, Ending]>([
  ['throttled', throttled],
  ['turned away with 412', { kind: 'unavailable', status: 412, code: 'http412' }],
  ['not reached at all', { kind: 'unavailable', status: null, code: 'connection', maybeDelivered: false }],
])('tries again, as the first copy, what was %s: it is certainly not there', async (_, ending) => {
  for (let attempt = 0; attempt < 5; attempt += 1) expect(await run(ending)).toBeInstanceOf(RetryableError);
  expect(await run()).toEqual([refOf(1)]);
  expect(await run()).toEqual([refOf(1)]);
  expect(sent).toEqual([1, 1, 1, 1, 1, 1]);
});

it('waits as long as Teams asks', async () => {
  expect(await run(throttled)).toMatchObject({ retryAfterMs: 7_000 });
});

it('costs no attempt to wait for its turn in a conversation', async () => {
  const waits = { kind: 'throttled', status: null, code: 'conversationLimit', retryAfterMs: 9_000 } as const;
  const waiting = await run(waits);
  expect(waiting).toBeInstanceOf(NotYet);
  expect(waiting).toMatchObject({ retryAfterMs: 9_000 });
  expect(await run()).toEqual([refOf(1)]);
});

it('gives up at once where Teams refuses for good', async () => {
  expect(await run(gone)).toBeInstanceOf(FatalError);
});

it.each<[string, Ending]>([
  ['whose answer was lost', lost],
  ['in the middle of which the process died', 'dies'],
])('does not repeat a post %s, but sends a copy that is marked as one', async (_, ending) => {
  await run(ending);
  nowMs += 30_000;
  expect(await run()).toEqual([refOf(2)]);
  expect(await run()).toEqual([refOf(2)]);
  expect(sent).toEqual([1, 2]);
});

it('never sends more than three copies, with growing pauses, and then asks for a person', async () => {
  expect(await run(lost)).toMatchObject({ name: 'RetryableError', retryAfterMs: 10_000 });
  expect(await run(lost)).toMatchObject({ name: 'RetryableError', retryAfterMs: 45_000 });
  expect(await run(lost)).toBeInstanceOf(RetryableError);
  for (let attempt = 0; attempt < 5; attempt += 1) {
    expect(await run()).toMatchObject({ name: 'FatalError', code: 'deliveryUnconfirmed' });
  }
  expect(sent).toEqual([1, 2, 3]);
});

it('keeps count over refusals in between', async () => {
  await run(lost);
  await run(throttled);
  expect(await run()).toEqual([refOf(2)]);
  expect(sent).toEqual([1, 2, 2]);
});

it('tells messages apart by their purpose', async () => {
  await run(lost);
  expect(await run('arrives', 'teams-proposal-manager')).toEqual([refOf(1)]);
});

it('waits for a post that may be under way in another process, and for no longer', async () => {
  await run('dies');
  nowMs += 10_000;
  const waiting = await run();
  expect(waiting).toBeInstanceOf(NotYet);
  expect(waiting).toMatchObject({ code: 'postUnderWay', retryAfterMs: 20_000 });
  nowMs += 20_000;
  expect(await run()).toEqual([refOf(2)]);
});

it('two runs at once send one copy', async () => {
  const results = await Promise.all([run(), run()]);
  expect(sent).toEqual([1]);
  expect(results).toContainEqual([refOf(1)]);
  for (const result of results) {
    if (!Array.isArray(result)) expect(result).toBeInstanceOf(NotYet);
  }
  expect(await run()).toEqual([refOf(1)]);
});

it('knows of the first copy as well where its answer comes after the second was sent', async () => {
  let answer = (_: MessageRef): void => undefined;
  let slow: Promise<unknown> = Promise.resolve();
  await new Promise<void>((underWay) => {
    slow = run(
      () =>
        new Promise((resolve) => {
          answer = resolve;
          underWay();
        }),
    );
  });
  expect(await run()).toBeInstanceOf(NotYet);
  nowMs += 31_000;
  expect(await run()).toEqual([refOf(2)]);
  answer(refOf(1));
  expect(await slow).toEqual([refOf(1), refOf(2)]);
  expect(await run()).toEqual([refOf(1), refOf(2)]);
});
