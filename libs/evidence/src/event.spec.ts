import { type CaseEventType, caseEventSchema, caseEventTypes, type EventOf } from './event';
import {
  decision,
  evidence,
  releasePlan,
  sampleDigest,
  sampleId,
  sampleInstant,
  sampleStart,
  subjectId,
  triage,
} from './testing/samples';

const caseId = `case-${'0'.repeat(32)}`;
const base = { v: 1, at: sampleStart } as const;
const action = { slot: 'proposed', step: 'dismissRisk', key: sampleDigest(5), attempt: 1 } as const;

/** One valid event of every type. */
const samples: { [T in CaseEventType]: EventOf<T> } = {
  'case.opened': {
    ...base,
    type: 'case.opened',
    caseId,
    instance: 'sample',
    ticketSysId: 'a'.repeat(32),
    ticketNumber: 'INC0010001',
    episode: 'first',
    origin: 'webhook',
    messageId: 'msg_1',
  },
  'evidence.collected': {
    ...base,
    type: 'evidence.collected',
    evidence: evidence(),
    evidenceDigest: sampleDigest(2),
    subjectId,
  },
  'case.linked': { ...base, type: 'case.linked', primaryCaseId: caseId },
  'policy.decided': {
    ...base,
    type: 'policy.decided',
    decision: decision(),
    decisionDigest: sampleDigest(3),
  },
  'triage.written': { ...base, type: 'triage.written', triage: triage() },
  'approval.requested': {
    ...base,
    type: 'approval.requested',
    proposalDigest: sampleDigest(4),
    plan: releasePlan(),
    quorum: [{ role: 'secops', count: 1 }],
    expiresAt: sampleInstant(240),
  },
  'notice.posted': { ...base, type: 'notice.posted', kind: 'proposal', messages: [], failure: null },
  'approval.voted': {
    ...base,
    type: 'approval.voted',
    proposalDigest: sampleDigest(4),
    vote: {
      voterId: sampleId(10),
      voterName: { untrusted: 'Ada' },
      roles: ['secops'],
      choice: 'approve',
      comment: null,
    },
    activityId: 'click',
  },
  'vote.refused': {
    ...base,
    type: 'vote.refused',
    proposalDigest: sampleDigest(4),
    voterId: sampleId(10),
    choice: 'approve',
    refusal: 'noRole',
    channel: 'teams',
    activityId: 'click',
  },
  'approval.decided': {
    ...base,
    type: 'approval.decided',
    proposalDigest: sampleDigest(4),
    outcome: 'approved',
  },
  'action.started': { ...base, type: 'action.started', ...action },
  'action.answered': {
    ...base,
    type: 'action.answered',
    ...action,
    answer: 'ambiguous',
    detail: 'timeout (HTTP none)',
    requestId: null,
  },
  'action.finished': {
    ...base,
    type: 'action.finished',
    ...action,
    outcome: 'applied',
    detail: 'Read back.',
    requestId: null,
    notBefore: null,
  },
  'execution.completed': {
    ...base,
    type: 'execution.completed',
    slot: 'proposed',
    result: 'done',
    detail: 'Done.',
  },
  'watch.alarmed': { ...base, type: 'watch.alarmed', detail: '1 new risk detection(s): maliciousIPAddress.' },
  'watch.ended': { ...base, type: 'watch.ended', lookedAt: sampleInstant(60) },
  'ticket.updated': {
    ...base,
    type: 'ticket.updated',
    key: sampleDigest(6),
    purpose: 'closing',
    modCount: 3,
  },
  'case.closed': { ...base, type: 'case.closed', outcome: 'released' },
  'review.opened': {
    ...base,
    type: 'review.opened',
    stage: 'executor',
    reason: 'actionUnknown',
    detail: 'No answer.',
    checklist: ['Look.'],
  },
  'review.resolved': {
    ...base,
    type: 'review.resolved',
    personId: sampleId(10),
    personName: { untrusted: 'Ada' },
    roles: ['secops'],
    resolution: 'retry',
    note: { untrusted: 'Done.' },
    steps: [{ slot: 'proposed', step: 'dismissRisk', done: false }],
  },
  'resolution.refused': {
    ...base,
    type: 'resolution.refused',
    personId: sampleId(11),
    resolution: 'close',
    refusal: 'noRole',
  },
};

