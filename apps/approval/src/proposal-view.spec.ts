import type { Case } from '@sallyport/case';
import {
  after,
  caseIn,
  collected,
  decided,
  decision,
  eventFor,
  evidence,
  type Step,
  vote,
} from '@sallyport/case/testing';
import type { Detection, EventOf, Evidence, SignIn, Ticket } from '@sallyport/evidence';
import {
  containPlan,
  known,
  managerId,
  releasePlan,
  sampleInstant,
  unknown,
} from '@sallyport/evidence/testing';
import { cardFor } from './cards';
import { proposalView } from '@sallyport/stage';

const now = new Date(sampleInstant(30));
function ticketWith(over: Partial<Ticket>): Evidence['ticket'] {
  const { ticket } = evidence();
  if (ticket.state !== 'known') throw new Error('the sample ticket is known');
  return known({ ...ticket.value, ...over });
}
const viewOf = (c: Case, at = now, replaced = false) => {
  const { evidence: found, proposal, triage } = c;
  if (!found || !proposal || !triage) throw new Error('no proposal');
  return proposalView({ ...c, evidence: found, proposal, triage }, at, replaced);
};

it('shows the plan, why, who is asked and until when', () => {
  expect(viewOf(caseIn('voting'))).toMatchObject({
    ticketNumber: 'INC0010001',
    subjectName: { untrusted: 'Sam Subject' },
    riskLevel: 'medium',
    riskState: 'atRisk',
    plan: { action: 'release', steps: ['dismissRisk', 'enableAccount'], manual: [] },
    reasons: ['The sample permits it.'],
    unknowns: [],
    quorum: [{ role: 'secops', count: 1, have: [] }],
    status: 'open',
    events: [],
  });
});

it('shows no address, no ticket text, no object id and no data of a log that an approver does not need', () => {
  const c = caseIn('voting');
  const text = JSON.stringify([viewOf(c), cardFor(c, now)]);
  for (const hidden of ['sam@contoso.example', 'Please look at this account', c.subjectId, managerId]) {
    expect(text).not.toContain(hidden);
  }
});

it.each<[string, Case, Date, string]>([
  ['open', caseIn('voting'), now, 'open'],
  ['over its time', caseIn('voting'), new Date(sampleInstant(10_000)), 'expired'],
  ['approved', caseIn('executing'), new Date(sampleInstant(10_000)), 'approved'],
  ['in review for another reason', after(caseIn('voting'), 'review.opened'), now, 'withdrawn'],
])('a proposal that is %s says so', (_, c, at, status) => {
  expect(viewOf(c, at).status).toBe(status);
});

it('says what is not known, and what was done already, by name of nobody', () => {
  const { rulings, proposed } = decision();
  const denied = after(
    caseIn('opened'),
    (c) => collected(c, evidence({ registration: unknown() })),
    (c) => decided(c, { rulings, proposed, immediate: containPlan() }),
    ...(['action.started', 'action.finished', 'action.started', 'action.finished'] as const),
    ...(['execution.completed', 'triage.written', 'approval.requested', 'notice.posted'] as const),
    (c) => eventFor(c, 'approval.voted', { vote: vote({ choice: 'deny' }) }),
  );
  expect(viewOf(denied)).toMatchObject({
    unknowns: ['registration: unavailable'],
    events: [
      'The account was contained at once, as policy demands.',
      'An approver said no. The case has gone to manual review.',
    ],
  });
});

it.each<[string, Step[], string]>([
  ['is carried out', [], 'The plan is carried out now.'],
  [
    'is done',
    [
      ...(['action.started', 'action.finished', 'action.started', 'action.finished'] as const),
      'execution.completed',
    ],
    'every step is done and proven by reading back',
  ],
  ['is not all done', ['execution.completed'], 'The case has gone to manual review.'],
  [
    'is not all done, and the account watched first',
    [
      ...(['action.started', 'action.finished', 'action.started'] as const),
      (c) => eventFor(c, 'action.finished', { outcome: 'refused' }),
      (c) =>
        eventFor(c, 'execution.completed', { result: 'incomplete', watchUntil: sampleInstant(c.seq + 60) }),
    ],
    'The account is watched first, then a person does the rest.',
  ],
])('says of an approved plan that it %s', (_, steps, words) => {
  expect(viewOf(after(caseIn('executing'), ...steps)).events).toEqual([expect.stringContaining(words)]);
});

