import { opened } from '@sallyport/case/testing';
import { sampleDigest, sampleInstant } from '@sallyport/evidence/testing';
import { givenBackAt } from './effects';
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
    expect(await begin()).toEqual({ kind: 'started', startedAt: sampleInstant(1) });
    await finish({ activityId: 'card' });
    expect(await begin()).toEqual({ kind: 'done', result: { activityId: 'card' } });
  });

  it('lets exactly one of 20 simultaneous attempts begin', async () => {
    const states = await Promise.all(Array.from({ length: 20 }, begin));
    expect(states.filter((state) => state.kind === 'fresh')).toHaveLength(1);
    expect(states.filter((state) => state.kind === 'started')).toHaveLength(19);
  });

  it('is taken over by one of many, and only as it was found', async () => {
    await begin();
    const takeOver = () => test.effects.takeOver(key, sampleInstant(1), sampleInstant(3));
    const taken = await Promise.all(Array.from({ length: 10 }, takeOver));
    expect(taken.filter((one) => one)).toHaveLength(1);
    expect(await begin()).toEqual({ kind: 'started', startedAt: sampleInstant(3) });
    await finish('done');
    expect(await test.effects.takeOver(key, sampleInstant(3), sampleInstant(4))).toBe(false);
  });

  it('given back, it counts as begun long ago', async () => {
    await begin();
    await test.effects.giveBack(key, sampleInstant(1));
    expect(await begin()).toEqual({ kind: 'started', startedAt: givenBackAt });
  });

  it('gives the results of those that are done, in the order asked for', async () => {
    const other = sampleDigest(8);
    await test.effects.begin({ key: other, caseId: opened().caseId, kind: 'x', at: sampleInstant(1) });
    await begin();
    await test.effects.finish(other, sampleInstant(2), 'other');
    expect(await test.effects.results([key, other])).toEqual(['other']);
    await finish({ first: true });
    expect(await test.effects.results([key, sampleDigest(9), other])).toEqual([{ first: true }, 'other']);
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
