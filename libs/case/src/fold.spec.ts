import {
  caseEventSchema,
  caseEventTypes,
  type CaseEvent,
  type CaseEventType,
  type Decision,
  type Detection,
  type Quorum,
  type Ruling,
} from '@sallyport/evidence';
import {
  containPlan,
  known,
  releasePlan,
  ruling,
  sampleDigest,
  sampleId,
  sampleInstant,
  unknown,
} from '@sallyport/evidence/testing';
import { type Case, maxRounds, type Phase, phases } from './case';
import { applyEvent, foldCase, IllegalEvent, legalEvents, openCase } from './fold';
import {
  after,
  caseIn,
  collected,
  courses,
  decided,
  eventFor,
  evidence,
  logIn,
  nextInstant,
  opened,
  retried,
  watched,
  type Step,
  vote,
} from './testing/a-case';

/**
 * Every phase with every event that it allows, and where the case then stands. Whatever is not in this table throws.
 * Where an event can lead to more than one phase, this is the sample case; `forks` below has the others.
 */
const transitions = `
  opened       | evidence.collected  | collected
  opened       | case.linked         | linked
  opened       | review.opened       | reviewOpened
  collected    | policy.decided      | advising
  collected    | review.opened       | reviewOpened
  linked       | ticket.updated      | recorded
  linked       | review.opened       | reviewOpened
  containing   | action.started      | containing
  containing   | action.answered     | containing
  containing   | action.finished     | containing
  containing   | execution.completed | stuck
  containing   | review.opened       | reviewOpened
  advising     | triage.written      | asking
  advising     | review.opened       | reviewOpened
  asking       | approval.requested  | posting
  asking       | review.opened       | reviewOpened
  posting      | notice.posted       | voting
  posting      | review.opened       | reviewOpened
  voting       | approval.voted      | tallied
  voting       | vote.refused        | voting
  voting       | notice.posted       | voting
  voting       | approval.decided    | stuck
  voting       | review.opened       | reviewOpened
  tallied      | approval.decided    | executing
  tallied      | review.opened       | reviewOpened
  executing    | action.started      | executing
  executing    | action.answered     | executing
  executing    | action.finished     | executing
  executing    | execution.completed | stuck
  executing    | review.opened       | reviewOpened
  watchOpened  | ticket.updated      | watching
  watchOpened  | review.opened       | reviewOpened
  watching     | watch.alarmed       | opened
  watching     | watch.ended         | settled
  watching     | review.opened       | reviewOpened
  alarmed      | notice.posted       | alarmPosted
  alarmed      | review.opened       | reviewOpened
  alarmPosted  | ticket.updated      | settled
  alarmPosted  | review.opened       | reviewOpened
  stuck        | review.opened       | reviewOpened
  settled      | ticket.updated      | recorded
  settled      | review.opened       | reviewOpened
  recorded     | case.closed         | closed
  recorded     | review.opened       | reviewOpened
  reviewOpened | notice.posted       | reviewPosted
  reviewPosted | ticket.updated      | inReview
  inReview     | review.resolved     | reviewEnded
  inReview     | resolution.refused  | inReview
  reviewEnded  | notice.posted       | reviewEndPosted
  reviewEndPosted | ticket.updated   | opened
  rechecking   | action.finished     | opened
  rechecking   | review.opened       | reviewOpened
`;

const rows = transitions
  .trim()
  .split('\n')
  .map((row) => row.split('|').map((cell) => cell.trim()));
const legal = new Map(rows.map(([phase, type, then]) => [`${phase} ${type}`, then]));

/** The case that a cell is about. An outcome can only be written for a step that was started. */
const caseFor = (phase: Phase, type: CaseEventType): Case =>
  (type === 'action.finished' || type === 'action.answered') &&
  (phase === 'containing' || phase === 'executing')
    ? after(caseIn(phase), 'action.started')
    : caseIn(phase);

