import type { Case } from '@sallyport/case';
import { eventFor } from '@sallyport/case/testing';
import type { CaseEventType } from '@sallyport/evidence';
import { Copies } from './copies';
import { approvalRig, type ApprovalRig, asking } from './testing/approval-rig';
import { people } from './testing/teams-and-directory';

// Real Postgres and HTTP, on machines that may be busy.
jest.setTimeout(30_000);

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
const updates = () => rig.world.sent.filter(({ method }) => method === 'PUT');

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
  while (updates().length === 0) await new Promise(setImmediate);
  await copies.sweep();
  expect(updates()).toHaveLength(1);
});

it('shows how a case ended, once, also after a restart', async () => {
  const c = await asked();
  await rig.click(c, people.ada);
  await rig.click(c, people.bob);
  await rig.run(await rig.caseNow(c));
  while (updates().length === 0) await new Promise(setImmediate);
  await rig.extend(c.id, ...closing);
  rig.world.sent = [];
  await copies.sweep();
  expect(JSON.stringify(updates())).toContain('every step is done and proven by reading back');
  await rig.copies().sweep();
  expect(updates()).toHaveLength(1);
});

it('says nothing of a case that asked nobody', async () => {
  const c = await rig.newCase('evidence.collected', 'review.opened', (before) =>
    eventFor(before, 'review.resolved', { resolution: 'closeByHand' }),
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
