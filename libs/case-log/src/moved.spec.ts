import { openTestLog, type TestLog } from './test-rig';

jest.setTimeout(60_000);

describe('cases that have moved', () => {
  let test: TestLog;
  beforeAll(async () => {
    test = await openTestLog();
  });
  afterEach(() => test.empty());
  afterAll(() => test.close());

  const long = { at: '2000-01-01T00:00:00.000Z', caseId: '' };

  it('are told by when they moved last, in steps that miss and repeat none', async () => {
    const written = [
      await test.write('one', 'evidence.collected', 'policy.decided'),
      await test.write('two'),
      await test.write('three'),
      await test.write('four', 'review.opened'),
    ].map(({ case: c }) => ({ caseId: c.id, seq: c.seq, at: c.updatedAt }));
    const inOrder = [...written].sort((a, b) => (a.at + a.caseId < b.at + b.caseId ? -1 : 1));
    expect(await test.log.movedSince(long, 10)).toEqual(inOrder);

    const stepped = [];
    for (let after = long; ;) {
      const [next] = await test.log.movedSince(after, 1);
      if (!next) break;
      stepped.push(next);
      after = next;
    }
    expect(stepped).toEqual(inOrder);
  });

  it('are told after those that were seen', async () => {
    const { case: c } = await test.write('one');
    const after = { at: c.updatedAt, caseId: c.id };
    expect(await test.log.movedSince(after, 10)).toEqual([]);
    const { case: moved } = await test.write('two', 'evidence.collected');
    expect(await test.log.movedSince(after, 10)).toEqual([
      { caseId: moved.id, seq: moved.seq, at: moved.updatedAt },
    ]);
  });
});