describe('who was not reached in Teams', () => {
  const notice = (kind: 'proposal' | 'reminder' | 'escalation', failure: string | null) => (c: Case) =>
    eventFor(c, 'notice.posted', { kind, failure });
  const schedule = { remindAt: [], escalateAt: sampleInstant(100) };
  it.each<[string, [kind: 'reminder' | 'escalation', failure: string | null], string | null]>([
    ['a reminder that went well', ['reminder', null], null],
    ['a reminder that another did not get', ['reminder', 'channel:http403'], 'channel:http403'],
    ['a reminder that was given up', ['reminder', 'reminder:http503'], 'manager:http403, reminder:http503'],
    ['an escalation', ['escalation', null], 'manager:http403'],
    ['an escalation that failed', ['escalation', 'person-1:http403'], 'manager:http403, person-1:http403'],
  ])('is known after %s', (_, [kind, failure], unreached) => {
    const c = after(
      caseIn('asking'),
      (before) => eventFor(before, 'approval.requested', { schedule }),
      notice('proposal', 'manager:http403'),
      notice(kind, failure),
    );
    expect(c.proposal?.unreached).toBe(unreached);
  });
});

describe('every phase with every event', () => {
  const cells = phases.flatMap((phase) => caseEventTypes.map((type) => ({ phase, type })));

  it.each(cells)('$phase × $type', ({ phase, type }) => {
    const c = caseFor(phase, type);
    const event = eventFor(c, type);
    const then = legal.get(`${phase} ${type}`);
    if (then) {
      expect(applyEvent(c, event).phase).toBe(then);
      expect(legalEvents[phase]).toContain(type);
    } else {
      expect(() => applyEvent(c, event)).toThrow(IllegalEvent);
      expect(legalEvents[phase]).not.toContain(type);
    }
  });

  it('has no row that is misspelt or written twice', () => {
    expect(legal.size).toBe(rows.length);
    const names = new Set(cells.map(({ phase, type }) => `${phase} ${type}`));
    expect([...legal.keys()].filter((cell) => !names.has(cell))).toEqual([]);
  });

  it.each(phases)('the builder makes a case that stands in %s, of valid events only', (phase) => {
    expect(caseIn(phase).phase).toBe(phase);
    for (const event of logIn(phase)) expect(caseEventSchema.parse(event)).toEqual(event);
  });
});

const apply: readonly Step[] = ['action.started', 'action.finished'];
const handedOver: readonly Step[] = ['review.opened', 'notice.posted', 'ticket.updated'];
const containAndRelease: Partial<Decision> = { immediate: containPlan(), proposed: releasePlan() };
const manualSteps = [
  { kind: 'forcePasswordChange', reason: 'The account is synced.', instruction: 'Reset it in AD.' },
] as const;
const twoApprovers = { quorum: [{ role: 'secops' as const, count: 2 }] };
const denying: Step = (c) => eventFor(c, 'approval.voted', { vote: vote({ choice: 'deny' }) });
const throttled: Step = (c) => eventFor(c, 'action.finished', { outcome: 'throttled' });
const voided: Step = (c) => eventFor(c, 'execution.completed', { result: 'void' });
const askTwo: Step = (c) => eventFor(c, 'approval.requested', twoApprovers);
const rule = (effect: 'permit' | 'forbid', reason: string) => ({ id: reason, effect, reason });
const secops: Quorum = [{ role: 'secops', count: 1 }];
const heldRulings = (over: Partial<Ruling> = {}) => ({
  ...courses.contain.rulings,
  contain: ruling({ effect: 'permit', rules: [{ ...rule('permit', 'Stolen.'), review: true }], ...over }),
});
const held = { ...courses.contain, rulings: heldRulings({ immediate: true }) };

