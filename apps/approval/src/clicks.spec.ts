import type { Case } from '@sallyport/case';
import { maxRefusals, refusals } from '@sallyport/case';
import { eventFor, type Step } from '@sallyport/case/testing';
import type { CaseEventType, Refusal } from '@sallyport/evidence';
import { callerId, managerId, sampleDigest, sampleId, subjectId } from '@sallyport/evidence/testing';
import { cardId } from '@sallyport/idempotency';
import type { InvokeAnswer } from '@sallyport/teams';
import { approvalRig, type ApprovalRig, voting } from './testing/approval-rig';
import { identityOpsGroup, people, person, secopsGroup } from './testing/teams-and-directory';

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await approvalRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const two = voting([{ role: 'secops', count: 2 }]);
const count = async (c: Case, type: CaseEventType) =>
  (await rig.eventsOf(c)).filter((event) => event.type === type).length;
const cardText = (answer: InvokeAnswer) =>
  typeof answer.value === 'string' ? '' : JSON.stringify(answer.value);

it('has an accepted vote in the log before the answer leaves, and shows who is still needed', async () => {
  const c = await rig.newCase(...two);
  const comment = { untrusted: 'I called her.' };
  const answer = await rig.click(c, people.ada, { comment, activityId: 'click-of-ada' });
  const after = await rig.caseNow(c);
  expect(after.proposal?.votes).toEqual([
    {
      voterId: people.ada,
      voterName: { untrusted: 'Person 10' },
      roles: ['secops'],
      choice: 'approve',
      comment,
    },
  ]);
  expect((await rig.eventsOf(c)).at(-1)).toMatchObject({
    type: 'approval.voted',
    activityId: 'click-of-ada',
  });
  expect(cardText(answer)).toContain('1 of 2 (Person 10)');
});

it('takes name and roles from the directory, never from the click', async () => {
  const c = await rig.newCase(...two);
  await rig.click(c, people.ada, { voterName: { untrusted: 'Chief Executive' } });
  expect(JSON.stringify(await rig.eventsOf(c))).not.toContain('Chief Executive');
});

it('wakes the approval stage with the vote that completes the quorum', async () => {
  const c = await rig.newCase(
    ...voting([
      { role: 'manager', count: 1 },
      { role: 'secops', count: 1 },
    ]),
  );
  await rig.click(c, people.ada);
  await rig.click(c, managerId);
  const after = await rig.caseNow(c);
  expect(after.phase).toBe('tallied');
  expect(await rig.queues.jobState({ caseId: c.id, stage: 'approval', seq: after.seq })).toBe('waiting');
});

it.each<[Refusal, string, Step[]]>([
  ['subject', subjectId, two],
  ['requester', callerId, two],
  ['accountDisabled', people.disabled, two],
  ['guest', people.guest, two],
  ['atRisk', people.risky, two],
  ['noRole', people.stranger, two],
  ['noRole', managerId, two],
  ['unknownPerson', sampleId(404), two],
  [
    'slotsFull',
    people.bob,
    [
      ...voting([
        { role: 'secops', count: 1 },
        { role: 'identityOps', count: 1 },
      ]),
      'approval.voted',
    ],
  ],
  ['reportsToSubject', people.report, two],
  ['reportsToSubject', people.reportOfReport, two],
])('refuses %s in words to that person alone, and writes it down once', async (refusal, voterId, steps) => {
  const c = await rig.newCase(...steps);
  const activityId = `first of ${c.id}`;
  const answer = await rig.click(c, voterId, { activityId });
  expect(answer).toMatchObject({ statusCode: 200, value: refusals[refusal] });
  await rig.click(c, voterId);
  expect((await rig.caseNow(c)).proposal).toMatchObject({ refused: [{ voterId, refusal }] });
  expect((await rig.eventsOf(c)).at(-1)).toMatchObject({ type: 'vote.refused', activityId });
  expect((await rig.caseNow(c)).seq).toBe(c.seq + 1);
  expect(rig.world.sent).toEqual([]);
});

it('asks for patience while the card is being posted, and records nothing', async () => {
  const c = await rig.newCase(...two.slice(0, -1));
  expect(await rig.click(c, people.ada)).toMatchObject({ value: refusals.notReady });
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
});

it('writes down only so many refused clicks, and refuses the rest all the same', async () => {
  const c = await rig.newCase(...two);
  for (const id of Array.from({ length: maxRefusals + 5 }, (_, at) => sampleId(200 + at))) {
    rig.world.people[id] = person({ groups: [] });
    expect(await rig.click(c, id)).toMatchObject({ value: refusals.noRole });
  }
  expect(await count(c, 'vote.refused')).toBe(maxRefusals);
  await rig.click(c, people.ada);
  expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(1);
});

