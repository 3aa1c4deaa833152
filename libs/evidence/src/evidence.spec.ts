import type { z } from 'zod';
import { decisionSchema, planSchema, quorumSchema } from './decision';
import {
  campaignSchema,
  capabilitiesSchema,
  changeSchema,
  detectionSchema,
  deviceSchema,
  episodeSchema,
  evidenceMaxRows,
  evidenceParts,
  evidenceSchema,
  logsSchema,
  managerSchema,
  registrationSchema,
  riskSchema,
  rolesSchema,
  signInSchema,
  standingSchema,
  ticketSchema,
  userSchema,
} from './evidence';
import { unknownReasons } from './reading';
import { jobSchema, stages } from './stage';
import {
  containPlan,
  decision,
  evidence,
  known,
  releasePlan,
  ruling,
  sampleDigest,
  sampleId,
  sampleStart,
  triage,
  unknown,
} from './testing/samples';
import { triageSchema } from './triage';

const sample = evidence();
const valueOf = (part: (typeof evidenceParts)[number]): unknown => {
  const reading = sample[part];
  return reading?.state === 'known' ? reading.value : undefined;
};

const role = { templateId: 'template', name: { untrusted: 'Reader' }, builtIn: true };
const detection = {
  id: 'd',
  kind: 'unlikelyTravel',
  markers: [],
  level: 'medium',
  state: 'atRisk',
  activityAt: null,
  detectedAt: sampleStart,
  requestId: null,
  correlationId: null,
  ip: '192.0.2.1',
  country: 'DE',
};
const signIn = {
  id: 's',
  at: sampleStart,
  interactive: true,
  errorCode: 0,
  conditionalAccess: 'success',
  mfa: 'passed',
  ip: null,
  country: null,
  deviceId: null,
  knownDevice: null,
  knownNetwork: true,
  deviceName: { untrusted: 'PC' },
  app: null,
  userAgent: { untrusted: 'Browser' },
  correlationId: null,
};
const change = {
  id: 'c',
  at: sampleStart,
  kind: 'selfServiceReset',
  activity: { untrusted: 'Reset password (self-service)' },
  succeeded: true,
  by: 'subject',
  correlationId: null,
};
const device = {
  id: sampleId(30),
  deviceId: null,
  name: { untrusted: 'PC' },
  operatingSystem: 'Windows',
  trustType: 'AzureAd',
  compliant: null,
  managed: true,
  registeredAt: null,
};

/** A valid sample of every schema, and changes that make it invalid. */
const table: [name: string, schema: z.ZodType, valid: object, invalid: object[]][] = [
  [
    'ticket',
    ticketSchema,
    valueOf('ticket') as object,
    [
      { sysId: 'INC1' },
      { shortDescription: 'text' },
      { description: 'text' },
      { active: 'true' },
      { subjectId: '' },
    ],
  ],
  [
    'user',
    userSchema,
    valueOf('user') as object,
    [
      { userType: 'Member' },
      { displayName: 'Sam' },
      { userPrincipalName: 'sam@contoso.example' },
      { id: 'sam' },
    ],
  ],
  ['standing', standingSchema, valueOf('standing') as object, [{ vip: null }, { vip: undefined }]],
  [
    'roles',
    rolesSchema,
    { active: [role], eligible: [], roleAssignableGroup: false },
    [
      { active: null },
      { eligible: [{ ...role, name: 'Reader' }] },
      { active: Array(evidenceMaxRows + 1).fill(role) },
    ],
  ],
  [
    'risk',
    riskSchema,
    valueOf('risk') as object,
    [
      { level: 'unknownFutureValue' },
      { state: 'fine' },
      { processing: null },
      { lastUpdatedAt: 'yesterday' },
    ],
  ],
  [
    'detection',
    detectionSchema,
    detection,
    [{ level: 'severe' }, { state: 'open' }, { detectedAt: null }, { markers: ['harmless'] }],
  ],
  [
    'risk episode',
    episodeSchema,
    { id: 'e', openedAt: sampleStart, newestAt: sampleStart, detectionIds: ['d'] },
    [{ openedAt: null }, { detectionIds: Array(evidenceMaxRows + 1).fill('d') }],
  ],
  [
    'campaign',
    campaignSchema,
    { kinds: [{ kind: 'unlikelyTravel', users: 4 }] },
    [{ kinds: [{ kind: 'unlikelyTravel', users: 0 }] }, { kinds: [{ kind: 'x', users: 1.5 }] }],
  ],
  [
    'sign-in',
    signInSchema,
    signIn,
    [
      { mfa: true },
      { conditionalAccess: 'unknownFutureValue' },
      { knownDevice: 'yes' },
      { errorCode: '0' },
      { deviceName: 'PC' },
      { userAgent: 'Browser' },
      { app: 'Mail' },
    ],
  ],
  ['change', changeSchema, change, [{ kind: 'resetPassword' }, { by: 'sam' }, { activity: 'Reset' }]],
  ['device', deviceSchema, device, [{ name: 'PC' }, { id: 'PC' }, { compliant: 'yes' }]],
  [
    'registration',
    registrationSchema,
    valueOf('registration') as object,
    [{ methods: Array(51).fill('fido2') }, { mfaRegistered: null }],
  ],
  ['log horizon', logsSchema, valueOf('logs') as object, [{ completeUntil: null }, { completeUntil: 'now' }]],
  [
    'preflight',
    capabilitiesSchema,
    valueOf('capabilities') as object,
    [{ dismissRisk: true }, { dismissRisk: { can: 'no', obstacles: ['rain'] } }],
  ],
  ['manager', managerSchema, valueOf('manager') as object, [{ displayName: 'Max' }, { id: null }]],
  [
    'evidence',
    evidenceSchema,
    sample,
    [
      { v: 2 },
      { collectedAt: '2026-03-02' },
      { risk: null },
      { risk: valueOf('risk') },
      { risk: { ...unknown(), reason: 'tired' } },
      { risk: { ...known(valueOf('risk')), source: undefined } },
      { risk: { ...known(valueOf('risk')), state: 'unknown' } },
      { risk: { ...unknown(), value: valueOf('risk') } },
    ],
  ],
  [
    'plan',
    planSchema,
    containPlan(),
    [{ v: 2 }, { action: 'close' }, { steps: ['deleteUser'] }, { manualSteps: [{ kind: 'dismissRisk' }] }],
  ],
  [
    'decision',
    decisionSchema,
    decision(),
    [
      { v: 2 },
      { course: 'guess' },
      { facts: { risk: null } },
      { facts: { risk: 1.5 } },
      { policySetHash: 'abc' },
      { rulings: { contain: ruling(), release: ruling() } },
      { immediate: { ...releasePlan(), v: 2 } },
    ],
  ],
  [
    'triage',
    triageSchema,
    triage(),
    [{ v: 2 }, { author: { kind: 'person', name: 'Sam' } }, { statements: Array(6).fill('x') }],
  ],
  [
    'job',
    jobSchema,
    { caseId: `case-${'0'.repeat(32)}`, stage: 'context', seq: 1 },
    [{ stage: 'ingest' }, { seq: 0 }, { seq: 1.5 }, { caseId: 'case-1' }, { user: 'sam' }],
  ],
];

