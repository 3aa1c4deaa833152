/** An activity that comes again, at once or later, at this process or another, changes nothing. */
import type { Case } from '@sallyport/case';
import { refusals } from '@sallyport/case';
import { callerId, managerId, subjectId } from '@sallyport/evidence/testing';
import { cardId } from '@sallyport/idempotency';
import type { InvokeActivity } from '@sallyport/teams';
import fc from 'fast-check';
import { approvalRig, type ApprovalRig, voting } from './testing/approval-rig';
import { people } from './testing/teams-and-directory';

// Real Postgres and HTTP, on machines that may be busy.
jest.setTimeout(60_000);

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await approvalRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const two = voting([
  { role: 'manager', count: 1 },
  { role: 'secops', count: 1 },
]);
let ids = 0;
/** Fixed, so that the very same can come again. */
const activity = (c: Case, voterId: string, verb = 'approve'): InvokeActivity => ({
  activityId: `activity-${(ids += 1)}`,
  voterId,
  voterName: { untrusted: 'Whoever' },
  conversationId: 'conversation',
  replyToId: null,
  serviceUrl: rig.config.TEAMS_SERVICE_URL,
  verb,
  trigger: 'manual',
  cardId: cardId(c.id, c.proposal?.digest ?? ''),
  comment: null,
});
const eventsIn = async (c: Case) => (await rig.eventsOf(c)).map((event) => JSON.stringify(event));

it('a click that was refused while the directory was down is no vote when it comes again', async () => {
  const c = await rig.newCase(...two);
  const click = activity(c, people.ada);
  rig.world.directoryUp = false;
  expect((await rig.clicks.click(click)).answer.value).toBe(refusals.unverified);
  rig.world.directoryUp = true;
  const before = await eventsIn(c);
  const again = await rig.newClicks().click(click);
  expect(again.answer.value).toBe('Your click was not recorded. Please click again.');
  expect(await eventsIn(c)).toEqual(before);
});

it('nor is one that came while the card was being posted', async () => {
  const c = await rig.newCase(...two.slice(0, -1));
  const click = activity(c, people.ada);
  expect((await rig.clicks.click(click)).answer.value).toBe(refusals.notReady);
  await rig.extend(c.id, 'notice.posted');
  await rig.clicks.click(click);
  expect((await rig.caseNow(c)).proposal?.votes).toEqual([]);
  await rig.clicks.click(activity(c, people.ada));
  expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(1);
});

it('a click that we died with is told to be clicked again, and then it counts', async () => {
  const c = await rig.newCase(...two);
  const click = activity(c, people.ada);
  rig.crashingLog.diesBefore = 'approval.voted';
  await expect(rig.clicks.click(click)).rejects.toThrow('died');
  const again = await rig.newClicks().click(click);
  expect(again.answer.value).toBe('Your click was not recorded. Please click again.');
  await rig.clicks.click(activity(c, people.ada));
  expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(1);
});

it('a vote whose answer was lost is shown as one', async () => {
  const c = await rig.newCase(...two);
  const click = activity(c, people.ada);
  await rig.clicks.click(click);
  expect(JSON.stringify((await rig.newClicks().click(click)).answer.value)).toContain('You have approved.');
});

it('a refusal of one question is not written down again under the next one', async () => {
  const c = await rig.newCase(...two);
  const click = activity(c, people.stranger);
  await rig.clicks.click(click);
  const next = ['review.opened', 'notice.posted', 'ticket.updated'] as const;
  await rig.extend(c.id, ...next);
  const before = await eventsIn(c);
  await rig.newClicks().click(click);
  expect(await eventsIn(c)).toEqual(before);
});

it('another click under an id that was seen is turned away, also by a process that did not see it', async () => {
  const c = await rig.newCase(...two);
  const click = activity(c, people.stranger);
  await rig.clicks.click(click);
  const before = await eventsIn(c);
  for (const forged of [
    { ...click, voterId: people.ada },
    { ...click, verb: 'deny' },
    { ...click, comment: { untrusted: 'another' } },
  ]) {
    await expect(rig.newClicks().click(forged)).rejects.toMatchObject({
      code: 'activityChanged',
      status: 403,
    });
  }
  expect(await eventsIn(c)).toEqual(before);
});

it('the same click at two processes at the same moment is one', async () => {
  const c = await rig.newCase(...two);
  const click = activity(c, people.stranger);
  await Promise.all([rig.clicks, rig.newClicks(), rig.newClicks()].map((clicks) => clicks.click(click)));
  expect(await rig.eventsOf(c)).toHaveLength(c.seq + 1);
});

it('whatever is clicked and however the directory is, coming again changes nothing', async () => {
  const clicked = fc.record({
    voterId: fc.constantFrom(
      ...[
        people.ada,
        people.bob,
        managerId,
        people.stranger,
        people.guest,
        people.risky,
        subjectId,
        callerId,
      ],
    ),
    verb: fc.constantFrom('approve', 'approve', 'deny'),
    directoryUp: fc.boolean(),
    /** Which of those so far comes again after it, as a part of their number, and at which process. */
    again: fc.double({ min: 0, max: 0.99, noNaN: true }),
    elsewhere: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(clicked, { minLength: 1, maxLength: 5 }), async (steps) => {
      const c = await rig.newCase(...two);
      const seen: InvokeActivity[] = [];
      const here = rig.newClicks();
      for (const { voterId, verb, directoryUp, again, elsewhere } of steps) {
        rig.world.directoryUp = directoryUp;
        seen.push(activity(c, voterId, verb));
        await here.click(seen.at(-1)!);
        const before = await eventsIn(c);
        rig.world.directoryUp = true;
        await (elsewhere ? rig.newClicks() : here).click(seen[Math.floor(again * seen.length)]!);
        expect(await eventsIn(c)).toEqual(before);
      }
      const before = await eventsIn(c);
      for (const one of seen) await here.click(one);
      expect(await eventsIn(c)).toEqual(before);
    }),
    { numRuns: 25 },
  );
});