describe('where one event can lead to several phases', () => {
  const forks: [why: string, from: Phase, steps: Step[], then: string][] = [
    ['containment comes before asking', 'collected', [(c) => decided(c, containAndRelease)], 'containing'],
    ['a remediated risk only needs a note', 'collected', [(c) => decided(c, courses.close)], 'settled'],
    ['a hold needs a person', 'collected', [(c) => decided(c, courses.hold)], 'stuck policyHold'],
    [
      'a hold without a user says so',
      'opened',
      [(c) => ({ ...collected(c), subjectId: null }), (c) => decided(c, courses.hold)],
      'stuck subjectUnknown',
    ],
    [
      'an engine error is no answer',
      'collected',
      [(c) => decided(c, { ...courses.hold, errors: ['overflow'] })],
      'stuck policyError',
    ],
    [
      'containment done, release proposed: ask',
      'collected',
      [(c) => decided(c, containAndRelease), ...apply, ...apply, 'execution.completed'],
      'advising',
    ],
    [
      'containment done, nothing else: note',
      'containing',
      [...apply, ...apply, 'execution.completed'],
      'settled',
    ],
    ['containment failed: a person', 'containing', ['execution.completed'], 'stuck actionRefused'],
    [
      'containment is uncertain: a person',
      'containing',
      ['action.started', 'execution.completed'],
      'stuck actionUnknown',
    ],
    [
      'manual steps remain after containment',
      'collected',
      [
        (c) =>
          decided(c, {
            ...courses.contain,
            immediate: containPlan({ steps: ['revokeSessions'], manualSteps: [...manualSteps] }),
          }),
        ...apply,
        'execution.completed',
      ],
      'stuck manualStepsRemain',
    ],
    [
      'contained and held by policy: a person',
      'collected',
      [(c) => decided(c, held), ...apply, ...apply, 'execution.completed'],
      'stuck containmentHeld',
    ],
    [
      'contained after people agreed, and held by policy: a person',
      'collected',
      [
        (c) =>
          decided(c, {
            rulings: heldRulings({ quorum: secops }),
            proposed: containPlan(),
          }),
        ...['triage.written' as const, 'approval.requested' as const, 'notice.posted' as const],
        ...['approval.voted' as const, 'approval.decided' as const],
        ...[...apply, ...apply, 'execution.completed' as const],
      ],
      'stuck containmentHeld',
    ],
    ['one of two votes', 'asking', [askTwo, 'notice.posted', 'approval.voted'], 'voting'],
    ['a denial is enough', 'asking', [askTwo, 'notice.posted', denying], 'tallied'],
    ['denied: a person', 'voting', [denying, 'approval.decided'], 'stuck approvalDenied'],
    ['nobody answered: a person', 'voting', ['approval.decided'], 'stuck approvalExpired'],
    ['released', 'executing', [...apply, ...apply, 'execution.completed'], 'settled'],
    ['a void approval starts from fresh evidence', 'executing', [voided], 'opened'],
    ['containment that waited until it was wrong does too', 'containing', [voided], 'opened'],
    [
      'a throttled attempt did nothing, so the approval can still become void',
      'executing',
      ['action.started', throttled, voided],
      'opened',
    ],
    [
      'a throttled step is started again',
      'executing',
      ['action.started', throttled, ...apply, ...apply, 'execution.completed'],
      'settled',
    ],
    [
      'closed by hand',
      'collected',
      [
        ...handedOver,
        (c) => eventFor(c, 'review.resolved', { resolution: 'close' }),
        'notice.posted',
        'ticket.updated',
      ],
      'recorded',
    ],
  ];

  it.each(forks)('%s', (_why, from, steps, then) => {
    const c = after(caseIn(from), ...steps);
    expect(c.stuck ? `${c.phase} ${c.stuck.reason}` : c.phase).toBe(then);
  });
});

