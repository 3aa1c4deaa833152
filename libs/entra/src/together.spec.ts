import { clientRequestId } from '@sallyport/idempotency';
import type { Answer } from './account-outcomes';
import { AccountWriter } from './account-writer';
import { BudgetStore } from './budget/budget-store';
import { documentedBudgets } from './budget/budgets';
import { GraphLimiter } from './budget/graph-limiter';
import { graphError, graphServer, type Scripted } from './graph-server.fixture';
import { Together, togetherMax } from './together';

const user = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const key = (n: number) => n.toString(16).padStart(64, '0');
const dismiss = 'POST /identityProtection/riskyUsers/dismiss';
const many = (count: number) => Array.from({ length: count }, (_, n) => n + 1);

let server: Awaited<ReturnType<typeof graphServer>>;
afterEach(async () => {
  jest.restoreAllMocks();
  await server.stop();
});

async function given(
  answer: Scripted | Scripted[] = { status: 204 },
  max = togetherMax,
  limiter: GraphLimiter | null = null,
) {
  server = await graphServer({ [dismiss]: answer });
  const writer = new AccountWriter({ ...server.client, limiter });
  const together = new Together(writer, 'dismissRisk', 5_000, max);
  /** What the intent of each was written with, in order. */
  const intents: { n: number; sentAs: string | undefined }[] = [];
  const send = (n: number, intent: () => Promise<void> = () => Promise.resolve()) =>
    together.send({
      subjectId: user(n),
      key: key(n),
      intent: async (sentAs) => {
        await intent();
        intents.push({ n, sentAs });
      },
    });
  return { writer, intents, send };
}
const sentTo = () => server.received.map(({ body }) => (body as { userIds: string[] }).userIds);
const sentAs = () => server.received.map(({ headers }) => headers['client-request-id']);
const kinds = (answers: readonly Answer[]) => [...new Set(answers.map(({ kind }) => kind))];

it('sends 120 dismissals of one moment in two calls, each with an intent of its own before it', async () => {
  const { intents, send } = await given();
  const answers = await Promise.all(
    many(120).map((n) => send(n, async () => expect(sentTo().flat()).not.toContain(user(n)))),
  );
  expect(sentTo().map((ids) => ids.length)).toEqual([togetherMax, togetherMax]);
  expect(new Set(sentTo().flat()).size).toBe(120);
  expect(answers).toEqual(many(120).map(() => expect.objectContaining({ kind: 'accepted', users: 60 })));
  // Each intent names the very call that its user travels in.
  for (const { n, sentAs: id } of intents) expect(sentTo()[sentAs().indexOf(id)]).toContain(user(n));
  expect(intents).toHaveLength(120);
});

it('sends each alone where that is wanted', async () => {
  const { send } = await given({ status: 204 }, 1);
  await Promise.all(many(3).map((n) => send(n)));
  expect(sentTo()).toEqual([[user(1)], [user(2)], [user(3)]]);
});

it('sends one alone under the id that follows from its key', async () => {
  const { intents, send } = await given();
  expect(await send(1)).toEqual({ kind: 'accepted', status: 204, requestId: expect.any(String) });
  expect(intents).toEqual([{ n: 1, sentAs: undefined }]);
  expect(sentAs()).toEqual([clientRequestId(key(1))]);
});

it('leaves out whoever could not write the intent, and tells them why', async () => {
  const { send } = await given();
  const moved = new Error('the case has moved');
  const [first, second, third] = await Promise.allSettled([
    send(1),
    send(2, () => Promise.reject(moved)),
    send(3),
  ]);
  expect(second).toEqual({ status: 'rejected', reason: moved });
  expect([first, third]).toMatchObject([{ value: { users: 2 } }, { value: { users: 2 } }]);
  expect(sentTo()).toEqual([[user(1), user(3)]]);
});

it('calls nothing where nobody could, and holds nobody up who comes next', async () => {
  const limit = { calls: 1, windowMs: 10 };
  const limiter = new GraphLimiter({
    owner: { tenantId: 't', clientId: 'c' },
    store: BudgetStore.on({ kind: 'memory' }),
    budgets: { ...documentedBudgets, identityProtection: { calls: 1, windowMs: 10, limit } },
  });
  const { send } = await given({ status: 204 }, togetherMax, limiter);
  const no = () => Promise.reject(new Error('no'));
  await Promise.allSettled([send(1, no), send(2, no)]);
  expect(sentTo()).toEqual([]);
  // An answer that is waited for in vain counts for five seconds.
  const next = limiter.acquire('/identityProtection/riskyUsers', 'read', 1, 3_500);
  expect(await next).toEqual({ grantedMs: expect.any(Number), answeredMs: null });
});

it('does not wait long for a slow intent, and never calls for it afterwards', async () => {
  const { send } = await given();
  let write = () => undefined as void;
  const slow = send(2, () => new Promise((resolve) => (write = resolve)));
  expect(await send(1)).toMatchObject({ kind: 'accepted' });
  write();
  expect(await slow).toMatchObject({ kind: 'throttled', detail: expect.stringContaining('not called') });
  expect(sentTo()).toEqual([[user(1)]]);
});

it('calls for nobody whose intent is too old, because the process slept', async () => {
  const { send } = await given();
  const now = performance.now.bind(performance);
  let sleptMs = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => now() + sleptMs);
  const answers = await Promise.all([send(1), send(2, async () => void (sleptMs += 6_000))]);
  expect(kinds(answers)).toEqual(['throttled']);
  expect(sentTo()).toEqual([]);
});

it('writes no intent where the budget cannot be had', async () => {
  const { intents, writer, send } = await given();
  jest.spyOn(writer, 'prepare').mockRejectedValueOnce(new Error('no budget'));
  const settled = await Promise.allSettled([send(1), send(2)]);
  expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(intents).toEqual([]);
  expect(await send(3)).toMatchObject({ kind: 'accepted' });
});

describe('what one answer means for each of several', () => {
  it.each<[string, Scripted, Answer['kind']]>([
    ['204', { status: 204 }, 'accepted'],
    ['429', graphError(429, 'TooManyRequests'), 'throttled'],
    ['403: we may not', graphError(403, 'Authorization_RequestDenied'), 'refused'],
    ['400: about one of them, perhaps', graphError(400, 'BadRequest'), 'ambiguous'],
    ['404: about one of them, perhaps', graphError(404, 'ResourceNotFound'), 'ambiguous'],
    ['504', graphError(504, 'timeout'), 'ambiguous'],
    ['a broken connection', 'reset', 'ambiguous'],
  ])('%s', async (_, answer, kind) => {
    const { send } = await given(answer);
    expect(kinds(await Promise.all(many(3).map((n) => send(n))))).toEqual([kind]);
    expect(sentTo()).toHaveLength(1);
  });

  it('alone, a rejection is a definite no', async () => {
    const { send } = await given(graphError(400, 'BadRequest'));
    expect(await send(1)).toMatchObject({ kind: 'refused' });
  });
});

it('sends each alone for a while after several were refused, so that one does not cost the others', async () => {
  const { send } = await given([graphError(400, 'BadRequest'), { status: 204 }]);
  await Promise.all([send(1), send(2)]);
  await Promise.all([send(3), send(4)]);
  expect(sentTo()).toEqual([[user(1), user(2)], [user(3)], [user(4)]]);
});
