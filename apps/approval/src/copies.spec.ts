import type { Case } from '@sallyport/case';
import { eventFor, type Step, vote } from '@sallyport/case/testing';
import type { CaseEventType } from '@sallyport/evidence';
import { sampleId } from '@sallyport/evidence/testing';
import { cardId } from '@sallyport/idempotency';
import { Copies } from './copies';
import { approvalRig, type ApprovalRig, asking } from './testing/approval-rig';
import { people } from './testing/teams-and-directory';

let rig: ApprovalRig;
let copies: Copies;
beforeAll(async () => {
  rig = await approvalRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(async () => {
  await rig.reset();
  copies = rig.copies();
});

const two = [{ role: 'secops' as const, count: 2 }];
/** Another decision, and so another question. */
const one = [{ role: 'secops' as const, count: 1 }];
const executed: CaseEventType[] = ['action.started', 'action.finished', 'action.started', 'action.finished'];
const closing: CaseEventType[] = [...executed, 'execution.completed', 'ticket.updated', 'case.closed'];

async function asked(): Promise<Case> {
  const c = await rig.newCase(...asking(two));
  await rig.run(c);
  await rig.run(await rig.caseNow(c));
  return forget(c);
}
/** What the sweeps before have to say is said, and forgotten. */
async function forget(c: Pick<Case, 'id'>): Promise<Case> {
  await copies.sweep();
  rig.world.sent = [];
  return rig.caseNow(c);
}
/** A vote of somebody who has not voted yet. */
const secondVote: Step = (c) =>
  eventFor(c, 'approval.voted', {
    channel: 'console',
    vote: vote({ voterId: sampleId(500 + (c.proposal?.votes.length ?? 0)) }),
  });
const updates = () => rig.world.sent.filter(({ method }) => method === 'PUT');
/** An update is waited for by nobody: not only that it came, but that it is over and no other is under way. */
const updated = async () => {
  while (updates().length === 0) await new Promise(setImmediate);
  await rig.connector.settled();
};

it('shows a vote of the console in Teams, once', async () => {
  const c = await asked();
  await rig.extend(c.id, (before) => eventFor(before, 'approval.voted', { channel: 'console' }));
  await copies.sweep();
  expect(updates()).toHaveLength(1);
  expect(JSON.stringify(updates())).toContain('Ada Approver');
  await copies.sweep();
  await rig.copies().sweep();
  expect(updates()).toHaveLength(1);
});

it('leaves a vote of Teams to the click that made it', async () => {
  const c = await asked();
  await rig.click(c, people.ada);
  await updated();
  await copies.sweep();
  expect(updates()).toHaveLength(1);
});

it('shows how a case ended, once, also after a restart', async () => {
  const c = await asked();
  await rig.click(c, people.ada);
  await rig.click(c, people.bob);
  await rig.run(await rig.caseNow(c));
  await updated();
  await rig.extend(c.id, ...closing);
  rig.world.sent = [];
  await copies.sweep();
  expect(JSON.stringify(updates())).toContain('every step is done and proven by reading back');
  await rig.copies().sweep();
  expect(updates()).toHaveLength(1);
});

it('says nothing of a case that asked nobody', async () => {
  const c = await rig.newCase(
    ...(['evidence.collected', 'review.opened', 'notice.posted', 'ticket.updated'] as const),
    (before) => eventFor(before, 'review.resolved', { resolution: 'close' }),
    ...(['notice.posted', 'ticket.updated', 'case.closed'] as const),
  );
  expect((await rig.caseNow(c)).phase).toBe('closed');
  await copies.sweep();
  expect(updates()).toEqual([]);
});

it('is not kept by a copy that is gone from showing the others', async () => {
  const first = await asked();
  await rig.extend(first.id, (before) => eventFor(before, 'approval.voted', { channel: 'console' }));
  rig.world.teamsStatus = () => 404;
  await copies.sweep();
  rig.world.teamsStatus = () => 201;
  rig.world.sent = [];
  const second = await rig.newCase(...asking(two));
  await rig.run(second);
  await rig.run(await rig.caseNow(second));
  await rig.extend(second.id, (before) => eventFor(before, 'approval.voted', { channel: 'console' }));
  await copies.sweep();
  expect(updates()).toHaveLength(1);
});

const textOfUpdates = () => JSON.stringify(updates());
const votedOnConsole: Step = (before) => eventFor(before, 'approval.voted', { channel: 'console' });
const voided: Step = (before) => eventFor(before, 'execution.completed', { result: 'void' });
const handover = (c: Case) => rig.extend(c.id, 'review.opened');

it.each<[string, Step[], string]>([
  ['found its approval void', [secondVote, secondVote, 'approval.decided', voided], 'No longer valid'],
  ['went to a person while people were asked', ['review.opened'], 'No longer asked'],
  [
    'was denied elsewhere',
    [
      (c) => eventFor(c, 'approval.voted', { vote: vote({ choice: 'deny' }), channel: 'console' }),
      'approval.decided',
    ],
    'Denied',
  ],
])('shows on every copy that a case %s, without buttons, once', async (_, steps, words) => {
  const c = await asked();
  await rig.extend(c.id, ...steps);
  await copies.sweep();
  expect(updates()).toHaveLength(1);
  expect(textOfUpdates()).toContain(words);
  expect(textOfUpdates()).not.toContain('Action.Execute');
  await rig.copies().sweep();
  expect(updates()).toHaveLength(1);
});

it('shows the question of a void round as no longer valid also while the next one is asked', async () => {
  const c = await asked();
  await rig.extend(c.id, secondVote, secondVote, 'approval.decided', voided, ...asking(two));
  const again = await rig.caseNow(c);
  await rig.run(again);
  await rig.run(await rig.caseNow(c));
  rig.world.sent = [];
  await copies.sweep();
  const old = c.proposal?.messages[0]?.activityId ?? '';
  expect(updates().map(({ path }) => path.split('/').at(-1))).toEqual([old]);
  expect(textOfUpdates()).toContain('because something had changed by then: As the ledger says.');
});

it('tries again what Teams did not take, until it does, and not what is gone', async () => {
  const c = await asked();
  await rig.extend(c.id, votedOnConsole);
  rig.world.teamsStatus = () => 503;
  await copies.sweep();
  rig.world.sent = [];
  rig.world.teamsStatus = () => 200;
  await copies.sweep();
  expect(updates()).toEqual([]);
  rig.pass(2 * 60_000);
  await copies.sweep();
  expect(textOfUpdates()).toContain('Ada Approver');
  expect(updates()).toHaveLength(1);

  rig.world.teamsStatus = () => 404;
  await handover(c);
  await copies.sweep();
  rig.world.sent = [];
  rig.pass(2 * 60_000);
  await copies.sweep();
  expect(updates()).toEqual([]);
});

it.each<[string, () => void]>([
  ['its secret has expired', () => (rig.world.secretTaken = false)],
  ['Teams refuses it for a reason that may pass', () => (rig.world.teamsStatus = () => 400)],
])('tries again for a day where the bot cannot update because %s', async (_, happens) => {
  const c = await asked();
  await rig.extend(c.id, votedOnConsole);
  happens();
  for (let hours = 0; hours < 12; hours += 1) {
    await copies.sweep();
    rig.pass(3_600_000);
  }
  Object.assign(rig.world, { secretTaken: true, teamsStatus: () => 200, sent: [] });
  await copies.sweep();
  expect(updates()).toHaveLength(1);
  expect(textOfUpdates()).toContain('Ada Approver');
});

it('knows after a restart what Teams did not take, also of a click and of a decision', async () => {
  const c = await asked();
  rig.world.teamsStatus = (method) => (method === 'PUT' ? 503 : 201);
  await rig.click(c, people.ada);
  await rig.click(c, people.bob);
  await rig.run(await rig.caseNow(c));
  await rig.connector.settled();
  rig.world.sent = [];
  rig.world.teamsStatus = () => 200;
  await rig.copies().sweep();
  expect(updates()).toHaveLength(1);
  expect(textOfUpdates()).toContain('The quorum is reached.');
});

it('gives up after a day', async () => {
  const c = await asked();
  await rig.extend(c.id, votedOnConsole);
  rig.world.teamsStatus = () => 503;
  await copies.sweep();
  rig.pass(25 * 3_600_000);
  await copies.sweep();
  rig.world.sent = [];
  rig.pass(3_600_000);
  await copies.sweep();
  expect(updates()).toEqual([]);
});

it('is repaired by a look at a card of a void round, and shows whoever looks what is asked now', async () => {
  const c = await asked();
  await rig.extend(c.id, secondVote, secondVote, 'approval.decided', voided, ...asking(one));
  await rig.run(await rig.caseNow(c));
  await rig.run(await rig.caseNow(c));
  const [old] = c.proposal?.messages ?? [];
  if (!old) throw new Error('nothing was posted');
  rig.world.sent = [];
  const answer = await rig.click(c, people.ada, {
    ...{ trigger: 'automatic', verb: 'view', cardId: cardId(c.id, c.proposal?.digest ?? '') },
    ...{ conversationId: old.conversationId, replyToId: old.activityId },
  });
  const now = await rig.caseNow(c);
  expect(JSON.stringify(answer.value)).toContain(cardId(c.id, now.proposal?.digest ?? ''));
  await rig.updates(1);
  expect(textOfUpdates()).toContain('No longer valid');
});