describe('an event that its phase allows and the case contradicts', () => {
  const { contain } = courses;
  const contradictions: [why: string, from: Phase, before: Step[], offered: Step][] = [
    [
      'a decision on other evidence',
      'collected',
      [],
      (c) => decided(c, { evidenceDigest: sampleDigest(99) }),
    ],
    ['acting in spite of an engine error', 'collected', [], (c) => decided(c, { errors: ['overflow'] })],
    [
      'closing in spite of an engine error',
      'collected',
      [],
      (c) => decided(c, { ...courses.close, errors: ['overflow'] }),
    ],
    ['acting without a plan', 'collected', [], (c) => decided(c, { proposed: null })],
    [
      'a closing note that was refused',
      'settled',
      [],
      (c) => eventFor(c, 'ticket.updated', { failure: 'http403' }),
    ],
    ['an immediate release', 'collected', [], (c) => decided(c, { ...contain, immediate: releasePlan() })],
    [
      'a vote for another proposal',
      'voting',
      [],
      (c) => eventFor(c, 'approval.voted', { proposalDigest: sampleDigest(99) }),
    ],
    [
      'a second approval by one person',
      'asking',
      [askTwo, 'notice.posted', 'approval.voted'],
      'approval.voted',
    ],
    [
      'expired while there is time left',
      'voting',
      [],
      (c) => eventFor(c, 'approval.decided', { at: nextInstant(c) }),
    ],
    [
      'proposing to release what policy holds for a person',
      'collected',
      [],
      (c) => decided(c, { ...held, proposed: releasePlan() }),
    ],
    [
      'asking about another plan than policy proposed',
      'asking',
      [],
      (c) => eventFor(c, 'approval.requested', { plan: containPlan() }),
    ],
    [
      'asking under a digest of something else',
      'asking',
      [],
      (c) => eventFor(c, 'approval.requested', { proposalDigest: sampleDigest(99) }),
    ],
    [
      'a decision about another proposal',
      'tallied',
      [],
      (c) => eventFor(c, 'approval.decided', { proposalDigest: sampleDigest(99) }),
    ],
    [
      'approved while votes are missing',
      'voting',
      [],
      (c) => eventFor(c, 'approval.decided', { outcome: 'approved' }),
    ],
    [
      'approved against a denial',
      'voting',
      [denying],
      (c) => eventFor(c, 'approval.decided', { outcome: 'approved' }),
    ],
    [
      'denied against the votes',
      'tallied',
      [],
      (c) => eventFor(c, 'approval.decided', { outcome: 'denied' }),
    ],
    [
      'expired after the votes were in',
      'tallied',
      [],
      (c) => eventFor(c, 'approval.decided', { outcome: 'expired' }),
    ],
    [
      'a notice about a review while people vote',
      'posting',
      [],
      (c) => eventFor(c, 'notice.posted', { kind: 'review' }),
    ],
    [
      'a notice about a proposal in a review',
      'reviewOpened',
      [],
      (c) => eventFor(c, 'notice.posted', { kind: 'proposal' }),
    ],
    [
      'a step that is not in the plan',
      'executing',
      [],
      (c) => eventFor(c, 'action.started', { step: 'revokeSessions' }),
    ],
    [
      'a plan that is not under way',
      'executing',
      [],
      (c) => eventFor(c, 'action.started', { slot: 'immediate' }),
    ],
    [
      'a step started twice',
      'executing',
      ['action.started'],
      (c) => eventFor(c, 'action.started', { step: 'dismissRisk', attempt: 2 }),
    ],
    [
      'a step started again after it was applied',
      'executing',
      [...apply],
      (c) => eventFor(c, 'action.started', { step: 'dismissRisk', attempt: 2 }),
    ],
    [
      'a step started again after its outcome stayed unknown',
      'executing',
      ['action.started', (c) => eventFor(c, 'action.finished', { outcome: 'unknown' })],
      (c) => eventFor(c, 'action.started', { step: 'dismissRisk', attempt: 2 }),
    ],
    ['a skipped attempt', 'executing', [], (c) => eventFor(c, 'action.started', { attempt: 2 })],
    [
      'a second attempt under another key',
      'executing',
      ['action.started', throttled],
      (c) => eventFor(c, 'action.started', { key: sampleDigest(99) }),
    ],
    ['an outcome without a start', 'executing', [], 'action.finished'],
    [
      'a second outcome',
      'executing',
      [...apply],
      (c) => eventFor(c, 'action.finished', { step: 'dismissRisk', attempt: 1 }),
    ],
    [
      'an outcome under another key',
      'executing',
      ['action.started'],
      (c) => eventFor(c, 'action.finished', { key: sampleDigest(99) }),
    ],
    [
      'an outcome of another step under this key',
      'executing',
      ['action.started'],
      (c) => eventFor(c, 'action.finished', { step: 'enableAccount' }),
    ],
    [
      'an outcome of another attempt',
      'executing',
      ['action.started'],
      (c) => eventFor(c, 'action.finished', { attempt: 2 }),
    ],
    [
      'done while a step is missing',
      'executing',
      [...apply],
      (c) => eventFor(c, 'execution.completed', { result: 'done' }),
    ],
    [
      'incomplete while every step is applied',
      'executing',
      [...apply, ...apply],
      (c) => eventFor(c, 'execution.completed', { result: 'incomplete' }),
    ],
    ['void after the plan has begun', 'executing', ['action.started'], voided],
    [
      'an effect of an intent that was a dry run',
      'executing',
      [(c) => eventFor(c, 'action.started', { dryRun: true })],
      (c) => eventFor(c, 'action.finished', { outcome: 'applied' }),
    ],
    [
      'a dry run of an intent that was none',
      'executing',
      ['action.started'],
      (c) => eventFor(c, 'action.finished', { outcome: 'dryRun' }),
    ],
    [
      'done where a step was a dry run',
      'executing',
      [
        (c) => eventFor(c, 'action.started', { dryRun: true }),
        (c) => eventFor(c, 'action.finished', { outcome: 'dryRun' }),
        ...apply,
      ],
      (c) => eventFor(c, 'execution.completed', { result: 'done' }),
    ],
    ['void containment after it has begun', 'containing', ['action.started'], voided],
    [
      'a plan completed a second time',
      'collected',
      [
        (c) => decided(c, containAndRelease),
        ...apply,
        ...apply,
        'execution.completed',
        'triage.written',
        (c) => eventFor(c, 'approval.requested', { quorum: [{ role: 'secops', count: 1 }] }),
        'notice.posted',
        'approval.voted',
        'approval.decided',
      ],
      (c) => eventFor(c, 'execution.completed', { slot: 'immediate', result: 'done' }),
    ],
    [
      'closed as something that it is not',
      'recorded',
      [],
      (c) => eventFor(c, 'case.closed', { outcome: 'released' }),
    ],
  ];

  it.each(contradictions)('is refused: %s', (_why, from, before, offered) => {
    const c = after(caseIn(from), ...before);
    const type = typeof offered === 'string' ? offered : offered(c).type;
    expect(legalEvents[c.phase]).toContain(type);
    expect(() => after(c, offered)).toThrow(IllegalEvent);
  });

  it('an approval may become a denial, never the other way round', () => {
    const approved = after(caseIn('asking'), askTwo, 'notice.posted', 'approval.voted');
    const denied = after(approved, denying);
    expect(denied.phase).toBe('tallied');
    expect(denied.proposal?.votes).toEqual([vote({ choice: 'deny' })]);
    expect(() => after(denied, 'approval.voted')).toThrow(IllegalEvent);
  });
});

