import type { Case } from '@sallyport/case';
import { sampleDigest, sampleId, subjectId } from '@sallyport/evidence/testing';
import { approvalGraceMs } from './approval-flaw';
import { executorRig, type ExecutorRig, packAt } from './testing/executor-rig';
import { auditRow, detectionRow } from './testing/graph-world';

let rig: ExecutorRig;
beforeAll(async () => {
  rig = await executorRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const globalAdministrator = '62e90394-69f5-4237-9190-012177145e10';
const lastEvent = async (c: Case) => (await rig.eventsOf(c)).at(-1);
const minutesAgo = (minutes: number) => new Date(rig.clock().getTime() - minutes * 60_000).toISOString();

it.each<[string, () => void, string]>([
  [
    'a detection was added',
    () =>
      rig.world.account.detections.push(
        detectionRow({ id: 'detection-2', at: minutesAgo(1), kind: 'unlikelyTravel' }),
      ),
    '1 new risk detection(s) since the approval: unlikelyTravel. Policy now says hold instead of act.',
  ],
  [
    'the risk rose',
    () => (rig.world.account.risk.level = 'high'),
    'The risk has moved from medium/atRisk to high/atRisk. Policy no longer proposes this plan.',
  ],
  [
    'the risk was touched',
    () => (rig.world.account.risk.updatedAt = minutesAgo(1)),
    'The risk has moved from medium/atRisk to medium/atRisk.',
  ],
  [
    'somebody else dismissed the risk',
    () => (rig.world.account.risk.state = 'dismissed'),
    'The risk has moved from medium/atRisk to medium/dismissed. Policy now says hold instead of act. The account has no open risk: there is nothing to release and nothing to contain.',
  ],
  [
    'a role was added',
    () => rig.world.account.roles.push({ roleTemplateId: globalAdministrator }),
    'Policy now proposes to contain instead of to release. The account holds, can activate, or may hold a privileged role: automation never releases it.',
  ],
  [
    'the history of the risk names what no detection shows any more',
    () =>
      rig.world.history.push({
        ...{ userId: subjectId, riskLevel: 'medium', riskState: 'atRisk', initiatedBy: null },
        ...{ riskLastUpdatedDateTime: minutesAgo(100 * 24 * 60) },
        activity: { riskEventTypes: ['anomalousToken'] },
      }),
    'Policy now says hold instead of act.',
  ],
  [
    'the account was disabled',
    () => (rig.world.account.accountEnabled = false),
    'The plan would now be another one.',
  ],
])('an approval is void where %s, and nothing is called', async (_, change, detail) => {
  const c = await rig.approvedCase();
  change();
  const after = await rig.drive(c);
  expect(await lastEvent(c)).toMatchObject({
    ...{ type: 'execution.completed', result: 'void' },
    detail: expect.stringContaining(detail),
  });
  expect(after).toMatchObject({ phase: 'opened', proposal: null, proposed: null });
  expect(rig.world.writes).toEqual([]);
});

it('an approval is void where the policy was changed since', async () => {
  const c = await rig.approvedCase();
  await rig.drive(c, rig.handlerWith(packAt('auto-low-risk')));
  expect(await lastEvent(c)).toMatchObject({
    result: 'void',
    detail: 'The policy was changed since the approval.',
  });
  expect(rig.world.writes).toEqual([]);
});

it('an approval holds where nothing but time has passed', async () => {
  const c = await rig.approvedCase();
  rig.pass(60 * 60_000);
  expect((await rig.drive(c)).phase).toBe('settled');
});

it('an approved containment holds where a detection was added: it is one more reason for it', async () => {
  rig.world.account.roles.push({ roleTemplateId: globalAdministrator });
  const c = await rig.approvedCase();
  expect(c.proposed?.plan.action).toBe('contain');
  rig.world.account.detections.push(detectionRow({ id: 'detection-2', at: minutesAgo(1) }));
  await rig.drive(c);
  expect(rig.world.writes.map(({ step }) => step)).toEqual(['revokeSessions']);
});

it('a containment that waited is void where the risk was dismissed meanwhile', async () => {
  rig.world.account.risk.level = 'high';
  const c = await rig.decidedCase();
  rig.world.account.risk.state = 'dismissed';
  rig.pass(6 * 60_000);
  await rig.drive(c);
  expect(await lastEvent(c)).toMatchObject({
    ...{ type: 'execution.completed', slot: 'immediate', result: 'void' },
    detail: 'Policy no longer permits to contain this account.',
  });
  expect(rig.world.writes).toEqual([]);
});

it('an approval is void where the user has another manager meanwhile', async () => {
  const c = await rig.approvedCase();
  rig.world.account.managerId = sampleId(61);
  await rig.drive(c);
  expect(await lastEvent(c)).toMatchObject({
    ...{ type: 'execution.completed', result: 'void' },
    detail: expect.stringContaining('The manager of the user is another one'),
  });
  expect(rig.world.writes).toEqual([]);
});

describe('logs that show late what was done before', () => {
  const leftMs = 15 * 60_000;
  /** By an executor for which the logs of this case need so much more time from now on. */
  const checkNow = (c: Case) => {
    const check = rig.checkThatWaits(rig.clock().getTime() - Date.parse(c.opened.at) + leftMs);
    return () => check.difference(c, c.proposed ? 'proposed' : 'immediate', rig.clock);
  };

  it('are waited for before a release, until they hold everything up to the opening of the case', async () => {
    const c = await rig.approvedCase();
    const difference = checkNow(c);
    const waits = { name: 'NotYet', code: 'logsSettling' };
    await expect(difference()).rejects.toMatchObject({ ...waits, retryAfterMs: leftMs });
    rig.pass(leftMs - 1);
    await expect(difference()).rejects.toMatchObject({ ...waits, retryAfterMs: 1 });
    rig.pass(1);
    expect(await difference()).toBeNull();
  });

  it('void the release where the manager who approved was put in place just before the ticket', async () => {
    const c = await rig.approvedCase();
    const difference = checkNow(c);
    rig.pass(leftMs);
    rig.world.audits.push(auditRow(c.opened.at, 'Set user manager', { user: { id: sampleId(60) } }));
    expect(await difference()).toMatchObject({
      detail: expect.stringContaining('The manager was, or may have been, changed'),
    });
  });

  it('hold up no containment', async () => {
    rig.world.account.risk.level = 'high';
    expect(await checkNow(await rig.decidedCase())()).toBeNull();
    rig.world.account.roles.push({ roleTemplateId: globalAdministrator });
    rig.world.account.risk.level = 'medium';
    const asked = await rig.approvedCase();
    expect(asked.proposed?.plan.action).toBe('contain');
    expect(await checkNow(asked)()).toBeNull();
  });
});

it('a containment that waited is void where policy now asks people first', async () => {
  rig.world.account.risk.level = 'high';
  const c = await rig.decidedCase();
  rig.world.account.roles.push({ roleTemplateId: globalAdministrator });
  rig.pass(6 * 60_000);
  await rig.drive(c);
  expect(await lastEvent(c)).toMatchObject({
    ...{ type: 'execution.completed', slot: 'immediate', result: 'void' },
    detail: 'Policy now asks people before this account is contained.',
  });
  expect(rig.world.writes).toEqual([]);
});

it('a fresh containment is judged again where the policy was changed since', async () => {
  rig.world.account.risk.level = 'high';
  const c = await rig.decidedCase();
  rig.world.account.roles.push({ roleTemplateId: globalAdministrator });
  await rig.drive(c, rig.handlerWith(packAt('auto-low-risk')));
  expect(await lastEvent(c)).toMatchObject({ type: 'execution.completed', result: 'void' });
  expect(rig.world.writes).toEqual([]);
});

it('a containment that waited goes on where the risk is as it was', async () => {
  rig.world.account.risk.level = 'high';
  const c = await rig.decidedCase();
  rig.pass(6 * 60_000);
  expect((await rig.drive(c)).phase).toBe('settled');
});

it('nothing is called, and the job comes again, where the account cannot be read before acting', async () => {
  const c = await rig.approvedCase();
  rig.world.readable = false;
  await expect(rig.run(c)).rejects.toMatchObject({ name: 'RetryableError', code: 'evidenceUnavailable' });
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
  rig.world.readable = true;
  expect((await rig.drive(c)).phase).toBe('settled');
});

/** A release of two steps, with a change directly after its first one. */
async function changedAfterFirstStep(change: () => void): Promise<Case> {
  rig.world.account.accountEnabled = false;
  rig.crashingLog.dies = (_, event) => {
    if (event.type === 'action.finished' && event.step === 'dismissRisk') change();
    return 'no';
  };
  return rig.drive(await rig.approvedCase());
}
const secondDetection = () =>
  rig.world.account.detections.push(
    detectionRow({ id: 'detection-2', at: minutesAgo(1), kind: 'unlikelyTravel' }),
  );
it.each<[string, () => void, string]>([
  ['a detection is new', secondDetection, '1 new risk detection(s) since the approval: unlikelyTravel.'],
  [
    'the account is at risk again',
    () => Object.assign(rig.world.account.risk, { level: 'high', state: 'atRisk' }),
    'The risk was dismissed and is high/atRisk now.',
  ],
  [
    'the risk is computed anew',
    () => void (rig.world.account.risk.processing = true),
    'Identity Protection is computing the risk anew.',
  ],
  ['the ticket was closed', () => void (rig.ticket.active = 'false'), 'The ticket was closed meanwhile.'],
  [
    'the ticket is about somebody else',
    () => void (rig.ticket.subject = sampleId(60)),
    'The ticket is now about somebody else.',
  ],
  [
    'the ticket is asked for by somebody else',
    () => void (rig.ticket.caller = sampleId(60)),
    'The ticket no longer names the same people as those who ask.',
  ],
  ['the approval ran out', () => rig.pass(7 * 24 * 60 * 60_000), 'its time ran out before this was done.'],
])('a release stops after its first step where %s', async (_, change, detail) => {
  const after = await changedAfterFirstStep(change);
  expect(rig.world.writes.map(({ step }) => step)).toEqual(['dismissRisk']);
  expect(after).toMatchObject({ phase: 'reviewOpened', proposed: { result: 'incomplete' } });
  expect(after.proposed?.detail).toContain(detail);
});

it('a release stops after its first step where the policy was changed since', async () => {
  rig.world.account.accountEnabled = false;
  rig.crashingLog.dies = (_, event) => (event.type === 'action.finished' ? 'after' : 'no');
  const c = await rig.approvedCase();
  await expect(rig.run(c)).rejects.toThrow('after action.finished');
  rig.crashingLog.dies = () => 'no';
  const after = await rig.drive(c, rig.handlerWith(packAt('auto-low-risk')));
  expect(rig.world.writes.map(({ step }) => step)).toEqual(['dismissRisk']);
  expect(after.proposed?.detail).toContain('The policy was changed since the approval.');
});

it('a release waits between its steps while ServiceNow does not answer', async () => {
  let downs = 0;
  rig.crashingLog.dies = (_, event) => {
    if (event.type === 'action.finished') downs += 1;
    rig.ticket.status = downs === 1 ? 503 : 200;
    return 'no';
  };
  rig.world.account.accountEnabled = false;
  const c = await rig.approvedCase();
  await expect(rig.run(c)).rejects.toMatchObject({ name: 'RetryableError', code: 'ticketUnavailable' });
  expect(rig.world.writes.map(({ step }) => step)).toEqual(['dismissRisk']);
  rig.ticket.status = 200;
  expect((await rig.drive(c)).phase).toBe('settled');
});

it('a containment that has begun is not stopped', async () => {
  rig.world.account.risk.level = 'high';
  rig.crashingLog.dies = (_, event) => {
    if (event.type === 'action.started') rig.world.account.risk.state = 'remediated';
    return 'no';
  };
  await rig.drive(await rig.decidedCase());
  expect(rig.world.writes).toHaveLength(2);
});

it('an approval is void when its time ran out, a quarter of an hour later, and the question is asked anew', async () => {
  const c = await rig.approvedCase();
  const endsAt = Date.parse(c.proposal?.expiresAt ?? '') + approvalGraceMs;
  rig.pass(endsAt - rig.clock().getTime());
  const after = await rig.drive(c);
  expect(await lastEvent(c)).toMatchObject({
    ...{ type: 'execution.completed', result: 'void' },
    detail: 'The approval came in time, but its time ran out before this was done.',
  });
  expect(after.phase).toBe('opened');
  expect(rig.world.writes).toEqual([]);
});

it.each<[string, (c: Case) => Case, string]>([
  [
    'the votes do not carry',
    (c) => ({ ...c, proposal: c.proposal && { ...c.proposal, votes: c.proposal.votes.slice(1) } }),
    'The votes do not approve this.',
  ],
  [
    'was given for other evidence',
    (c) => ({ ...c, evidenceDigest: sampleDigest(99) }),
    'The approval is for other evidence, another decision or another plan.',
  ],
  [
    'was given for another plan',
    (c) => ({
      ...c,
      proposed: c.proposed && { ...c.proposed, plan: { ...c.proposed.plan, steps: ['enableAccount'] } },
    }),
    'The approval is for other evidence, another decision or another plan.',
  ],
  ['nobody gave', (c) => ({ ...c, proposal: null }), 'Nobody was asked to approve this.'],
])('an approval that %s is void, and a person looks', async (_, change, detail) => {
  const c = await rig.approvedCase();
  expect(await rig.check.difference(c, 'proposed', rig.clock)).toBeNull();
  expect(await rig.check.difference(change(c), 'proposed', rig.clock)).toEqual({ detail, handOver: true });
});

const hourLater = () => rig.pass(60 * 60_000);
const otherRequester = 'The ticket no longer names the same people as those who ask.';
const [closed, elsewhere, asked, gone] = [
  () => void (rig.ticket.active = 'false'),
  () => void (rig.ticket.subject = sampleId(60)),
  () => void (rig.ticket.caller = sampleId(60)),
  () => void (rig.ticket.status = 404),
];
it.each<[string, () => void, string, 'reviewOpened' | 'opened']>([
  ['was closed', closed, 'The ticket was closed meanwhile.', 'reviewOpened'],
  ['is about somebody else', elsewhere, 'The ticket is now about somebody else.', 'opened'],
  [
    'is about nobody',
    () => void (rig.ticket.subject = ''),
    'The ticket is now about somebody else.',
    'opened',
  ],
  ['is asked for by somebody else', asked, otherRequester, 'opened'],
  ['is asked for by nobody', () => void (rig.ticket.caller = ''), otherRequester, 'opened'],
  ['was recorded by somebody else', () => void (rig.ticket.opener = sampleId(61)), otherRequester, 'opened'],
  [
    'is asked for by a person of no object id',
    () => void (rig.ticket.opener = 'x'),
    otherRequester,
    'opened',
  ],
  ['is gone', gone, 'The ticket is gone.', 'reviewOpened'],
  [
    'may no longer be read',
    () => void (rig.ticket.status = 403),
    'The ticket can no longer be read: forbidden.',
    'reviewOpened',
  ],
])('an approval is void where the ticket %s, and nothing is called', async (_, change, detail, phase) => {
  const c = await rig.approvedCase();
  change();
  const after = await rig.drive(c);
  const completed = (await rig.eventsOf(c)).find((event) => event.type === 'execution.completed');
  expect(completed).toMatchObject({ result: 'void', detail });
  expect(after.phase).toBe(phase);
  if (phase === 'reviewOpened') expect(after.review).toMatchObject({ reason: 'approvalVoid', detail });
  expect(rig.world.writes).toEqual([]);
});

it.each<[string, () => void]>([
  ['asked for', asked],
  ['recorded', () => void (rig.ticket.opener = sampleId(61))],
])('an approved containment holds where the ticket is %s by somebody else since', async (_, change) => {
  rig.world.account.roles.push({ roleTemplateId: globalAdministrator });
  const c = await rig.approvedCase();
  expect(c.proposed?.plan.action).toBe('contain');
  change();
  await rig.drive(c);
  expect(rig.world.writes.map(({ step }) => step)).toEqual(['revokeSessions']);
});

it('an approved plan waits while ServiceNow does not answer', async () => {
  const c = await rig.approvedCase();
  rig.ticket.status = 503;
  await expect(rig.run(c)).rejects.toMatchObject({ name: 'RetryableError', code: 'ticketUnavailable' });
  expect(rig.world.writes).toEqual([]);
  rig.ticket.status = 200;
  expect((await rig.drive(c)).phase).toBe('settled');
});

it.each<[string, () => void, number]>([
  ['goes on where ServiceNow does not answer', () => void (rig.ticket.status = 503), 2],
  ['goes on where the ticket is gone', gone, 2],
  ['goes on where the ticket was closed', closed, 2],
  ['goes on where the ticket is about somebody else', elsewhere, 2],
  ['goes on where the ticket is asked for by somebody else', asked, 2],
  ['goes on where the account cannot be read', () => void (rig.world.readable = false), 2],
])('a containment that waited %s', async (_, change, writes) => {
  rig.world.account.risk.level = 'high';
  const c = await rig.decidedCase();
  hourLater();
  change();
  rig.crashingLog.dies = (_append, event) => {
    if (event.type === 'action.answered') rig.world.readable = true;
    return 'no';
  };
  await rig.drive(c);
  expect(rig.world.writes).toHaveLength(writes);
});

it('a subject that was renamed since is the same person: nobody is found by name', async () => {
  const c = await rig.approvedCase();
  rig.world.account.name = 'Sam Other';
  expect((await rig.drive(c)).phase).toBe('settled');
});

it('a subject that was deleted since is not acted upon', async () => {
  const c = await rig.approvedCase();
  rig.world.account.deleted = true;
  await rig.drive(c);
  expect(await lastEvent(c)).toMatchObject({ type: 'execution.completed', result: 'void' });
  expect(rig.world.writes).toEqual([]);
});
