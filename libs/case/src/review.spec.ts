import {
  type Evidence,
  reviewOpenedSchema,
  reviewReasons,
  type ReviewReason,
  reviewReasonSchema,
} from '@sallyport/evidence';
import {
  callerId,
  containPlan,
  evidence as sampleEvidence,
  known,
  managerId,
  releasePlan,
  sampleId,
  sampleInstant,
  subjectId,
} from '@sallyport/evidence/testing';
import { type Case, phases } from './case';
import { openReview, reviewWords, stepStates } from './review';
import { after, caseIn, collected, courses, decided, eventFor, type Step, vote } from './testing/a-case';

const handover = { stage: 'executor', detail: 'As found.', at: sampleInstant(90) } as const;
const checklistOf = (c: Case, reason: ReviewReason) => openReview(c, { ...handover, reason }).checklist;

const finished = (outcome: 'applied' | 'refused' | 'unknown' | 'throttled'): Step[] => [
  'action.started',
  (c) => eventFor(c, 'action.finished', { outcome }),
];
const containByHand = containPlan({
  steps: ['revokeSessions'],
  manualSteps: [
    {
      kind: 'forcePasswordChange',
      reason: 'Synced.',
      instruction: 'Reset the password in Active Directory.',
    },
  ],
});
const heldByRule = { id: 'contain-token-theft', effect: 'permit', reason: 'Stolen.', review: true } as const;
const last = 'Do not dismiss the risk or enable the account before SecOps has agreed in this ticket.';
const contained = /Containment is in place/;

