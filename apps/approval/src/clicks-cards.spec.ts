/** What a person is shown after a look or a click: a card of their own, and copies that are brought up to date. */
import type { Case } from '@sallyport/case';
import { collected, type Step } from '@sallyport/case/testing';
import { evidence, managerId, sampleDigest, sampleInstant, subjectId } from '@sallyport/evidence/testing';
import { cardId } from '@sallyport/idempotency';
import type { InvokeAnswer } from '@sallyport/teams';
import { approvalRig, type ApprovalRig, voting } from './testing/approval-rig';
import { people } from './testing/teams-and-directory';

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await approvalRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const textOf = (answer: InvokeAnswer) => JSON.stringify(answer.value);
const look = { trigger: 'automatic' as const, verb: 'view' };
const two = voting([
  { role: 'manager', count: 1 },
  { role: 'secops', count: 1 },
]);
const otherEvidence = evidence({ collectedAt: sampleInstant(3) });
const updates = () => rig.world.sent.filter(({ method }) => method === 'PUT');
/** Posted, with messages that Teams knows. */
const posted = async (): Promise<Case> => {
  const c = await rig.newCase(...two.slice(0, -1));
  await rig.run(c);
  return rig.caseNow(c);
};
/** An update is not waited for by what asks for it. */
const untilTold = async (copies: number) => {
  const told = () => updates().filter(({ body }) => JSON.stringify(body).includes('The quorum is reached.'));
  while (told().length < copies) await new Promise(setImmediate);
  await rig.connector.settled();
};

it('shows buttons to whom they may serve, and none to whom the case is about', async () => {
  const c = await rig.newCase(...two);
  expect(textOf(await rig.click(c, people.ada, look))).toContain('"verb":"approve"');
  const hers = textOf(await rig.click(c, subjectId, look));
  expect(hers).not.toMatch(/"verb":"(approve|deny)"/);
  expect(hers).toContain('This case is about you, so you cannot vote on it.');
});

describe('a case id that follows from its ticket, with a digest that nobody was shown,', () => {
  const guessed = (c: Case) => cardId(c.id, sampleDigest(99));
  const before: [string, Step[]][] = [
    ['is posted', two.slice(0, -1)],
    ['is asked about', two],
    ['is decided', [...voting([{ role: 'secops', count: 1 }]), 'approval.voted', 'approval.decided']],
    ['went to a person', [...two, 'review.opened', 'notice.posted', 'ticket.updated']],
  ];
  it.each(before)('tells the user under attack nothing while the case %s', async (_, steps) => {
    const c = await rig.newCase(...steps);
    for (const over of [look, { verb: 'view' }, {}, { verb: 'deny' }]) {
      for (const voterId of [subjectId, people.stranger, people.ada]) {
        const answer = await rig.click(c, voterId, { ...over, cardId: guessed(c) });
        expect(answer.value).toBe('This card does not belong to an open case.');
      }
    }
    expect((await rig.caseNow(c)).seq).toBe(c.seq);
  });

  it('nor does one that fits a card of another case', async () => {
    const [c, other] = [
      await rig.newCase(...two),
      await rig.newCase((before) => collected(before, otherEvidence), ...two.slice(1)),
    ];
    const mixed = cardId(c.id, other.proposal?.digest ?? '');
    expect((await rig.click(c, subjectId, { ...look, cardId: mixed })).value).toBe(
      'This card does not belong to an open case.',
    );
  });
});

it('does not ask the directory about somebody who only looks', async () => {
  const c = await rig.newCase(...two);
  rig.world.directoryUp = false;
  expect(textOf(await rig.click(c, people.ada, look))).toContain('Approval needed');
});

it('shows whom it has turned away no buttons, and them again to who may be let in meanwhile and asks', async () => {
  const c = await rig.newCase(...two);
  const buttons = async (voterId: string, trigger: 'automatic' | 'manual') =>
    textOf(await rig.click(c, voterId, { trigger, verb: 'view' })).match(/"verb":"(approve|deny)"/g) ?? [];
  for (const id of [people.report, people.stranger, people.guest, people.disabled]) {
    await rig.click(c, id);
    expect(await buttons(id, 'automatic')).toEqual([]);
    expect(await buttons(id, 'manual')).toHaveLength(id === people.report ? 0 : 2);
  }
  expect(textOf(await rig.click(c, people.stranger, look))).toContain('If this has changed, press Refresh.');
  expect(await buttons(people.ada, 'automatic')).toHaveLength(2);
});

it('tells whoever has approved, and leaves them their Deny', async () => {
  const c = await rig.newCase(...two);
  const mine = textOf(await rig.click(c, managerId));
  expect(mine).toContain('You have approved.');
  expect(mine).not.toContain('"verb":"approve"');
  expect(mine).toContain('"verb":"deny"');
  expect(textOf(await rig.click(c, people.ada, look))).toContain('"verb":"approve"');
});

it('repairs a copy whose last update was lost as soon as somebody looks at it, once', async () => {
  const c = await posted();
  const [channel] = c.proposal?.messages ?? [];
  if (!channel) throw new Error('nothing was posted');
  rig.world.teamsStatus = (method) => (method === 'PUT' ? 404 : 201);
  await rig.click(c, people.ada);
  await rig.click(c, managerId);
  await rig.run(await rig.caseNow(c));
  await untilTold(2);
  rig.world.teamsStatus = () => 200;
  rig.world.sent = [];

  const { conversationId, activityId: replyToId } = channel;
  await rig.click(c, people.ada, { ...look, conversationId, replyToId });
  await untilTold(1);
  expect(updates()).toHaveLength(1);
  expect(updates()[0]?.path).toContain(encodeURIComponent(channel.activityId));
  expect(JSON.stringify(updates()[0]?.body)).toContain('The quorum is reached.');
  expect(JSON.stringify(updates()[0]?.body)).not.toContain('Action.Execute');

  for (const person of [people.ada, people.bob, people.stranger]) {
    await rig.click(c, person, { ...look, conversationId, replyToId });
    await rig.click(c, person, { conversationId, replyToId });
  }
  await rig.connector.settled();
  expect(updates()).toHaveLength(1);
  rig.pass(60_000);
  await rig.click(c, people.stranger, { ...look, conversationId, replyToId });
  await untilTold(2);
});

it('never writes to a message that is not known as one of this case', async () => {
  const c = await posted();
  await rig.click(c, people.ada);
  await rig.click(c, managerId);
  await rig.run(await rig.caseNow(c));
  await untilTold(2);
  rig.world.sent = [];
  const conversationId = 'elsewhere';
  await rig.click(c, people.ada, { ...look, conversationId, replyToId: 'message-of-another-case' });
  await rig.click(c, people.ada, look);
  // One that is known comes after them, and is written to: the others would have been by then.
  const [known] = c.proposal?.messages ?? [];
  if (!known) throw new Error('nothing was posted');
  await rig.click(c, people.ada, {
    ...look,
    conversationId: known.conversationId,
    replyToId: known.activityId,
  });
  await untilTold(1);
  await rig.connector.settled();
  expect(updates().map(({ path }) => path.split('/').at(-1))).toEqual([known.activityId]);
});

it('links to the case on the console where one is configured', async () => {
  const c = await rig.newCase(...two);
  const answer = textOf(await rig.click(c, people.ada, look));
  expect(answer).toContain(`"url":"https://console.example/cases/${c.id}"`);
});
