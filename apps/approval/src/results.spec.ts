import type { Case } from '@sallyport/case';
import { decided, eventFor, grouped, opened, type Step } from '@sallyport/case/testing';
import type { CaseEventType, StepKind } from '@sallyport/evidence';
import { containPlan, releasePlan, ruling } from '@sallyport/evidence/testing';
import type { Copies } from './copies';
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
  await copies.sweep();
  rig.world.sent = [];
});

const executed: CaseEventType[] = ['action.started', 'action.finished', 'action.started', 'action.finished'];
async function approved(plan = releasePlan()): Promise<Case> {
  const c = await rig.newCase(...asking([{ role: 'secops', count: 1 }], plan));
  await rig.run(c);
  await rig.run(await rig.caseNow(c));
  await rig.click(c.proposal ? c : await rig.caseNow(c), people.ada);
  await rig.run(await rig.caseNow(c));
  await rig.connector.settled();
  return rig.caseNow(c);
}
const atOnce = {
  course: 'act' as const,
  rulings: { contain: ruling({ effect: 'permit', immediate: true }), release: ruling(), close: ruling() },
  ...{ immediate: containPlan(), proposed: null },
};
const containedAtOnce: Step = (c) => decided(c, atOnce);
const results = () => rig.posts().filter(({ body }) => JSON.stringify(body).includes('Done: '));

it('answers the card that asked with what was done, once, also after a restart', async () => {
  const c = await approved();
  await rig.extend(c.id, ...executed, 'execution.completed');
  await copies.sweep();
  await copies.sweep();
  await rig.copies().sweep();
  const [result, ...others] = results();
  expect(others).toEqual([]);
  expect(result?.path).toContain(encodeURIComponent(c.proposal?.messages[0]?.conversationId ?? 'nowhere'));
  expect(result?.body.summary).toBe('Done: INC0010001');
  expect(JSON.stringify(result?.body)).toContain('Done: the account is released');
  expect(JSON.stringify(result?.body)).toContain('Dismiss the user risk in Entra ID Protection');
  expect(JSON.stringify(result?.body)).not.toContain('Action.Execute');
});

it('tells the channel of a containment that nobody was asked about', async () => {
  const c = await rig.newCase('evidence.collected', containedAtOnce, ...executed, 'execution.completed');
  await rig.extend(c.id, 'ticket.updated', 'case.closed');
  await copies.sweep();
  expect(results()).toHaveLength(1);
  expect(results()[0]?.body.channelData?.channel?.id).toBe(rig.config.TEAMS_APPROVALS_CHANNEL_ID);
  expect(JSON.stringify(results())).toContain('Nobody was asked: policy demands this at once.');
});

it('leaves a containment of a group to the notice of its lead, which a member adds to', async () => {
  const member: Step = (c) => grouped(c, opened('the lead').caseId, 'newCountry', atOnce);
  const c = await rig.newCase('evidence.collected', member, ...executed, 'execution.completed');
  await rig.extend(c.id, 'ticket.updated', 'case.closed');
  await copies.sweep();
  expect(results()).toEqual([]);
});

it.each<[string, Step[]]>([
  ['was approved and is not carried out yet', []],
  ['was carried out in part', [(c) => eventFor(c, 'action.started')]],
  ['became void', [(c) => eventFor(c, 'execution.completed', { result: 'void' })]],
])('says nothing of a case that %s', async (_, steps) => {
  const c = await approved();
  await rig.extend(c.id, ...steps);
  await copies.sweep();
  expect(results()).toEqual([]);
});

it.each<[string, StepKind[], CaseEventType[]]>([
  ['a step', ['dismissRisk'], executed.slice(0, 2)],
  ['everything', [], []],
])('says nothing of a release of which %s is done by hand', async (_, steps, done) => {
  const manual = { kind: 'enableAccount', reason: 'Synced.', instruction: 'Enable it.' } as const;
  const c = await approved(releasePlan({ steps, manualSteps: [manual] }));
  await rig.extend(c.id, ...done, 'execution.completed');
  await copies.sweep();
  expect((await rig.caseNow(c)).proposed?.result).toBe('done');
  expect(results()).toEqual([]);
});

it('tells it later where Teams cannot be told now', async () => {
  const c = await approved();
  await rig.extend(c.id, ...executed, 'execution.completed');
  rig.world.teamsStatus = () => 412;
  await copies.sweep();
  rig.world.teamsStatus = () => 201;
  rig.world.sent = [];
  rig.pass(2 * 60_000);
  await copies.sweep();
  expect(results()).toHaveLength(1);
});
