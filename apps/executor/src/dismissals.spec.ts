/** Releases of several cases at the same moment: one call, and a ledger for each. */
import type { Case } from '@sallyport/case';
import { CaseLog, type LoadedCase } from '@sallyport/case-log';
import { AccountWriter, Together } from '@sallyport/entra';
import type { CaseEvent, EventOf } from '@sallyport/evidence';
import { clientRequestId } from '@sallyport/idempotency';
import { sampleId } from '@sallyport/evidence/testing';
import { executorRig, type ExecutorRig } from './testing/executor-rig';
import { auditRow } from './testing/graph-world';

jest.setTimeout(60_000);

let rig: ExecutorRig;
beforeAll(async () => {
  rig = await executorRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

let people = 0;
const approvedCases = (count: number): Promise<Case[]> =>
  Promise.all(Array.from({ length: count }, () => rig.approvedTwin((people += 1))));
/** Delivers all of them at once, with a budget that is there only when the last of them waits for it. */
async function together(cases: readonly Case[], late: readonly Promise<void>[] = []): Promise<void> {
  const there = cases.length + late.length;
  let waiting = 0;
  let everybody = () => undefined as void;
  const gathered = new Promise<null>((resolve) => (everybody = () => resolve(null)));
  const send = Together.prototype.send;
  jest.spyOn(Together.prototype, 'send').mockImplementation(function (this: Together, part) {
    waiting += 1;
    if (waiting === there) everybody();
    return send.call(this, part);
  });
  jest.spyOn(AccountWriter.prototype, 'prepare').mockReturnValue(gathered);
  await Promise.all([...cases.map((c) => rig.run(c).catch((error: unknown) => error)), ...late]);
  jest.restoreAllMocks();
}
const startedOf = async (c: Case) =>
  (await rig.eventsOf(c)).find(
    (event): event is EventOf<'action.started'> => event.type === 'action.started',
  );
const dismissals = () => rig.world.writes.filter(({ step }) => step === 'dismissRisk');

it('twelve cases are released by one call, and each is proven by a reading of its own', async () => {
  const cases = await approvedCases(12);
  await together(cases);
  const [call, ...more] = dismissals();
  expect(more).toEqual([]);
  const keys = new Set<string>();
  for (const c of cases) {
    const ended = await rig.drive(c);
    expect(ended).toMatchObject({ phase: 'settled', proposed: { result: 'done' } });
    const started = await startedOf(c);
    // From the log of each case to the one call in Microsoft's log, and to no other.
    expect(started?.sentAs).toBe(call?.clientRequestId);
    keys.add(started?.key ?? '');
    expect(ended.proposed?.actions[0]?.outcome).toBe('applied');
  }
  expect(keys.size).toBe(12);
});

it('one alone needs no other id than that of its key', async () => {
  const c = await rig.approvedCase();
  await rig.drive(c);
  const started = await startedOf(c);
  expect(started?.sentAs).toBeUndefined();
  expect(dismissals().map((call) => call.clientRequestId)).toEqual([clientRequestId(started?.key ?? '')]);
});

it('a case that moved while it waited for the others is left out, and the others are not', async () => {
  const [one, moved, other] = await approvedCases(3);
  if (!one || !moved || !other) throw new Error('there are three');
  class Moving extends CaseLog {
    override async append(loaded: LoadedCase, event: CaseEvent): Promise<LoadedCase> {
      if (loaded.case.id === moved?.id && event.type === 'action.started')
        await rig.extend(moved.id, 'review.opened');
      return super.append(loaded, event);
    }
  }
  const late = rig.run(moved, rig.processOn(new Moving(rig.db)));
  await together([one, other], [late]);
  expect(await startedOf(moved)).toBeUndefined();
  expect((await rig.caseNow(moved)).phase).toBe('reviewOpened');
  expect(dismissals()).toHaveLength(1);
  for (const c of [one, other]) expect((await rig.drive(c)).phase).toBe('settled');
});

it('after 429 each begins again when Graph says so', async () => {
  rig.world.faults.dismissRisk = ['429', 'none'];
  const cases = await approvedCases(3);
  await together(cases);
  rig.pass(8_000);
  await together(await Promise.all(cases.map((c) => rig.caseNow(c))));
  for (const c of cases) {
    const ended = await rig.drive(c);
    expect(ended).toMatchObject({ phase: 'settled', proposed: { actions: [{ attempt: 2 }] } });
  }
  expect(dismissals().map(({ fault }) => fault)).toEqual(['429', 'none']);
});

it('the one call is known by its own id in the audit log, from each of its cases, whomever the row names', async () => {
  rig.world.faults.dismissRisk = ['reset after'];
  const cases = await approvedCases(3);
  rig.crashingLog.dies = (_, { type }) => {
    const at = rig.clock().toISOString();
    const correlationId = dismissals()[0]?.clientRequestId ?? null;
    if (type === 'action.answered')
      rig.world.audits = cases.map(({ subjectId }) => ({
        ...auditRow(at, 'DismissUser', { app: { appId: sampleId(79) } }, subjectId ?? ''),
        correlationId,
      }));
    return 'no';
  };
  await together(cases);
  const [call] = dismissals();
  for (const c of cases) {
    const ended = await rig.drive(c);
    expect(ended.proposed?.actions[0]).toMatchObject({ sentAs: call?.clientRequestId, outcome: 'applied' });
  }
  expect(dismissals()).toHaveLength(1);
});

// 400 last: after it each goes alone for a while.
it.each(['504 before', 'reset after', '400'] as const)(
  'after %s to the one call each is read back, and nothing is sent again',
  async (fault) => {
    rig.world.faults.dismissRisk = [fault];
    const cases = await approvedCases(3);
    await together(cases);
    const applied = fault === 'reset after';
    for (const c of cases) {
      const ended = await rig.drive(c);
      expect(ended.proposed?.actions[0]?.outcome).toBe(applied ? 'applied' : 'unknown');
      expect(ended.phase).toBe(applied ? 'settled' : 'reviewOpened');
    }
    expect(dismissals()).toHaveLength(1);
  },
);
