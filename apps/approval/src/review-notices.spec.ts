import type { Case } from '@sallyport/case';
import {
  collected,
  courses,
  decided,
  ended,
  eventFor,
  grouped,
  type Step,
  watched,
} from '@sallyport/case/testing';
import type { Decision } from '@sallyport/evidence';
import { ruling, sampleId, subjectId } from '@sallyport/evidence/testing';
import { growthToTell } from './group-growth';
import { maxPagedPeople } from './recipients';
import { approvalRig, type ApprovalRig } from './testing/approval-rig';
import { people } from './testing/teams-and-directory';

let rig: ApprovalRig;
beforeAll(async () => {
  rig = await approvalRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());

const runNow = async (c: Case): Promise<Case> => {
  await rig.run(await rig.caseNow(c));
  return rig.caseNow(c);
};
const summaries = () => rig.posts().map(({ body }) => body.activity?.summary ?? body.summary ?? '');
const chatsOpened = () => rig.world.sent.flatMap(({ body }) => body.members?.map(({ id }) => id) ?? []);
const paging: Step = (c) => decided(c, { ...courses.hold, page: ['securityLead'] });

describe('a rule that calls the security lead', () => {
  const held = () => rig.newCase('evidence.collected', paging, 'review.opened');

  it('tells each of them in a chat, besides the notice in the channel', async () => {
    const told = await runNow(await held());
    expect(summaries().sort()).toEqual([
      'Pending manual review: INC0010001',
      'Security lead, now: INC0010001',
    ]);
    expect(chatsOpened()).toEqual([people.bob]);
    expect(told).toMatchObject({ phase: 'reviewPosted', review: { noticeFailure: null } });
    expect(told.review?.messages).toHaveLength(2);
  });

  it('calls once, whatever is sent to the stage and whenever it dies', async () => {
    const c = await held();
    rig.crashingLog.diesBefore = 'notice.posted';
    await expect(rig.run(c)).rejects.toThrow('died');
    await runNow(c);
    await rig.run(c);
    expect(rig.posts()).toHaveLength(2);
  });

  it('calls neither the person whom it is about nor more than a few', async () => {
    rig.world.securityLeads = [subjectId, ...Array.from({ length: 30 }, (_, at) => sampleId(700 + at))];
    await runNow(await held());
    expect(chatsOpened()).toEqual(Array.from({ length: maxPagedPeople }, (_, at) => sampleId(700 + at)));
  });

  it('says so where there is nobody to call', async () => {
    rig.world.securityLeads = [];
    expect((await runNow(await held())).review?.noticeFailure).toBe('page:nobody');
  });

  it('tells the channel although the directory does not say whom to call, and tries again', async () => {
    rig.world.directoryUp = false;
    const c = await held();
    await expect(rig.run(c)).rejects.toMatchObject({ name: 'RetryableError' });
    expect(summaries()).toEqual(['Pending manual review: INC0010001']);
    rig.world.directoryUp = true;
    await runNow(c);
    expect(summaries()).toEqual(['Pending manual review: INC0010001', 'Security lead, now: INC0010001']);
  });
});

describe('a group of cases', () => {
  let cases = 0;
  /** Held for the campaign of this kind: the lead where none is given. */
  const heldIn = (
    kind: string,
    leadCaseId?: string,
    over: { reason?: 'policyHold'; before?: Step[]; course?: Partial<Decision> } = {},
  ): Promise<Case> => {
    cases += 1;
    const person = sampleId(800 + cases);
    const { before = [], course = courses.hold, ...review } = over;
    const looked: Step = (c) => ({ ...collected(c), subjectId: person });
    return rig.newCase(
      ...(before.length > 0 ? [looked, ...before] : []),
      looked,
      (c) => grouped(c, leadCaseId, kind, course),
      (c) => eventFor(c, 'review.opened', review),
    );
  };
  /** Teams and the ticket know that it is in review. */
  const inReview = async (c: Case): Promise<Case> => {
    await runNow(c);
    return rig.extend(c.id, 'ticket.updated');
  };
  const updatesOf = (words: string) => texts().filter((text) => text.includes(words));
  const texts = () => rig.world.sent.map(({ body }) => JSON.stringify(body));

  it('has one notice, that of its lead, which says how many belong to it', async () => {
    const lead = await heldIn('one notice');
    const members = [await heldIn('one notice', lead.id), await heldIn('one notice', lead.id)];
    for (const member of members) expect(await runNow(member)).toMatchObject({ phase: 'reviewPosted' });
    expect(rig.posts()).toEqual([]);
    await runNow(lead);
    expect(rig.posts()).toHaveLength(1);
    expect(texts().join()).toContain('3 case(s) with the detection one notice');
  });

  it('tells of a member by itself where it waits for something else, or its lead leads no more', async () => {
    const lead = await heldIn('closed');
    await runNow(await heldIn('closed', lead.id, { reason: 'policyHold' }));
    expect(rig.posts()).toHaveLength(1);
    await rig.db.query(`UPDATE sallyport.case_head SET phase = 'closed' WHERE case_id = $1`, [lead.id]);
    await runNow(await heldIn('closed', lead.id));
    expect(rig.posts()).toHaveLength(2);
  });

  it.each<[string, Parameters<typeof heldIn>[2]]>([
    [
      'that nobody may contain',
      {
        course: {
          ...courses.hold,
          facts: { isServiceAccount: 'yes' },
          rulings: {
            ...courses.hold.rulings,
            contain: ruling({
              rules: [{ id: 'hold-service-account', effect: 'forbid', reason: 'Its owner.' }],
            }),
          },
        },
      },
    ],
    [
      'that was released and is at risk again',
      {
        before: [
          ...(['policy.decided', 'triage.written', 'approval.requested'] as const),
          ...(['notice.posted', 'approval.voted', 'approval.decided'] as const),
          ...(['action.started', 'action.finished', 'action.started', 'action.finished'] as const),
          ...[watched, 'ticket.updated' as const, 'watch.alarmed' as const],
        ],
      },
    ],
  ])('tells of a member by itself %s', async (kind, over) => {
    const lead = await heldIn(kind);
    const member = await heldIn(kind, lead.id, over);
    expect(member).toMatchObject({ review: { reason: 'campaign' }, group: { leads: false } });
    await runNow(member);
    expect(summaries()).toEqual(['Pending manual review: INC0010001']);
    if (over?.course) expect(texts().join()).toContain('"Owner: "');
  });

  const undecidedAnew: Step[] = [...ended, 'evidence.collected'];
  it.each<[string, Step[]]>([
    ['was decided again as none', [...undecidedAnew, (c) => decided(c, courses.hold), 'review.opened']],
    [
      'was closed by a person',
      [(c) => eventFor(c, 'review.resolved', { resolution: 'close' }), ...ended.slice(1), 'case.closed'],
    ],
  ])('tells once that members still wait whose lead %s', async (kind, ending) => {
    const lead = await inReview(await heldIn(kind));
    const members = [await heldIn(kind, lead.id), await heldIn(kind, lead.id)];
    for (const member of members) await inReview(member);
    // One of the group that was told of by itself is not left to anybody.
    await inReview(await heldIn(kind, lead.id, { reason: 'policyHold' }));
    rig.world.sent = [];
    const left = () => summaries().filter((words) => words.includes('still wait'));
    await rig.groupNotices().sweep();
    expect(left()).toEqual([]);
    await rig.extend(lead.id, ...ending);
    await rig.groupNotices().sweep();
    await rig.groupNotices().sweep();
    expect(left()).toEqual(['2 case(s) of a group still wait: INC0010001']);
  });

  it('says nothing of those who wait while it is open whether their lead leads again', async () => {
    const lead = await inReview(await heldIn('again'));
    await inReview(await heldIn('again', lead.id));
    rig.world.sent = [];
    await rig.extend(lead.id, ...undecidedAnew);
    await rig.groupNotices().sweep();
    await rig.extend(lead.id, (c) => grouped(c, undefined, 'again'), 'review.opened');
    await rig.groupNotices().sweep();
    expect(summaries()).toEqual([]);
  });

  it('updates the notice of the lead as the group grows, once for each size, and notifies nobody', async () => {
    const lead = await heldIn('growing');
    await runNow(lead);
    await rig.extend(lead.id, 'ticket.updated');
    rig.world.sent = [];
    // Groups of other specs are swept as well.
    const updates = () => texts().filter((text) => text.includes('the detection growing'));
    for (const size of [2, 3]) {
      await heldIn('growing', lead.id);
      await rig.groupNotices().sweep();
      await rig.groupNotices().sweep();
      expect(updates()).toHaveLength(size - 1);
      expect(updates().at(-1)).toContain(`${size} case(s)`);
    }
    expect(rig.posts()).toEqual([]);
  });

  it('tells people anew once it has grown to ten', async () => {
    const lead = await heldIn('large');
    await runNow(lead);
    await rig.extend(lead.id, 'ticket.updated');
    for (let at = 0; at < 9; at += 1) await heldIn('large', lead.id);
    rig.world.sent = [];
    await rig.groupNotices().sweep();
    await rig.groupNotices().sweep();
    expect(summaries()).toEqual(['The group has grown to 10 cases: INC0010001']);
    // That one is kept up to date as well, and told that somebody has ended the review.
    rig.world.sent = [];
    await heldIn('large', lead.id);
    await rig.groupNotices().sweep();
    expect(updatesOf('11 case(s) with the detection large')).toHaveLength(2);
    rig.world.sent = [];
    await rig.run(await rig.extend(lead.id, 'review.resolved'));
    expect(updatesOf('Manual review ended')).toHaveLength(2);
  });

  it('leaves what the security lead was called for as it is', async () => {
    const page = { ...courses.hold, page: ['securityLead' as const] };
    const lead = await inReview(await heldIn('called', undefined, { course: page }));
    expect(lead.review?.messages).toHaveLength(2);
    await heldIn('called', lead.id);
    rig.world.sent = [];
    await rig.groupNotices().sweep();
    expect(updatesOf('2 case(s) with the detection called')).toHaveLength(1);
  });

  it('updates a notice later that Teams does not let it update now', async () => {
    const lead = await inReview(await heldIn('later'));
    await heldIn('later', lead.id);
    rig.world.teamsStatus = () => 503;
    await rig.groupNotices().sweep();
    rig.world.teamsStatus = () => 201;
    rig.world.sent = [];
    await rig.groupNotices().sweep();
    expect(updatesOf('2 case(s) with the detection later')).toHaveLength(1);
    await rig.groupNotices().sweep();
    expect(updatesOf('2 case(s) with the detection later')).toHaveLength(1);
  });

  it.each([
    [9, null],
    [10, 10],
    [19, 10],
    [20, 20],
    [39, 20],
    [160, 160],
    [319, 160],
  ])('of %i cases was last to be told anew at %p', (count, told) => {
    expect(growthToTell(count)).toBe(told);
  });
});
