import { collected, courses, decided, eventFor, evidence, watched } from '@sallyport/case/testing';
import { known, managerId, releasePlan, ruling, sampleInstant } from '@sallyport/evidence/testing';
import { cardFor } from './cards';
import { approvalRig, type ApprovalRig, asking, voting } from './testing/approval-rig';

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await approvalRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const secops = [{ role: 'secops' as const, count: 1 }];
const managerAndSecops = [{ role: 'manager' as const, count: 1 }, ...secops];

it('fixes whom to ask, about what and until when, before anybody is asked', async () => {
  const c = await rig.newCase(...asking(secops));
  await rig.run(c);
  const after = await rig.caseNow(c);
  expect(after).toMatchObject({
    phase: 'posting',
    proposal: { quorum: secops, plan: releasePlan(), votes: [] },
  });
  const ttlMs = Date.parse(after.proposal?.expiresAt ?? '') - rig.clock().getTime();
  expect(ttlMs).toBe(rig.config.APPROVAL_TTL_MINUTES * 60_000);
  expect(rig.posts()).toEqual([]);
});

it('asks the channel for a group, and the manager in a chat', async () => {
  const c = await rig.newCase(...asking(managerAndSecops), 'approval.requested');
  await rig.run(c);
  expect(rig.posts().map(({ body, path }) => body.isGroup ?? path)).toEqual([
    true,
    '/teams/v3/conversations/conversation-2/activities',
  ]);
  const opened = rig.world.sent.find(({ body }) => body.members);
  expect(opened?.body.members).toEqual([{ id: managerId }]);
  expect((await rig.caseNow(c)).proposal?.messages).toMatchObject([
    { activityId: 'message-1' },
    { activityId: 'message-3' },
  ]);
});

it('does not ask a manager whom policy did not name', async () => {
  const c = await rig.newCase(...asking(secops), 'approval.requested');
  await rig.run(c);
  expect(rig.world.sent.map(({ body }) => body.isGroup)).toEqual([true]);
});

it('asks only the channel where the directory names no manager', async () => {
  const withoutManager = evidence({ manager: known(null) });
  const rulings = {
    contain: ruling(),
    release: ruling({ effect: 'permit', quorum: managerAndSecops }),
    close: ruling(),
  };
  const c = await rig.newCase(
    (before) => collected(before, withoutManager),
    (before) => decided(before, { rulings }),
    'triage.written',
    'approval.requested',
  );
  await rig.run(c);
  expect(rig.world.sent).toHaveLength(1);
  expect((await rig.caseNow(c)).phase).toBe('voting');
});

it('posts nothing again that the ledger knows to be posted', async () => {
  const c = await rig.newCase(...asking(managerAndSecops), 'approval.requested');
  rig.crashingLog.diesBefore = 'notice.posted';
  await expect(rig.run(c)).rejects.toThrow('died');
  expect(rig.posts()).toHaveLength(2);
  await rig.run(c);
  expect(rig.posts()).toHaveLength(2);
  expect((await rig.caseNow(c)).proposal?.messages).toHaveLength(2);
});

it('posts only what is missing where the second of two posts failed', async () => {
  const c = await rig.newCase(...asking(managerAndSecops), 'approval.requested');
  rig.world.teamsStatus = (_, path) => (path.endsWith('/activities') ? 502 : 201);
  await expect(rig.run(c)).rejects.toMatchObject({ name: 'RetryableError', code: 'http502' });
  rig.world.teamsStatus = () => 201;
  await rig.run(c);
  // After a 502 nobody knows whether the manager's first copy arrived; a second one does no harm.
  expect(rig.posts().map(({ body }) => body.isGroup ?? false)).toEqual([true, false, false]);
  expect((await rig.caseNow(c)).proposal?.messages).toHaveLength(2);
});

it('gives up at once where Teams refuses for good', async () => {
  const c = await rig.newCase(...asking(secops), 'approval.requested');
  rig.world.teamsStatus = () => 403;
  await expect(rig.run(c)).rejects.toMatchObject({ name: 'FatalError', code: 'http403' });
});

it('keeps the question open where the manager cannot be asked in Teams, says so, and asks them again', async () => {
  const c = await rig.newCase(...asking(managerAndSecops));
  await rig.run(c);
  rig.world.teamsStatus = (_, path) => (path.endsWith('/activities') ? 403 : 201);
  await rig.run(await rig.caseNow(c));
  const open = await rig.caseNow(c);
  expect(open).toMatchObject({ phase: 'voting', proposal: { unreached: 'manager:http403' } });
  expect(open.proposal?.messages).toHaveLength(1);
  expect(JSON.stringify(cardFor(open, rig.clock()))).toContain('they can answer on the console');
  rig.world.teamsStatus = () => 201;
  rig.pass(121 * 60_000);
  await rig.run(open);
  expect((await rig.caseNow(c)).proposal).toMatchObject({ unreached: null, messages: [{}, {}, {}] });
});