describe('a case over several rounds', () => {
  const again: readonly Step[] = [
    'evidence.collected',
    (c) => decided(c, containAndRelease),
    'triage.written',
    (c) => eventFor(c, 'approval.requested', { quorum: [{ role: 'secops', count: 1 }] }),
    'notice.posted',
    'approval.voted',
    'approval.decided',
    voided,
  ];

  it('forgets proposal, triage and decision of an approval that became void', () => {
    const c = after(caseIn('executing'), voided, 'evidence.collected');
    expect(c).toMatchObject({ round: 2, proposal: null, proposed: null, triage: null, decision: null });
  });

  const detail = 'The ticket is now about somebody else.';
  const changed: Step = (c) => eventFor(c, 'execution.completed', { result: 'void', detail });

  it('keeps why an approval became void, through the next round', () => {
    const c = after(
      caseIn('executing'),
      changed,
      'evidence.collected',
      'policy.decided',
      ...again.slice(2, -1),
    );
    expect(c.voided).toEqual({ detail, approved: true, handedOver: false });
  });

  it('knows a plan that became void with nobody asked from one that people had approved', () => {
    const c = after(caseIn('containing'), changed);
    expect(c.voided).toEqual({ detail, approved: false, handedOver: false });
  });

  it('forgets why once a person has had the case begun anew', () => {
    const c = after(caseIn('executing'), changed, 'evidence.collected', ...retried);
    expect(c).toMatchObject({ phase: 'opened', voided: null });
  });

  it('forgets why once a released account is at risk again', () => {
    const c = after(
      after(caseIn('executing'), changed, 'evidence.collected', 'policy.decided', ...again.slice(2, -1)),
      ...[...apply, ...apply, watched, 'ticket.updated' as const],
    );
    expect(c.voided).not.toBeNull();
    expect(after(c, 'watch.alarmed').voided).toBeNull();
  });

  it('keeps containment that was done, and does not start it again', () => {
    const contained = after(
      caseIn('collected'),
      (c) => decided(c, containAndRelease),
      ...[...apply, ...apply, 'execution.completed' as const],
    );
    const next = after(contained, ...again.slice(2), ...again.slice(0, 2));
    expect(next.phase).toBe('advising');
    expect(next.immediate?.result).toBe('done');
  });

  it.each([
    ['a detection from before it', -5, 'advising'],
    ['a detection since', 60, 'containing'],
  ])('contains again after %s', (_what, minutes, phase) => {
    const contained = after(
      caseIn('collected'),
      (c) => decided(c, containAndRelease),
      ...[...apply, ...apply, 'execution.completed' as const],
    );
    const detection: Detection = {
      ...{ id: 'new', kind: 'maliciousIPAddress', markers: [], level: 'high', state: 'atRisk' },
      ...{ activityAt: sampleInstant(minutes), detectedAt: sampleInstant(61) },
      ...{ requestId: null, correlationId: null, ip: null, country: null },
    };
    const fresh = evidence({ detections: known([detection]) });
    const next = after(contained, ...again.slice(2), (c) => collected(c, fresh), again[1]!);
    expect(next.phase).toBe(phase);
  });

  it('says nothing about another subject that the ticket was corrected to', () => {
    const contained = after(
      caseIn('collected'),
      (c) => decided(c, containAndRelease),
      ...[...apply, ...apply, 'execution.completed' as const],
      ...again.slice(2),
    );
    const next = after(contained, (c) => ({ ...collected(c), subjectId: sampleId(77) }));
    expect(next.immediate).toBeNull();
  });

  it(`goes to a person when ${maxRounds} approvals became void`, () => {
    const plain = again.map((step, at): Step => (at === 1 ? 'policy.decided' : step));
    let c = caseIn('opened');
    for (let round = 1; round < maxRounds; round += 1) {
      c = after(c, ...plain);
      expect(c.phase).toBe('opened');
    }
    c = after(c, ...plain.slice(0, -1), changed);
    const stuck = { reason: 'approvalVoid', detail };
    expect(c).toMatchObject({ phase: 'stuck', stuck, voided: { detail, handedOver: true } });
  });

  it('a retry starts again from evidence, with nothing half done left over', () => {
    const c = after(caseIn('executing'), 'action.started', throttled, ...retried);
    expect(c).toMatchObject({ phase: 'opened', round: 0, review: null, proposal: null, proposed: null });
  });
});