describe.each(table)('the schema of a %s', (_name, schema, valid, invalid) => {
  it('takes a valid one and changes nothing', () => {
    expect(schema.parse(JSON.parse(JSON.stringify(valid)))).toEqual(valid);
  });

  it('refuses a property that nobody knows', () => {
    expect(schema.safeParse({ ...valid, surprise: 1 }).success).toBe(false);
  });

  const required = Object.keys(valid).filter((property) => property !== 'history');
  it.each(required)('refuses one without %s', (property) => {
    expect(schema.safeParse({ ...valid, [property]: undefined }).success).toBe(false);
  });

  it.each(invalid)('refuses %j', (over) => {
    expect(schema.safeParse({ ...valid, ...over }).success).toBe(false);
  });
});

describe('the evidence bundle', () => {
  it('names every part once', () => {
    expect([...evidenceParts].sort()).toEqual(
      Object.keys(evidenceSchema.shape)
        // The owner is from our own configuration: it is not read anywhere.
        .filter((key) => key !== 'v' && key !== 'collectedAt' && key !== 'owner')
        .sort(),
    );
  });

  it.each(evidenceParts)('may say that %s is unknown, with every reason', (part) => {
    for (const reason of unknownReasons) {
      expect(evidenceSchema.safeParse({ ...sample, [part]: unknown(reason) }).success).toBe(true);
    }
  });

  it('keeps apart "no manager" and "manager unknown"', () => {
    expect(evidenceSchema.parse(evidence({ manager: known(null) })).manager).toEqual(known(null));
    expect(evidenceSchema.safeParse({ ...sample, user: known(null) }).success).toBe(false);
  });
});

describe('a quorum', () => {
  it.each([
    ['an unknown role', [{ role: 'king', count: 1 }]],
    ['nobody of a role', [{ role: 'secops', count: 0 }]],
    ['half a person', [{ role: 'secops', count: 0.5 }]],
    ['more people than an on-call team has', [{ role: 'secops', count: 6 }]],
    ['more entries than there are roles', Array(5).fill({ role: 'secops', count: 1 })],
  ])('refuses %s', (_what, quorum) => {
    expect(quorumSchema.safeParse(quorum).success).toBe(false);
  });
});

describe('a job', () => {
  it.each(stages)('for %s holds the triple and nothing else', (stage) => {
    expect(Object.keys(jobSchema.shape)).toEqual(['caseId', 'stage', 'seq']);
    expect(jobSchema.safeParse({ caseId: `case-${'f'.repeat(32)}`, stage, seq: 1 }).success).toBe(true);
  });
});

it('the sample world has digests and ids of the right form', () => {
  expect(decisionSchema.shape.policySetHash.parse(sampleDigest(7))).toHaveLength(64);
});