it('takes no vote whose time ran out while the directory was asked', async () => {
  const c = await rig.newCase(...two);
  rig.pass(Date.parse(c.proposal!.expiresAt) - rig.clock().getTime() - 1_000);
  const ada = person();
  let asked = false;
  Object.defineProperty(rig.world.people, people.ada, {
    get: () => {
      if (!asked) rig.pass(2_000);
      asked = true;
      return ada;
    },
  });
  await rig.click(c, people.ada);
  expect(asked).toBe(true);
  expect((await rig.caseNow(c)).proposal?.votes).toEqual([]);
});

it('counts a deny of somebody whose role is answered for: no needs no free slot', async () => {
  const quorum = voting([
    { role: 'secops', count: 1 },
    { role: 'identityOps', count: 1 },
  ]);
  const c = await rig.newCase(...quorum, 'approval.voted');
  const answer = await rig.click(c, people.bob, { verb: 'deny' });
  expect((await rig.caseNow(c)).phase).toBe('tallied');
  expect(cardText(answer)).toContain('An approver said no.');
});

it.each<[string, string, (c: Case) => Promise<unknown>]>([
  [
    'after the decision',
    'The quorum is reached.',
    (c) => rig.extend(c.id, 'approval.voted', 'approval.decided'),
  ],
  ['after the time to answer', 'Expired without a decision', async () => rig.pass(24 * 3_600_000)],
  [
    'after the case went to review for another reason',
    'No longer asked',
    (c) => rig.extend(c.id, 'review.opened'),
  ],
])(
  'shows the card as it is now to a click %s, without buttons, and takes no vote',
  async (_, words, happens) => {
    const c = await rig.newCase(...voting([{ role: 'secops', count: 1 }]));
    await happens(c);
    const before = await rig.caseNow(c);
    const answer = await rig.click(c, people.bob);
    expect(cardText(answer)).toContain(words);
    expect(cardText(answer)).not.toContain('Action.Execute');
    expect((await rig.caseNow(c)).proposal?.votes).toEqual(before.proposal?.votes);
  },
);

it('shows the present proposal to a click on an older one, and takes no vote', async () => {
  const c = await rig.newCase(
    ...voting([{ role: 'secops', count: 1 }]),
    'approval.voted',
    'approval.decided',
  );
  await rig.extend(c.id, (before) => eventFor(before, 'execution.completed', { result: 'void' }), ...two);
  const now = await rig.caseNow(c);
  const answer = await rig.click(c, people.ada);
  expect(cardText(answer)).toContain(cardId(c.id, now.proposal?.digest ?? ''));
  expect(cardText(answer)).not.toContain(cardId(c.id, c.proposal?.digest ?? ''));
  expect((await rig.caseNow(c)).proposal).toMatchObject({
    votes: [],
    refused: [{ refusal: 'staleProposal' }],
  });
});

it.each([
  ['a card of another system', 'decision-1'],
  ['a case that does not exist', cardId(`case-${'0'.repeat(32)}`, sampleDigest(1))],
  ['an endless id', 'x'.repeat(10_000)],
])('says that %s is none of its cards', async (_, id) => {
  const c = await rig.newCase(...two);
  const answer = await rig.click(c, people.ada, { cardId: id });
  expect(answer.value).toBe('This card does not belong to an open case.');
});

it('says the same of a case that asks nobody yet', async () => {
  const c = await rig.newCase('evidence.collected');
  const answer = await rig.click(c, people.ada, { cardId: cardId(c.id, sampleDigest(1)) });
  expect(answer.value).toBe('This card does not belong to an open case.');
});

it.each([
  ['an automatic refresh', { trigger: 'automatic' as const }],
  ['an automatic deny', { trigger: 'automatic' as const, verb: 'deny' }],
  ['a look', { verb: 'view' }],
])('never lets %s decide anything', async (_, over) => {
  const c = await rig.newCase(...two);
  const answer = await rig.click(c, people.ada, over);
  expect(cardText(answer)).toContain('Approval needed');
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
});

it('does nothing for a button that is not ours', async () => {
  const c = await rig.newCase(...two);
  const answer = await rig.click(c, people.ada, { verb: 'release-at-once' });
  expect(answer.value).toBe('This button is not one of ours. Nothing was recorded.');
  expect((await rig.caseNow(c)).seq).toBe(c.seq);
});

it('takes no vote while the directory is down, and takes it as soon as it answers', async () => {
  const c = await rig.newCase(...two);
  rig.world.directoryUp = false;
  const answer = await rig.click(c, people.ada);
  expect(answer.value).toContain('Your rights could not be checked just now, so your vote was not taken.');
  expect((await rig.caseNow(c)).proposal).toMatchObject({ votes: [], refused: [{ refusal: 'unverified' }] });
  await rig.reset();
  await rig.click(c, people.ada);
  expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(1);
});