it('does not ask at all where the one who must confirm cannot', async () => {
  const c = await rig.newCase(
    (before) => collected(before, evidence({ manager: known(null) })),
    (before) =>
      decided(before, {
        rulings: {
          contain: ruling(),
          release: ruling({ effect: 'permit', quorum: managerAndSecops }),
          close: ruling(),
        },
      }),
    'triage.written',
  );
  await rig.run(c);
  expect(await rig.caseNow(c)).toMatchObject({
    phase: 'reviewOpened',
    proposal: null,
    review: { reason: 'quorumUnreachable' },
  });
  expect(rig.posts()).toEqual([]);
});

it('lets a proposal expire when its time is over and not before, and updates the card', async () => {
  const c = await rig.newCase(...asking(secops), 'approval.requested');
  await rig.run(c);
  const open = await rig.caseNow(c);
  const leftMs = Date.parse(open.proposal?.expiresAt ?? '') - rig.clock().getTime();
  rig.pass(leftMs - 1);
  await rig.run(open);
  expect((await rig.caseNow(c)).seq).toBe(open.seq);
  rig.pass(1);
  await rig.run(open);
  expect(await rig.caseNow(c)).toMatchObject({
    phase: 'stuck',
    proposal: { outcome: 'expired' },
    stuck: { reason: 'approvalExpired' },
  });
  const [update] = await rig.updates(1);
  expect(JSON.stringify(update)).toContain('Expired without a decision');
  expect(JSON.stringify(update)).not.toContain('Action.Execute');
});

it('decides although the card cannot be updated', async () => {
  const c = await rig.newCase(...asking(secops), 'approval.requested');
  await rig.run(c);
  const tallied = await rig.extend(c.id, 'approval.voted');
  rig.world.teamsStatus = () => 404;
  await rig.run(tallied);
  expect((await rig.caseNow(c)).phase).toBe('executing');
});

it('tells the channel that a person must look, once', async () => {
  const c = await rig.newCase(...voting(secops), 'review.opened');
  rig.crashingLog.diesBefore = 'notice.posted';
  await expect(rig.run(c)).rejects.toThrow('died');
  await rig.run(c);
  expect(rig.posts()).toHaveLength(1);
  expect(rig.posts()[0]?.body.activity?.summary).toBe('Pending manual review: INC0010001');
  expect((await rig.caseNow(c)).phase).toBe('reviewPosted');
});

it('tells the channel of new risk after a release that was half done, and what of it nobody is to do now', async () => {
  const c = await rig.newCase(
    ...voting(secops),
    ...(['approval.voted', 'approval.decided', 'action.started', 'action.finished'] as const),
    'action.started',
    (before) => eventFor(before, 'action.finished', { outcome: 'refused' }),
    (before) =>
      eventFor(before, 'execution.completed', { result: 'incomplete', watchUntil: sampleInstant(10_000) }),
    ...(['ticket.updated', 'watch.alarmed', 'evidence.collected', 'policy.decided'] as const),
  );
  expect(c.phase).toBe('alarmed');
  await rig.run(c);
  const card = JSON.stringify(rig.posts()[0]?.body);
  expect(card).toContain('The risk was dismissed, and new risk has shown while the account was watched.');
  expect(card).toContain(
    'Left of the release when new risk showed, and not to be done before SecOps has agreed: Enable the account.',
  );
});

it('tells the channel that a released account is at risk again, with what was done at once', async () => {
  const applied = ['action.started', 'action.finished'] as const;
  const c = await rig.newCase(
    ...voting(secops),
    ...(['approval.voted', 'approval.decided'] as const),
    ...[...applied, ...applied],
    ...[watched, 'ticket.updated' as const, 'watch.alarmed' as const, 'evidence.collected' as const],
    (before) => decided(before, courses.contain),
    ...[...applied, ...applied, 'execution.completed' as const],
  );
  expect(c.phase).toBe('alarmed');
  await rig.run(c);
  const [post] = rig.posts();
  expect(post?.body.activity?.summary).toBe('At risk again after its release: INC0010001');
  const card = JSON.stringify(post?.body);
  expect(card).toContain('1 new risk detection(s): maliciousIPAddress.');
  expect(card).toContain('Sign the user out everywhere (revoke sessions): applied');
  expect((await rig.caseNow(c)).phase).toBe('alarmPosted');
});