describe('the outcome that a case may close with', () => {
  it.each<[outcome: string, from: Phase, steps: Step[]]>([
    ['linked', 'linked', ['ticket.updated', 'case.closed']],
    ['selfRemediated', 'settled', ['ticket.updated', 'case.closed']],
    ['contained', 'containing', [...apply, ...apply, 'execution.completed', 'ticket.updated', 'case.closed']],
    ['released', 'executing', [...apply, ...apply, 'execution.completed', 'ticket.updated', 'case.closed']],
  ])('is %s', (outcome, from, steps) => {
    expect(after(caseIn(from), ...steps)).toMatchObject({ phase: 'closed', outcome });
  });
});

describe('the words for a person', () => {
  it('a hold repeats the reasons of the rules that forbade, each once', () => {
    const forbid = ruling({ rules: [rule('forbid', 'The account is privileged.'), rule('permit', 'No.')] });
    const c = after(caseIn('collected'), (before) =>
      decided(before, { ...courses.hold, rulings: { contain: forbid, release: forbid, close: ruling() } }),
    );
    expect(c.stuck?.detail).toBe('The account is privileged.');
  });

  it('a hold without a rule says that no rule permits anything', () => {
    expect(caseIn('stuck').stuck?.detail).toBe('No rule permits an automatic course for this case.');
  });
});

describe('folding', () => {
  it('is the same as applying one event after the other', () => {
    const [first, ...rest] = logIn('executing');
    const stepwise = rest.reduce(applyEvent, openCase(first!));
    expect(foldCase(logIn('executing'))).toEqual(stepwise);
  });

  it('counts events and remembers the time of the last one', () => {
    const log = logIn('voting');
    expect(foldCase(log)).toMatchObject({ seq: log.length, updatedAt: log.at(-1)?.at });
  });

  it('leaves the case before the event as it was', () => {
    for (const phase of phases) {
      const c = caseIn(phase);
      const copy: unknown = JSON.parse(JSON.stringify(c));
      for (const type of legalEvents[phase]) applyEvent(caseFor(phase, type), eventFor(c, type));
      expect(c).toEqual(copy);
    }
  });

  it('keeps what was read, known or not', () => {
    const found = evidence({ risk: unknown('forbidden') });
    const c = after(caseIn('opened'), (before) => collected(before, found));
    expect(c.evidence).toEqual(found);
  });

  it('refuses a log that is empty or starts in the middle', () => {
    expect(() => foldCase([])).toThrow(RangeError);
    expect(() => foldCase(logIn('collected').slice(1))).toThrow(IllegalEvent);
  });

  it('says in the error which event met which phase', () => {
    const closed = caseIn('closed');
    const late: CaseEvent = eventFor(closed, 'review.resolved', {
      personId: sampleId(5),
      at: nextInstant(closed),
    });
    expect(() => applyEvent(closed, late)).toThrow('review.resolved in phase closed');
    expect(() => openCase(late)).toThrow('a case starts with case.opened');
    expect(openCase(opened('second')).id).not.toBe(closed.id);
  });
});