describe('where an approval became void', () => {
  const detail = 'The manager of the user is another one, or can no longer be read.';
  const executing = caseIn('executing');
  const gaveUp = (over: Partial<EventOf<'execution.completed'>> = {}) =>
    after(executing, (c) => eventFor(c, 'execution.completed', { result: 'void', detail, ...over }));
  const asking: Step[] = [
    ...(['evidence.collected', 'policy.decided', 'triage.written'] as const),
    ...(['approval.requested', 'notice.posted'] as const),
  ];
  const oldCard = ({ voided }: Case) => viewOf({ ...executing, voided }, now, true);

  it('the old card says what had changed, and that a new one may follow', () => {
    expect(oldCard(gaveUp())).toMatchObject({
      status: 'replaced',
      events: [
        `The quorum was reached, but nothing of this was carried out, because something had changed by then: ${detail} If it is still needed, a new card asks for it.`,
      ],
    });
  });

  it('the old card promises no new one where a person has the case', () => {
    const [words] = oldCard(gaveUp({ handOver: true })).events ?? [];
    expect(words).toMatch(/or can no longer be read\. The case has gone to manual review\.$/);
  });

  it('the old card claims no change where a person had the case begun anew', () => {
    const [words] = oldCard(after(executing, 'review.opened')).events ?? [];
    expect(words).toMatch(/the case was begun anew/);
  });

  it('the next card says why it asks again, open and decided', () => {
    const again = after(gaveUp(), ...asking);
    expect(viewOf(again).events).toEqual([`Asked again because: ${detail}`]);
    expect(viewOf(after(again, 'approval.voted', 'approval.decided')).events?.[0]).toContain(detail);
  });

  it('a card that nobody was asked before does not say that it asks again', () => {
    const contained = after(
      after(caseIn('containing'), (c) => eventFor(c, 'execution.completed', { result: 'void', detail })),
      ...asking,
    );
    expect(viewOf(contained).events).toEqual([
      `What was decided before was not carried out, because something had changed: ${detail}`,
    ]);
  });

  it('what had changed is text on the cards, whatever a kind of detection is called', () => {
    const c = after(
      gaveUp({ detail: '1 new risk detection(s): [a](https://evil.example)\u202e.' }),
      ...asking,
    );
    const text = JSON.stringify(cardFor(c, now).body);
    expect(text).toContain('{"type":"TextRun","text":"• Asked again because: 1 new risk detection(s): [a]');
    expect(text).not.toContain('\u202e');
  });
});

it('does not say that a step by hand is done with the others', () => {
  const manual = { kind: 'enableAccount', reason: 'Synced.', instruction: 'Enable it.' } as const;
  const c = after(
    caseIn('executing'),
    'action.started',
    'action.finished',
    'action.started',
    'action.finished',
  );
  const done = after(c, 'execution.completed');
  if (!done.proposed) throw new Error('nothing was carried out');
  const byHand = { ...done.proposed, plan: releasePlan({ steps: ['dismissRisk'], manualSteps: [manual] }) };
  const { events } = viewOf({ ...done, proposed: byHand });
  expect(events).toEqual([
    'The quorum was reached, and what Sallyport does itself is done and proven. By hand, and not done by Sallyport: Enable the account.',
  ]);
});

it.each<[string, string | null, string[]]>([
  ['everybody', null, []],
  ['all but the manager', 'channel:http403, manager:http403', [expect.stringContaining('on the console')]],
  ['all but others', 'escalation-group:timeout', ['Not everybody could be told in Teams.']],
])('says that %s was told', (_, failure, words) => {
  const c = after(caseIn('posting'), (before) => eventFor(before, 'notice.posted', { failure }));
  expect(viewOf(c).events).toEqual(words);
});