it('takes no vote while others can change who is in a group that holds a role, and no denial either', async () => {
  const c = await rig.newCase(...two);
  rig.world.groupsProtected = false;
  await rig.approvers.check();
  for (const verb of ['approve', 'deny']) {
    const answer = await rig.click(c, people.ada, { verb });
    expect(answer.value).toContain('Your rights could not be checked just now, so your vote was not taken.');
  }
  expect((await rig.caseNow(c)).proposal).toMatchObject({ votes: [], refused: [{ refusal: 'unverified' }] });
  rig.world.groupsProtected = true;
  await rig.approvers.check();
  await rig.click(c, people.ada);
  expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(1);
});

it('says how it ended without asking a directory that is down', async () => {
  const c = await rig.newCase(
    ...voting([{ role: 'secops', count: 1 }]),
    'approval.voted',
    'approval.decided',
  );
  rig.world.directoryUp = false;
  expect(cardText(await rig.click(c, people.bob))).toContain('The quorum is reached.');
});

it('counts 20 simultaneous clicks of two people as two votes and one decision', async () => {
  const c = await rig.newCase(...two);
  const clicks = Array.from({ length: 20 }, (_, at) => rig.click(c, at % 2 ? people.ada : people.bob));
  for (const answer of await Promise.all(clicks)) expect(cardText(answer)).toContain('Person');
  expect(await count(c, 'approval.voted')).toBe(2);
  const tallied = await rig.caseNow(c);
  expect(tallied.phase).toBe('tallied');
  await Promise.all([rig.run(tallied), rig.run(tallied), rig.run(tallied)]);
  expect(await count(c, 'approval.decided')).toBe(1);
  expect((await rig.caseNow(c)).phase).toBe('executing');
});

it('makes one decision of 50 people who click at once at two processes, each of whom is answered', async () => {
  const c = await rig.newCase(
    ...voting([
      { role: 'secops', count: 3 },
      { role: 'identityOps', count: 2 },
    ]),
  );
  const crowd = Array.from({ length: 50 }, (_, at) => sampleId(300 + at));
  for (const [at, id] of crowd.entries()) {
    rig.world.people[id] = person({ groups: [at % 2 ? secopsGroup : identityOpsGroup] });
  }
  const processes = [rig.newClicks(), rig.newClicks()];
  const answers = await Promise.all(crowd.map((id, at) => rig.click(c, id, {}, processes[at < 25 ? 0 : 1])));
  // Who was not needed any more hears so: by the card as it is, or because their role was answered for.
  expect(answers.filter(({ statusCode }) => statusCode !== 200)).toEqual([]);
  expect(
    answers.filter(({ value }) => value === 'Many people are answering at once. Please click again.'),
  ).toEqual([]);
  const after = await rig.caseNow(c);
  expect(after.phase).toBe('tallied');
  expect(after.proposal?.votes).toHaveLength(5);
  await Promise.all(Array.from({ length: 5 }, () => rig.run(after)));
  expect(await count(c, 'approval.decided')).toBe(1);
  expect(await count(c, 'approval.voted')).toBe(5);
});

it('does not answer before the vote is stored', async () => {
  const c = await rig.newCase(...two);
  const stored = rig.crashingLog.holdNext('approval.voted');
  let answered = false;
  const answer = rig.click(c, people.ada).then(() => (answered = true));
  const release = await stored;
  await new Promise(setImmediate);
  expect([answered, await count(c, 'approval.voted')]).toEqual([false, 0]);
  release();
  await answer;
  expect(await count(c, 'approval.voted')).toBe(1);
});

it('takes one vote per person over two cards, and lets who approved still say no', async () => {
  const c = await rig.newCase(...two);
  await rig.click(c, people.ada);
  await rig.click(c, people.ada);
  expect(await count(c, 'approval.voted')).toBe(1);
  await rig.click(c, people.ada, { verb: 'deny' });
  expect((await rig.caseNow(c)).proposal?.votes).toMatchObject([{ voterId: people.ada, choice: 'deny' }]);
});

it('stores and answers a vote although no card can be refreshed', async () => {
  const c = await rig.newCase(...two.slice(0, -1));
  await rig.run(c);
  const posted = await rig.caseNow(c);
  rig.world.teamsStatus = (method) => (method === 'PUT' ? 500 : 201);
  const answer = await rig.click(posted, people.ada);
  expect(cardText(answer)).toContain('1 of 2');
  expect(await count(c, 'approval.voted')).toBe(1);
  while (!rig.world.sent.some(({ method }) => method === 'PUT')) await new Promise(setImmediate);
});
