import { eventFor, type Step } from '@sallyport/case/testing';
import { approvalRig, type ApprovalRig } from './testing/approval-rig';

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await approvalRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

type How = 'retry' | 'doneByHand' | 'close';
const ended =
  (resolution: How): Step =>
  (c) =>
    eventFor(c, 'review.resolved', {
      resolution,
      note: { untrusted: 'Spoke to her. [x](https://evil.example)' },
    });

/** A case whose review was told in Teams, and which somebody has ended. */
async function endedReview(resolution: How) {
  const c = await rig.newCase('evidence.collected', 'review.opened');
  await rig.run(c);
  rig.world.sent = [];
  return rig.extend(c.id, 'ticket.updated', ended(resolution));
}
const updates = () => rig.world.sent.filter(({ method }) => method === 'PUT');

it.each([
  ['retry', 'Tried again', 'ticket and account are read anew'],
  ['doneByHand', 'Done by hand', ''],
  ['close', 'Closed, nothing more is done', ''],
] as const)('the notice tells who ended the review by %s', async (resolution, how, follows) => {
  const c = await endedReview(resolution);
  await rig.run(c);
  const [update] = updates();
  const card = JSON.stringify(update?.body);
  for (const words of ['Manual review ended', 'Ada Approver', how, 'Spoke to her.'])
    expect(card).toContain(words);
  expect(card.toLowerCase()).toContain(follows);
  expect(card).not.toContain('"url":"https://evil.example');
  expect(rig.posts()).toEqual([]);
  expect((await rig.caseNow(c)).phase).toBe('reviewEndPosted');
  expect((await rig.eventsOf(c)).at(-1)).toMatchObject({
    kind: 'reviewEnded',
    failure: null,
    messages: [{}],
  });
});

it('tries again while Teams is down, and changes nothing meanwhile', async () => {
  const c = await endedReview('close');
  rig.world.teamsStatus = () => 503;
  await expect(rig.run(c)).rejects.toMatchObject({ name: 'RetryableError' });
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
});
