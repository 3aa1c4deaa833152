/** What a click costs: others must not be able to use up what voters need. */
import { callerId, evidence, managerId, sampleId, subjectId, unknown } from '@sallyport/evidence/testing';
import { refusals } from '@sallyport/case';
import { collected } from '@sallyport/case/testing';
import { approvalRig, type ApprovalRig, voting } from './testing/approval-rig';
import { people, person } from './testing/teams-and-directory';

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await approvalRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const two = voting([{ role: 'secops', count: 2 }]);
const riskCalls = () => rig.world.asked.filter((path) => path.includes('/identityProtection/'));

it.each([
  ['the subject', subjectId],
  ['who asked', callerId],
  ['a stranger', people.stranger],
  ['a manager who is not asked', managerId],
  ['a guest', people.guest],
  ['somebody disabled', people.disabled],
  ['somebody who reports to the subject', people.report],
])('a click of %s asks Identity Protection nothing', async (_, voterId) => {
  const c = await rig.newCase(...two);
  expect(typeof (await rig.click(c, voterId)).value).toBe('string');
  expect(riskCalls()).toEqual([]);
});

it('nor does a click that is decided by the log, or whose role is answered for', async () => {
  const c = await rig.newCase(
    ...voting([
      { role: 'secops', count: 1 },
      { role: 'identityOps', count: 1 },
    ]),
    'approval.voted',
  );
  expect(await rig.click(c, people.bob)).toMatchObject({ value: refusals.slotsFull });
  await rig.extend(c.id, 'review.opened');
  await rig.click(c, people.ivy);
  expect(riskCalls()).toEqual([]);
});

it('asks it once for the vote that counts', async () => {
  const c = await rig.newCase(...two);
  await rig.click(c, people.ada);
  expect(riskCalls()).toHaveLength(1);
});

describe('a look at a card', () => {
  const look = { trigger: 'automatic' as const, verb: 'view' };
  const askedCase = () =>
    rig.newCase(
      ...voting([
        { role: 'manager', count: 1 },
        { role: 'secops', count: 2 },
      ]),
    );
  /** A new process, which knows nobody. */
  const fresh = async () => {
    const clicks = rig.newClicks();
    const first = await askedCase();
    return (voterId: string, over: object, c = first) => rig.click(c, voterId, over, clicks);
  };
  const asksSoon = async () => {
    for (let n = 0; n < 500 && riskCalls().length === 0; n += 1) await new Promise((r) => setTimeout(r, 10));
  };
  it('of somebody who has not been let to vote yet asks nothing', async () => {
    const click = await fresh();
    for (const id of [people.ada, people.stranger, subjectId, people.guest]) await click(id, look);
    expect(rig.world.asked).toEqual([]);
    // What they had begun would have been asked by the time that another's click is answered.
    await click(people.stranger, {});
    expect(riskCalls()).toEqual([]);
  });

  it('of the manager who is asked begins the reading that their click will need', async () => {
    const click = await fresh();
    await click(managerId, look);
    await asksSoon();
    await click(managerId, {});
    expect(riskCalls()).toHaveLength(1);
  });

  it('of who has voted lately begins it as well, once for all who look', async () => {
    const click = await fresh();
    await click(people.ada, {});
    rig.forgetRisk();
    rig.world.asked = [];
    const another = await askedCase();
    for (let n = 0; n < 5; n += 1) await click(people.ada, look, another);
    await asksSoon();
    expect(riskCalls()).toHaveLength(1);
  });

  it('of who has voted on this very question asks nothing, however often their card refreshes', async () => {
    const click = await fresh();
    await click(people.ada, {});
    await click(managerId, {});
    for (let n = 0; n < 3; n += 1) {
      rig.forgetRisk();
      rig.world.asked = [];
      for (const id of [people.ada, managerId.toUpperCase()]) await click(id, look);
      // What they had begun would have been asked by the time that another's click is answered.
      await click(people.stranger, {});
      expect(riskCalls()).toEqual([]);
    }
  });

  it('of who asked for it asks nothing, whatever they were let to do elsewhere', async () => {
    const click = await fresh();
    const noTicket = evidence({ ticket: unknown() });
    const elsewhere = await rig.newCase((before) => collected(before, noTicket), ...two.slice(1));
    await click(callerId, {}, elsewhere);
    expect(riskCalls()).toHaveLength(1);
    const c = await askedCase();
    rig.forgetRisk();
    rig.world.asked = [];
    await click(callerId, look, c);
    await click(people.stranger, {}, c);
    expect(riskCalls()).toEqual([]);
  });
});

it('looks into twenty vain clicks of one person within a minute, and says so to the rest, once in the log', async () => {
  const c = await rig.newCase(...two);
  const pushy = sampleId(400);
  rig.world.people[pushy] = person({ groups: [] });
  const clicks = () => Promise.all(Array.from({ length: 30 }, () => rig.click(c, pushy)));
  const words = [...(await clicks()), ...(await clicks())].map(({ value }) => value);
  expect(words.filter((said) => said === refusals.noRole)).toHaveLength(20);
  expect(words.filter((said) => said === refusals.tooManyClicks)).toHaveLength(40);
  expect(rig.world.asked.filter((path) => path.endsWith('/checkMemberGroups'))).toHaveLength(20);
  const refused = (await rig.eventsOf(c)).flatMap((event) =>
    event.type === 'vote.refused' ? [event.refusal] : [],
  );
  // Of clicks at the same moment, the one that is turned away at once may be written before the one that is looked into.
  expect(refused.toSorted()).toEqual(['noRole', 'tooManyClicks']);
  // Others are not hindered by it.
  await rig.click(c, people.ada);
  expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(1);
});

it.each<[string, string, (voterId: string) => void]>([
  ['is down', sampleId(402), () => void (rig.world.directoryUp = false)],
  ['does not know the person', sampleId(403), (voterId) => void delete rig.world.people[voterId]],
])(
  'asks a directory that %s twenty times at most for one who clicks on and on',
  async (_, voterId, happens) => {
    const c = await rig.newCase(...two);
    rig.world.people[voterId] = person();
    happens(voterId);
    const clicks = (n: number) => Promise.all(Array.from({ length: n }, () => rig.click(c, voterId)));
    await clicks(20);
    const asked = rig.world.asked.length;
    expect(rig.world.asked.filter((path) => path.endsWith('/checkMemberGroups')).length).toBeGreaterThan(0);
    const rest = (await clicks(10)).map(({ value }) => value);
    expect(rest).toEqual(Array.from({ length: 10 }, () => refusals.tooManyClicks));
    expect(rig.world.asked).toHaveLength(asked);
    expect((await rig.caseNow(c)).proposal).toMatchObject({ votes: [] });
  },
);

it('counts no click for which nothing was asked, because the approver groups are not known to be protected', async () => {
  const c = await rig.newCase(...two);
  jest.spyOn(rig.approvers, 'areTrusted').mockReturnValue(false);
  try {
    for (let n = 0; n < 22; n += 1)
      expect((await rig.click(c, sampleId(404))).value).toBe(refusals.unverified);
    expect(rig.world.asked).toEqual([]);
  } finally {
    jest.restoreAllMocks();
  }
});

it('counts no click that became a vote: who decides many cases is not slowed down', async () => {
  const busy = sampleId(401);
  rig.world.people[busy] = person();
  for (let n = 0; n < 22; n += 1) {
    const c = await rig.newCase(...two);
    await rig.click(c, busy);
    expect((await rig.caseNow(c)).proposal?.votes).toHaveLength(1);
  }
});
