import { opened } from '@sallyport/case/testing';
import { sampleDigest, sampleInstant } from '@sallyport/evidence/testing';
import { openTestLog, type TestLog } from './test-rig';

jest.setTimeout(60_000);

describe('the ledger of effects', () => {
  let test: TestLog;
  beforeAll(async () => {
    test = await openTestLog();
  });
  afterEach(() => test.empty());
  afterAll(() => test.close());

  const key = sampleDigest(7);
  const begin = () =>
    test.effects.begin({ key, caseId: opened().caseId, kind: 'ticketNote', at: sampleInstant(1) });
  const finish = (result: unknown) => test.effects.finish(key, sampleInstant(2), result);

  it('says of an effect in turn: fresh, started, done', async () => {
    expect(await begin()).toEqual({ kind: 'fresh' });
    expect(await begin()).toEqual({ kind: 'started' });
    await finish({ activityId: 'card' });
    expect(await begin()).toEqual({ kind: 'done', result: { activityId: 'card' } });
  });

  it('lets exactly one of 20 simultaneous attempts begin', async () => {
    const states = await Promise.all(Array.from({ length: 20 }, begin));
    expect(states.filter((state) => state.kind === 'fresh')).toHaveLength(1);
    expect(states.filter((state) => state.kind === 'started')).toHaveLength(19);
  });

  it('keeps the first result', async () => {
    await begin();
    await finish('first');
    await finish('second');
    expect(await begin()).toEqual({ kind: 'done', result: 'first' });
  });

  it('keeps one of two results that come at the same instant', async () => {
    await begin();
    await Promise.all([finish('one'), finish('two')]);
    const first = await begin();
    expect(first).toEqual({ kind: 'done', result: expect.stringMatching(/^(one|two)$/) });
    await finish('three');
    expect(await begin()).toEqual(first);
  });

  it.each([[null], [[]], [{ text: 'NUL \u0000 and half \ud800' }], ['']])('gives back %j', async (result) => {
    await begin();
    await finish(result);
    expect(await begin()).toEqual({ kind: 'done', result });
  });

  it('takes an effect without a result for done', async () => {
    await begin();
    await finish(undefined);
    expect(await begin()).toEqual({ kind: 'done', result: null });
  });

  it('does not mark as done what was never begun', async () => {
    await finish('early');
    expect(await begin()).toEqual({ kind: 'fresh' });
  });

  it('tells effects apart by their key', async () => {
    await begin();
    const other = { key: sampleDigest(8), caseId: opened().caseId, kind: 'ticketNote', at: sampleInstant(1) };
    expect(await test.effects.begin(other)).toEqual({ kind: 'fresh' });
  });
});
