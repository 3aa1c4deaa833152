import { opened } from '@sallyport/case/testing';
import { sampleDigest, sampleInstant } from '@sallyport/evidence/testing';
import { open, openTestLog, type TestLog } from './test-rig';

jest.setTimeout(60_000);

describe('activities of people', () => {
  let test: TestLog;
  beforeAll(async () => {
    test = await openTestLog();
  });
  beforeEach(() => open(test.log));
  afterEach(() => test.empty());
  afterAll(() => test.close());

  const { caseId } = opened();
  const receive = (over: { bodyDigest?: string; caseId?: string; key?: string; at?: string } = {}) =>
    test.activities.receive({
      ...{ key: sampleDigest(1), bodyDigest: sampleDigest(2), caseId, at: sampleInstant(1) },
      ...over,
    });

  it('are known again by their id, and so is a change of what they say', async () => {
    expect(await receive()).toBe('first');
    expect(await receive()).toBe('same');
    expect(await receive({ bodyDigest: sampleDigest(3) })).toBe('changed');
    expect(await receive({ key: sampleDigest(4) })).toBe('first');
  });

  it('are first for one of 20 processes that receive the same', async () => {
    const received = await Promise.all(Array.from({ length: 20 }, () => receive()));
    expect(received.filter((one) => one === 'first')).toHaveLength(1);
    expect(received.filter((one) => one === 'same')).toHaveLength(19);
  });

  it('about no case of ours are not kept', async () => {
    const unknown = `case-${'0'.repeat(32)}`;
    expect(await receive({ caseId: unknown })).toBe('noCase');
    expect(await receive()).toBe('first');
  });

  it('are forgotten once they cannot come again, a few with each that comes, and not before', async () => {
    const key = (n: number) => sampleDigest(100 + n);
    for (let n = 0; n < 50; n += 1) await receive({ key: key(n), at: sampleInstant(0) });
    await receive({ key: key(50), at: sampleInstant(119) });
    const kept = async () =>
      (await test.superuser.query('SELECT key FROM sallyport.received_click')).rows.length;
    expect(await kept()).toBe(51);
    await receive({ key: key(51), at: sampleInstant(121) });
    expect(await kept()).toBe(32);
    for (let n = 52; n < 60; n += 1) await receive({ key: key(n), at: sampleInstant(121) });
    expect(await kept()).toBe(10);
    expect(await receive({ key: key(50), at: sampleInstant(121) })).toBe('same');
  });

  it('are forgotten by 20 processes at once without waiting for each other', async () => {
    for (let n = 0; n < 50; n += 1) await receive({ key: sampleDigest(100 + n), at: sampleInstant(0) });
    const received = await Promise.all(
      Array.from({ length: 20 }, (_, n) => receive({ key: sampleDigest(200 + n), at: sampleInstant(300) })),
    );
    expect(new Set(received)).toEqual(new Set(['first']));
    expect((await test.superuser.query('SELECT key FROM sallyport.received_click')).rows).toHaveLength(20);
  });
});
