import { collected, eventFor, grouped, type Step } from '@sallyport/case/testing';
import { sampleId } from '@sallyport/evidence/testing';
import { GroupMoved, type LoadedCase, SequenceConflict } from './case-log';
import { openTestLog, type TestLog } from './test-rig';

jest.setTimeout(60_000);

let test: TestLog;
beforeAll(async () => {
  test = await openTestLog();
});
afterEach(() => test.empty());
afterAll(() => test.close());

let people = 0;
/** A case about its own subject, with evidence and no decision yet. */
function undecided(): Promise<LoadedCase> {
  people += 1;
  const person = sampleId(400 + people);
  return test.write(`group-${people}`, (c) => ({ ...collected(c), subjectId: person }));
}
const kind = 'anonymizedIPAddress';
const keyOf = (loaded: LoadedCase) => grouped(loaded.case).group?.key ?? '';
const lead = async (loaded: LoadedCase, seen: string | null = null) =>
  test.log.append(loaded, grouped(loaded.case), seen);
const join = async (loaded: LoadedCase, leadCaseId: string) =>
  test.log.append(loaded, grouped(loaded.case, leadCaseId));

it('takes the lead, joins, and names the members by when they were opened', async () => {
  const [first, second] = [await undecided(), await undecided()];
  expect(await test.log.groupOf(keyOf(first))).toBeNull();
  await lead(first);
  expect(await test.log.groupOf(keyOf(first))).toMatchObject({ leadCaseId: first.case.id, open: true });
  await join(second, first.case.id);
  const { count, members } = await test.log.groupMembers(first.case.id, 1);
  expect(count).toBe(2);
  expect(members).toHaveLength(1);
  expect((await test.log.groupMembers(second.case.id, 10)).count).toBe(0);
});

it('has one lead of two that would both lead, and the refused one has written nothing', async () => {
  const cases = await Promise.all(Array.from({ length: 8 }, undecided));
  const results = await Promise.allSettled(cases.map((c) => lead(c)));
  const refused = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  expect(refused).toHaveLength(cases.length - 1);
  for (const error of refused) expect(error).toBeInstanceOf(GroupMoved);
  const seqs = await Promise.all(cases.map(async (c) => (await test.log.load(c.case.id))?.case.seq));
  expect(seqs.filter((seq) => seq === 3)).toHaveLength(1);
});

it('lets one of two replace a lead that was seen', async () => {
  const [old, first, second] = [await undecided(), await undecided(), await undecided()];
  await lead(old);
  await lead(first, old.case.id);
  await expect(lead(second, old.case.id)).rejects.toBeInstanceOf(GroupMoved);
  expect(await test.log.groupOf(keyOf(old))).toMatchObject({ leadCaseId: first.case.id });
});

it('joins nothing for a case that has moved on', async () => {
  const [first, stale] = [await undecided(), await undecided()];
  await test.log.append(stale, { ...grouped(stale.case), group: undefined });
  await expect(lead(stale)).rejects.toBeInstanceOf(SequenceConflict);
  expect(await test.log.groupOf(keyOf(stale))).toBeNull();
  await lead(first);
  expect((await test.log.groupMembers(first.case.id, 10)).count).toBe(1);
});

it('knows a group as open until its lead is closed or leads no more', async () => {
  const [first, again] = [await undecided(), await undecided()];
  await lead(first);
  await test.superuser.query(`UPDATE sallyport.case_head SET phase = 'closed' WHERE case_id = $1`, [
    first.case.id,
  ]);
  expect(await test.log.groupOf(keyOf(first))).toMatchObject({ open: false });
  await lead(again, first.case.id);
  await test.superuser.query(`UPDATE sallyport.case_head SET group_lead = NULL WHERE case_id = $1`, [
    again.case.id,
  ]);
  expect(await test.log.groupOf(keyOf(first))).toMatchObject({ leadCaseId: again.case.id, open: false });
});

it.each(['retry', 'close'] as const)(
  'takes nobody into a group from the moment somebody ends the review of its lead: %s',
  async (resolution) => {
    const open = async (c: LoadedCase) => (await test.log.groupOf(keyOf(c)))?.open;
    let led = await lead(await undecided());
    const add = async (step: Step) => {
      const event = typeof step === 'string' ? eventFor(led.case, step) : step(led.case);
      led = await test.log.append(led, event);
    };
    for (const step of ['review.opened', 'notice.posted', 'ticket.updated'] as const) {
      await add(step);
      expect(await open(led)).toBe(true);
    }
    await add((c) => eventFor(c, 'review.resolved', { resolution }));
    expect(await open(led)).toBe(false);
    for (const step of ['notice.posted', 'ticket.updated'] as const) {
      await add(step);
      expect(await open(led)).toBe(false);
    }
  },
);

it('names former leads while cases in review still name them', async () => {
  const [first, second] = [await undecided(), await undecided()];
  await lead(first);
  let member = await join(second, first.case.id);
  for (const step of ['review.opened', 'notice.posted'] as const)
    member = await test.log.append(member, eventFor(member.case, step));
  expect(await test.log.formerLeads(10)).toEqual([]);
  const set = (values: string) =>
    test.superuser.query(`UPDATE sallyport.case_head SET ${values} WHERE case_id = $1`, [first.case.id]);
  await set(`group_lead = NULL, phase = 'collected'`);
  expect(await test.log.formerLeads(10)).toEqual([]);
  await set(`phase = 'inReview'`);
  expect(await test.log.formerLeads(10)).toEqual([first.case.id]);
  await set(`group_lead = case_id, phase = 'closed'`);
  expect(await test.log.formerLeads(10)).toEqual([first.case.id]);
  await test.superuser.query(`UPDATE sallyport.case_head SET phase = 'closed' WHERE case_id = $1`, [
    second.case.id,
  ]);
  expect(await test.log.formerLeads(10)).toEqual([]);
});

it('tells which groups have grown lately', async () => {
  const first = await undecided();
  const led = await lead(first);
  const at = new Date(led.case.updatedAt);
  expect(await test.log.groupsJoinedSince(at, 10)).toEqual([first.case.id]);
  expect(await test.log.groupsJoinedSince(new Date(at.getTime() + 1), 10)).toEqual([]);
});

it.each([
  ['case_head RENAME COLUMN group_lead TO gone', 'case_head RENAME COLUMN gone TO group_lead'],
  ['campaign RENAME TO gone', 'gone RENAME TO campaign'],
  ['received_click RENAME TO gone', 'gone RENAME TO received_click'],
])('is not ready on a schema that lacks groups: %s', async (change, back) => {
  await test.log.ping();
  await test.superuser.query(`ALTER TABLE sallyport.${change}`);
  try {
    await expect(test.log.ping()).rejects.toThrow('does not exist');
  } finally {
    await test.superuser.query(`ALTER TABLE sallyport.${back}`);
  }
  await test.log.ping();
});

it('keeps its group beside other events', async () => {
  const first = await undecided();
  const led = await lead(first);
  await test.log.append(led, {
    type: 'review.opened',
    v: 1,
    at: led.case.updatedAt,
    stage: 'policy',
    reason: 'campaign',
    detail: kind,
    checklist: [],
  });
  expect((await test.log.groupMembers(first.case.id, 10)).members).toMatchObject([{ phase: 'reviewOpened' }]);
});