describe('the checklist for a person', () => {
  const ownLines: Partial<Record<ReviewReason, RegExp>> = {
    policyHold: /rules that held the case/,
    policyError: /policy pack failed/,
    containmentHeld: /before the user gets back in/,
    subjectChanged: /Contain the released account by hand/,
    subjectUnknown: /Set the risky user on the ticket/,
    quorumUnreachable: /who confirms instead/,
    approvalDenied: /who said no/,
    approvalExpired: /SecOps on-call by phone/,
    approvalVoid: /what has changed \(above\)/,
    watchBlind: /detections since the release/,
    alarmedAgain: /where the risk comes from/,
    stageFailed: /failed job on the console/,
  };

  it.each(reviewReasons)('for %s ends with what must not be done, and has its own words', (reason) => {
    const lines = checklistOf(caseIn('stuck'), reason);
    expect(lines.at(-1)).toBe(last);
    expect(reviewWords[reason]).toMatch(/\.$/);
    const own = ownLines[reason];
    if (own) expect(lines.join('\n')).toMatch(own);
    else expect(lines).toEqual([last]);
  });

  it.each<[state: string, steps: Step[], line: RegExp]>([
    [
      'an unknown step',
      finished('unknown'),
      /^Check whether this took effect .* ID Protection › Risky users/,
    ],
    ['a started step', ['action.started'], /^Check whether this took effect before doing anything: Dismiss/],
    ['a refused step', finished('refused'), /^Graph refused this, do it by hand .*: Dismiss/],
    [
      'a throttled step',
      finished('throttled'),
      /^Graph was too busy to take this, nothing happened: Dismiss/,
    ],
    ['a release not begun', [], /^Not attempted: Dismiss/],
  ])('names %s of a release', (_state, steps, line) => {
    expect(checklistOf(after(caseIn('executing'), ...steps), 'actionUnknown')[0]).toMatch(line);
  });

  it('says why the step after a failed one was not attempted', () => {
    const lines = checklistOf(after(caseIn('executing'), ...finished('unknown')), 'actionUnknown');
    expect(lines[1]).toBe('Not attempted, because an earlier step is not certain: Enable the account.');
    expect(lines.join('\n')).not.toMatch(contained);
  });

  it('does not send a person after a step that is proven', () => {
    const c = after(caseIn('executing'), ...finished('applied'), ...finished('refused'));
    expect(checklistOf(c, 'actionRefused').join('\n')).not.toMatch(/Dismiss the user risk/);
  });

  it.each<[changed: string, facts: Record<string, string>, lines: RegExp[]]>([
    [
      'a sign-in method was added',
      { securityInfoChangedInWindow: 'yes', consentInWindow: 'no', roleChangedInWindow: 'no' },
      [/^Do not send the user to self-service password reset yet/, /^A sign-in method was, or may/],
    ],
    [
      'nothing but sessions was stolen',
      { securityInfoChangedInWindow: 'no', consentInWindow: 'no', roleChangedInWindow: 'no' },
      [/^Do not send the user to self-service password reset yet/, /^Check that each sign-in method/],
    ],
    [
      'what was changed could not be read',
      {},
      [/^Do not send/, /^A sign-in method was, or may/, /^Consent was, or may/, /^A role was, or may/],
    ],
  ])('of what policy holds says what an intruder may have left: %s', (_what, facts, lines) => {
    const contain = { ...courses.contain.rulings.contain, rules: [heldByRule] };
    const c = after(caseIn('collected'), (before) =>
      decided(before, { ...courses.contain, rulings: { ...courses.contain.rulings, contain }, facts }),
    );
    const found = checklistOf(c, 'containmentHeld').slice(0, lines.length + 1);
    lines.forEach((line, at) => expect(found[at]).toMatch(line));
    expect(found.at(-1)).toMatch(/^Not done yet/);
  });

  it('says that containment holds, and what of it is missing', () => {
    const c = after(caseIn('containing'), ...finished('applied'));
    const lines = checklistOf(c, 'stageFailed');
    expect(lines[0]).toMatch(/^Not done yet: Scramble the password/);
    expect(lines.join('\n')).toMatch(contained);
    expect(checklistOf(caseIn('containing'), 'stageFailed').join('\n')).not.toMatch(contained);
  });

  it('says that a plan which was denied, not answered or void was not carried out', () => {
    const line =
      'Not done: Dismiss the user risk in Entra ID Protection; Enable the account. Nothing was changed by it.';
    const denied = after(
      caseIn('voting'),
      (c) => eventFor(c, 'approval.voted', { vote: vote({ choice: 'deny' }) }),
      (c) => eventFor(c, 'approval.decided', { outcome: 'denied' }),
    );
    expect(checklistOf(denied, 'approvalDenied')).toContain(line);
    const gone = after(caseIn('executing'), (c) =>
      eventFor(c, 'execution.completed', { result: 'void', handOver: true }),
    );
    expect(checklistOf(gone, 'approvalVoid')).toContain(line);
    const half = after(caseIn('executing'), ...finished('applied'), ...finished('refused'));
    expect(checklistOf(half, 'actionRefused').join('\n')).not.toContain('Not done:');
  });

  it('says since when nobody watches an account that is released already', () => {
    const line = /^The account was released on 2026-.* UTC, and nobody watches the account now/m;
    for (const phase of ['watchOpened', 'watching'] as const)
      expect(checklistOf(caseIn(phase), 'stageFailed').join('\n')).toMatch(line);
    const untold = after(caseIn('watchOpened'), (c) => eventFor(c, 'ticket.updated', { failure: 'http403' }));
    expect(checklistOf(untold, 'watchBlind').join('\n')).toContain('not told of the watch (http403)');
    const unanswered = after(caseIn('watchOpened'), (c) =>
      eventFor(c, 'ticket.updated', { failure: 'timeout' }),
    );
    expect(checklistOf(unanswered, 'watchBlind').join('\n')).toContain('the note may be there or not');
    expect(checklistOf(caseIn('alarmed'), 'stageFailed').join('\n')).not.toMatch(line);
  });

  it('says the same where a release was broken off after the risk was dismissed, and only then', () => {
    const line = /^The risk was dismissed on 2026-.* UTC, and nobody watches the account now/m;
    const half = after(caseIn('executing'), ...finished('applied'), ...finished('refused'));
    expect(checklistOf(half, 'actionRefused').join('\n')).toMatch(line);
    const none = after(caseIn('executing'), ...finished('refused'));
    expect(checklistOf(none, 'actionRefused').join('\n')).not.toMatch(line);
  });

  it('says whose answer is missing where the time ran out, and who may not know of the question', () => {
    const quorum = [
      { role: 'manager' as const, count: 1 },
      { role: 'secops' as const, count: 2 },
    ];
    const expired = (failure: string | null) =>
      after(
        caseIn('asking'),
        (c) => eventFor(c, 'approval.requested', { quorum }),
        (c) => eventFor(c, 'notice.posted', { failure }),
        (c) => eventFor(c, 'approval.voted', { vote: vote({ roles: ['manager'] }) }),
        'approval.decided',
      );
    expect(checklistOf(expired(null), 'approvalExpired')[0]).toBe('Still missing: SecOps on-call.');
    expect(checklistOf(expired('manager:http403'), 'approvalExpired')[1]).toBe(
      'Teams could not tell everybody (manager:http403): they may not know.',
    );
  });

  it('lists what only a person can do, each once', () => {
    const proposed = releasePlan({ manualSteps: containByHand.manualSteps });
    const c = after(
      caseIn('collected'),
      (before) => decided(before, { immediate: containByHand, proposed }),
      ...finished('applied'),
      'execution.completed',
      'triage.written',
      (before) => eventFor(before, 'approval.requested', { quorum: [{ role: 'secops', count: 1 }] }),
      'notice.posted',
      'approval.voted',
      'approval.decided',
    );
    const lines = checklistOf(c, 'stageFailed');
    expect(lines.filter((line) => line === 'By hand: Reset the password in Active Directory.')).toHaveLength(
      1,
    );
  });

  it('lists the manual steps of a proposal that was denied', () => {
    const proposed = releasePlan({ manualSteps: containByHand.manualSteps });
    const c = after(
      caseIn('collected'),
      (before) => decided(before, { proposed }),
      'triage.written',
      'approval.requested',
      'notice.posted',
      (before) => eventFor(before, 'approval.voted', { vote: vote({ choice: 'deny' }) }),
      'approval.decided',
    );
    expect(checklistOf(c, 'approvalDenied')[0]).toBe('By hand: Reset the password in Active Directory.');
  });
});

