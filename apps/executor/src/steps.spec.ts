import {
  AccountReader,
  AccountWriter,
  BudgetStore,
  documentedBudgets,
  graphClientWith,
  GraphLimiter,
} from '@sallyport/entra';
import { sampleDigest, sampleId } from '@sallyport/evidence/testing';
import { AccountAudit } from './account-audit';
import { callWindowMs, Steps } from './steps';

afterEach(() => jest.restoreAllMocks());

/** Nothing listens there: a call that is made all the same fails. */
const nowhere = 'http://127.0.0.1:1';
const token = { token: 'spec', expiresOnTimestamp: Date.UTC(2100, 0, 1) };
function given(getToken = async () => token) {
  const limit = { calls: 1, windowMs: 10 };
  const limiter = new GraphLimiter({
    owner: { tenantId: 't', clientId: 'c' },
    store: BudgetStore.on({ kind: 'memory' }),
    budgets: { ...documentedBudgets, identityProtection: { calls: 1, windowMs: 10, limit } },
  });
  const client = graphClientWith({ getToken }, { baseUrl: nowhere, limiter });
  const [writer, reader, audit] = [
    new AccountWriter(client),
    new AccountReader(client),
    new AccountAudit(client, []),
  ];
  const steps = new Steps({ writer, reader, audit, patienceMs: 1_000, intervalMs: 1_000 });
  // Identity Protection allows one call per second and waits for its answer: five seconds where none comes.
  const next = () => limiter.acquire('/identityProtection/riskyUsers/dismiss', 'release', 1, 3_500);
  return { steps, next };
}

it('an intent that cannot be written holds up nobody who comes next', async () => {
  const { steps, next } = given();
  const moved = new Error('the case has moved');
  const intent = () => Promise.reject(moved);
  await expect(steps.send('raiseRisk', sampleId(1), sampleDigest(1), intent)).rejects.toBe(moved);
  expect(await next()).not.toBeNull();
});

it('nor does a process that slept after its intent and does not call any more', async () => {
  const { steps, next } = given();
  const now = performance.now.bind(performance);
  let sleptMs = 0;
  const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + sleptMs);
  const intent = async () => void (sleptMs += callWindowMs + 1);
  const answer = await steps.send('raiseRisk', sampleId(1), sampleDigest(1), intent);
  expect(answer).toMatchObject({ kind: 'throttled', detail: expect.stringContaining('not called') });
  // The others did not sleep.
  clock.mockRestore();
  expect(await next()).not.toBeNull();
});

it.each(['raiseRisk', 'dismissRisk'] as const)(
  'nor does one that waited too long for a token after its intent (%s)',
  async (step) => {
    const now = performance.now.bind(performance);
    let waitedMs = 0;
    const clock = jest.spyOn(performance, 'now').mockImplementation(() => now() + waitedMs);
    let written = false;
    const { steps, next } = given(async () => {
      if (written) waitedMs += callWindowMs + 1;
      return token;
    });
    const intent = async () => void (written = true);
    const answer = await steps.send(step, sampleId(1), sampleDigest(1), intent);
    expect(answer).toMatchObject({ kind: 'throttled', detail: expect.stringContaining('not called') });
    clock.mockRestore();
    expect(await next()).not.toBeNull();
  },
);