describe.each(caseEventTypes)('an event %s', (type) => {
  const sample = samples[type];
  const accepts = (event: unknown) => caseEventSchema.safeParse(event).success;

  it('is stored exactly as it was written', () => {
    expect(caseEventSchema.parse(JSON.parse(JSON.stringify(sample)))).toEqual(sample);
  });

  it('of another version is refused, not guessed at', () => {
    expect(accepts({ ...sample, v: 2 })).toBe(false);
    expect(accepts({ ...sample, v: '1' })).toBe(false);
  });

  it('with a property that nobody knows is refused', () => {
    expect(accepts({ ...sample, surprise: true })).toBe(false);
  });

  it.each(Object.keys(sample))('without its %s is refused', (property) => {
    expect(accepts({ ...sample, [property]: undefined })).toBe(false);
  });

  it('at a time in another spelling is refused', () => {
    expect(accepts({ ...sample, at: '2026-03-02T08:00:00Z' })).toBe(false);
  });
});

it('evidence that was stored before the history was asked for is still read, exactly as it was written', () => {
  const { history: _, ...before } = evidence();
  const stored = JSON.parse(JSON.stringify({ ...samples['evidence.collected'], evidence: before }));
  expect(caseEventSchema.parse(stored)).toStrictEqual(stored);
});

describe('a value outside its list is refused', () => {
  it.each<[property: string, type: CaseEventType, over: object]>([
    ['origin', 'case.opened', { origin: 'rumour' }],
    ['case id', 'case.opened', { caseId: 'case-1' }],
    ['notice kind', 'notice.posted', { kind: 'advert' }],
    ['approval outcome', 'approval.decided', { outcome: 'maybe' }],
    ['plan slot', 'action.started', { slot: 'later' }],
    ['step', 'action.started', { step: 'deleteUser' }],
    ['attempt', 'action.started', { attempt: 0 }],
    ['key', 'action.started', { key: sampleDigest(5).slice(1) }],
    ['action outcome', 'action.finished', { outcome: 'probably' }],
    ['detail that is too long', 'action.finished', { detail: 'x'.repeat(501) }],
    ['execution result', 'execution.completed', { result: 'nearly' }],
    ['note purpose', 'ticket.updated', { purpose: 'chat' }],
    ['case outcome', 'case.closed', { outcome: 'forgotten' }],
    ['stage', 'review.opened', { stage: 'ingest' }],
    ['review reason', 'review.opened', { reason: 'mood' }],
    ['checklist that is too long', 'review.opened', { checklist: Array(21).fill('Look.') }],
    ['resolution', 'review.resolved', { resolution: 'ignore' }],
    ['refusal of a resolution', 'resolution.refused', { refusal: 'mood' }],
    [
      'step that nobody knows',
      'review.resolved',
      { steps: [{ slot: 'proposed', step: 'pray', done: true }] },
    ],
    ['untrusted note as plain text', 'review.resolved', { note: 'Done.' }],
  ])('%s', (_property, type, over) => {
    expect(caseEventSchema.safeParse({ ...samples[type], ...over }).success).toBe(false);
  });

  it('an event of no known type', () => {
    expect(caseEventSchema.safeParse({ ...base, type: 'case.forgotten' }).success).toBe(false);
  });

  it('a vote whose name is plain text, or whose role nobody knows', () => {
    const { vote } = samples['approval.voted'];
    for (const over of [
      { voterName: 'Ada' },
      { roles: ['king'] },
      { choice: 'abstain' },
      { voterId: 'ada' },
    ]) {
      const event = { ...samples['approval.voted'], vote: { ...vote, ...over } };
      expect(caseEventSchema.safeParse(event).success).toBe(false);
    }
  });
});
