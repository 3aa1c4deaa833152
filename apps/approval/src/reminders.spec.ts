import type { Case } from '@sallyport/case';
import { callerId, managerId, sampleId, subjectId } from '@sallyport/evidence/testing';
import { DeadLetters } from '@sallyport/stage';
import { maxEscalationPeople } from './recipients';
import { approvalRig, type ApprovalRig, asking } from './testing/approval-rig';
import { escalationChannelId, people } from './testing/teams-and-directory';

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await approvalRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const minute = 60_000;
const both = [
  { role: 'manager' as const, count: 1 },
  { role: 'secops' as const, count: 1 },
];

/** A case that has just asked channel and manager; what was sent for that is forgotten. */
async function askedCase(): Promise<Case> {
  const c = await rig.newCase(...asking(both));
  await rig.run(c);
  await rig.run(await rig.caseNow(c));
  rig.world.sent = [];
  return rig.caseNow(c);
}
const runNow = async (c: Case): Promise<Case> => {
  await rig.run(await rig.caseNow(c));
  return rig.caseNow(c);
};
const summaries = () => rig.posts().map(({ body }) => body.activity?.summary ?? body.summary ?? '');
const toChannel = (id: string) => rig.posts().filter(({ body }) => body.channelData?.channel?.id === id);
const chatsOpened = () => rig.world.sent.flatMap(({ body }) => body.members?.map(({ id }) => id) ?? []);

it('asks again at half time those who have not answered, and nobody else', async () => {
  const c = await askedCase();
  await rig.click(c, people.ada);
  rig.world.sent = [];
  rig.pass(120 * minute - 1);
  expect((await runNow(c)).seq).toBe(c.seq + 1);
  rig.pass(1);
  const reminded = await runNow(c);
  expect(summaries()).toEqual(['Still needed: approval: INC0010001']);
  expect(chatsOpened()).toEqual([managerId]);
  expect(reminded.proposal?.messages).toHaveLength(3);
  expect(reminded.phase).toBe('voting');
});

it('reminds once, whatever is sent to the stage and whenever it dies', async () => {
  const c = await askedCase();
  rig.pass(121 * minute);
  rig.crashingLog.diesBefore = 'notice.posted';
  await expect(rig.run(c)).rejects.toThrow('died');
  const reminded = await runNow(c);
  await rig.run(c);
  await runNow(c);
  expect(rig.posts()).toHaveLength(2);
  expect((await rig.caseNow(c)).seq).toBe(reminded.seq);
});

it('tells others once three quarters of the time have passed, and gives them no right', async () => {
  const c = await askedCase();
  rig.pass(181 * minute);
  const escalated = await runNow(c);
  expect(escalated.proposal).toMatchObject({ escalated: true, quorum: both, votes: [] });
  expect(toChannel(escalationChannelId)).toHaveLength(1);
  expect(chatsOpened()).toEqual([people.ivy]);
  expect(summaries()[0]).toBe('Escalated: nobody has decided yet: INC0010001');
  await rig.click(escalated, people.ivy);
  expect((await rig.caseNow(c)).proposal).toMatchObject({ votes: [], refused: [{ refusal: 'noRole' }] });
  // The reminder that was missed is not made up for: everybody has just been told.
  const posted = rig.posts().length;
  await runNow(c);
  expect(rig.posts()).toHaveLength(posted);
});

it('tells neither the user nor who asked, and no more than a few', async () => {
  rig.world.onCall = [subjectId, callerId, ...Array.from({ length: 30 }, (_, at) => sampleId(700 + at))];
  const c = await askedCase();
  rig.pass(181 * minute);
  await runNow(c);
  expect(chatsOpened()).toEqual(Array.from({ length: maxEscalationPeople }, (_, at) => sampleId(700 + at)));
});

it('tells the channel although the directory does not say who else', async () => {
  const c = await askedCase();
  rig.world.directoryUp = false;
  rig.pass(181 * minute);
  const escalated = await runNow(c);
  expect(toChannel(escalationChannelId)).toHaveLength(1);
  expect(escalated.proposal).toMatchObject({
    escalated: true,
    unreached: expect.stringMatching(/^escalation-group:/),
  });
});

it('updates every copy once it is decided, those of reminder and escalation too', async () => {
  const c = await askedCase();
  rig.pass(121 * minute);
  await runNow(c);
  rig.pass(60 * minute);
  await runNow(c);
  await rig.click(c, people.ada, { verb: 'deny' });
  rig.world.sent = [];
  const decided = await runNow(c);
  const copies = decided.proposal?.messages.length ?? 0;
  expect(copies).toBe(6);
  while (rig.world.sent.filter(({ method }) => method === 'PUT').length < copies) {
    await new Promise(setImmediate);
  }
});

it('a reminder that Teams refuses for good leaves the question open', async () => {
  const c = await askedCase();
  rig.world.teamsStatus = () => 403;
  rig.pass(121 * minute);
  const after = await runNow(c);
  expect(after).toMatchObject({
    phase: 'voting',
    proposal: { unreached: 'channel:http403, manager:http403' },
  });
  await rig.click(after, people.ada);
  expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(1);
});

it('a reminder whose attempts ran out does so as well, and is not tried for ever', async () => {
  const c = await askedCase();
  rig.world.teamsStatus = () => 503;
  rig.pass(121 * minute);
  await expect(rig.run(c)).rejects.toMatchObject({ name: 'RetryableError' });
  const dead = new DeadLetters(rig.stage, rig.logger);
  const failure = { code: 'http503', message: '', attempts: 8 };
  expect(await dead.handOver({ caseId: c.id, stage: 'approval', seq: c.seq - 1 }, failure)).toBe(false);
  expect(await dead.handOver({ caseId: c.id, stage: 'approval', seq: c.seq }, failure)).toBe(true);
  const after = await rig.caseNow(c);
  expect(after).toMatchObject({ phase: 'voting', proposal: { unreached: 'reminder:http503' } });
  rig.world.sent = [];
  await runNow(c);
  expect(rig.posts()).toEqual([]);
});

it('expires at its time however many notices failed', async () => {
  const c = await askedCase();
  rig.pass(241 * minute);
  expect(await runNow(c)).toMatchObject({ phase: 'stuck', stuck: { reason: 'approvalExpired' } });
  expect(rig.posts()).toEqual([]);
});