it('shows who fills which slot, each person once', () => {
  const c = after(caseIn('voting'), 'approval.voted');
  expect(viewOf(c).quorum).toEqual([{ role: 'secops', count: 1, have: [{ untrusted: 'Ada Approver' }] }]);
});

it.each<[string, Evidence['ticket'], boolean]>([
  ['names somebody who is not in the directory', ticketWith({ unknownRequester: true }), true],
  ['cannot be read', unknown(), true],
  ['names people who are known', ticketWith({ unknownRequester: false }), false],
  ['names nobody', ticketWith({ callerId: null, unknownRequester: false }), false],
])('where the ticket %s, says whether who asked can be kept from voting', (_, ticket, told) => {
  const words = 'who asked: not known in the directory, so their own vote cannot be told from another';
  const c = { ...caseIn('voting'), evidence: evidence({ ticket }) };
  expect(viewOf(c).unknowns.includes(words)).toBe(told);
  expect(JSON.stringify(cardFor(c, now)).includes(words)).toBe(told);
});

it('shows the successful interactive sign-ins before the episode and lately, and counts the detections that it has no room for', () => {
  const c = caseIn('voting');
  const signIn: SignIn = {
    ...{ id: 's', at: sampleInstant(-10), errorCode: 0, conditionalAccess: 'success', mfa: 'passed' },
    ...{ interactive: true, ip: '192.0.2.1', country: 'HU', deviceId: null, deviceName: null, app: null },
    ...{ knownDevice: null, knownNetwork: null, userAgent: null, correlationId: null },
  };
  const detection: Detection = {
    ...{ id: 'd', kind: 'unlikelyTravel', markers: [], level: 'medium', state: 'atRisk' },
    ...{ activityAt: null, detectedAt: sampleInstant(-60), requestId: null, correlationId: null },
    ...{ ip: null, country: null },
  };
  const found = evidence({
    signIns: known([
      { ...signIn, errorCode: 50_053 },
      { ...signIn, interactive: false },
      { ...signIn, ip: '192.0.2.66', knownDevice: false },
      { ...signIn, at: sampleInstant(-90) },
      { ...signIn, at: sampleInstant(-600) },
    ]),
    episode: known({
      id: 'e',
      openedAt: sampleInstant(-60),
      newestAt: sampleInstant(-60),
      detectionIds: ['d'],
    }),
    detections: known(Array.from({ length: 7 }, () => detection)),
  });
  const view = viewOf({ ...c, evidence: found });
  expect(view.successfulSignIns).toMatchObject({
    daysRead: 7,
    before: { at: sampleInstant(-90), country: 'HU', ip: '192.0.2.1' },
    newest: { at: signIn.at, ip: '192.0.2.66', knownDevice: false },
  });
  const lately = { ...found, signIns: known([signIn]) };
  expect(viewOf({ ...c, evidence: lately }).successfulSignIns).toMatchObject({ before: null });
  const noEpisode = { ...lately, episode: known(null) };
  expect(viewOf({ ...c, evidence: noEpisode }).successfulSignIns).not.toHaveProperty('before');
  expect(view.detections).toHaveLength(7);
  expect(JSON.stringify(cardFor({ ...c, evidence: found }, now))).toContain('… and 2 more, not shown here');
});

it('says of a detection that it is closed, by whom and when', () => {
  const detection: Detection = {
    ...{ id: 'd', kind: 'unlikelyTravel', markers: [], level: 'medium', state: 'dismissed' },
    ...{ detail: 'adminDismissedAllRiskForUser', updatedAt: sampleInstant(-30) },
    ...{ activityAt: null, detectedAt: sampleInstant(-60), requestId: null, correlationId: null },
    ...{ ip: null, country: null },
  };
  const c = caseIn('voting');
  const found = evidence({ detections: known([detection, { ...detection, state: 'atRisk' }]) });
  const [closed, open] = viewOf({ ...c, evidence: found }).detections;
  expect(closed?.closed).toBe('dismissed by an administrator 2026-03-02 07:30 UTC');
  expect(open).not.toHaveProperty('closed');
  expect(JSON.stringify(cardFor({ ...c, evidence: found }, now))).toContain('dismissed by an administrator');
});