describe('the event that hands a case over', () => {
  it.each(phases)('is valid from phase %s for every reason', (phase) => {
    for (const reason of reviewReasonSchema.options) {
      const event = openReview(caseIn(phase), { ...handover, reason });
      expect(reviewOpenedSchema.parse(event)).toEqual(event);
    }
  });

  it('is cut to its bounds, never in the middle of a character', () => {
    const detail = `${'x'.repeat(999)}😀`;
    const event = openReview(caseIn('stuck'), { ...handover, reason: 'stageFailed', detail });
    expect(event.detail).toHaveLength(1_000);
    expect(event.detail.isWellFormed()).toBe(true);
    const wordy = containPlan({
      manualSteps: Array.from({ length: 30 }, (_, n) => ({
        kind: 'forcePasswordChange' as const,
        reason: 'Many.',
        instruction: `${n} ${'y'.repeat(600)}`,
      })),
    });
    const c = after(caseIn('collected'), (before) =>
      decided(before, { ...courses.contain, immediate: wordy }),
    );
    expect(reviewOpenedSchema.safeParse(openReview(c, { ...handover, reason: 'policyHold' })).success).toBe(
      true,
    );
  });
});

describe('personal data', () => {
  const ip = '198.51.100.77';
  const mark = 'PERSONAL';
  const base = sampleEvidence();
  if (base.ticket.state !== 'known' || base.user.state !== 'known') throw new Error('the sample is known');
  const personal: Evidence = sampleEvidence({
    ticket: known({
      ...base.ticket.value,
      shortDescription: { untrusted: `${mark} ticket` },
      description: { untrusted: `${mark} text` },
    }),
    user: known({
      ...base.user.value,
      userPrincipalName: { untrusted: `${mark}@contoso.example` },
      displayName: { untrusted: `${mark} name` },
    }),
    detections: known([
      {
        id: 'detection',
        kind: 'unlikelyTravel',
        markers: [],
        level: 'medium',
        state: 'atRisk',
        activityAt: null,
        detectedAt: sampleInstant(-60),
        requestId: null,
        correlationId: null,
        ip,
        country: `${mark} country`,
      },
    ]),
    manager: known({ id: managerId, displayName: { untrusted: `${mark} boss` }, accountEnabled: true }),
  });
  const personalVote = vote({
    voterId: sampleId(77),
    voterName: { untrusted: `${mark} voter` },
    comment: { untrusted: `${mark} comment` },
  });
  const asked: Step[] = [
    (c) => collected(c, personal),
    (c) => decided(c, { immediate: containPlan() }),
    ...finished('applied'),
    ...finished('applied'),
    'execution.completed',
    'triage.written',
    (c) => eventFor(c, 'approval.requested', { quorum: [{ role: 'secops', count: 1 }] }),
    'notice.posted',
    (c) => eventFor(c, 'approval.voted', { vote: personalVote }),
    'approval.decided',
    ...finished('unknown'),
  ];

  it.each(reviewReasons)('is never in the checklist for %s, however far the case has come', (reason) => {
    for (let length = 0; length <= asked.length; length += 1) {
      const c = after(caseIn('opened'), ...asked.slice(0, length));
      const text = checklistOf(c, reason).join('\n');
      for (const secret of [mark, ip, subjectId, callerId, managerId, sampleId(77)]) {
        expect(text).not.toContain(secret);
      }
    }
  });
});

describe('the state of each step', () => {
  it('is told with the request id that finds the call in the logs of Graph', () => {
    const c = after(caseIn('executing'), ...finished('applied'));
    expect(stepStates(c.proposed)).toEqual([
      { step: 'dismissRisk', state: `applied (request-id ${sampleId(900)})` },
      { step: 'enableAccount', state: 'not attempted' },
    ]);
  });

  it('is honest about a step whose outcome was never written', () => {
    const c = after(caseIn('executing'), 'action.started');
    expect(stepStates(c.proposed)[0]).toEqual({ step: 'dismissRisk', state: 'started, outcome not known' });
    expect(stepStates(null)).toEqual([]);
  });
});
