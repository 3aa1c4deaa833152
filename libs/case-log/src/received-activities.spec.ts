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
  const receive = (over: { bodyDigest?: string; caseId?: string; key?: string } = {}) =>
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
});
