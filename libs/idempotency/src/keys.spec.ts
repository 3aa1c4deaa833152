import { caseIdSchema, digestSchema, objectIdSchema, stages, stepKinds } from '@sallyport/evidence';
import {
  containPlan,
  decision,
  evidence,
  releasePlan,
  sampleDigest,
  subjectId,
  unknown,
} from '@sallyport/evidence/testing';
import { z } from 'zod';
import {
  actionKey,
  cardId,
  caseIdFor,
  clientRequestId,
  decisionDigest,
  effectKey,
  evidenceDigest,
  jobIdFor,
  parseCardId,
  planDigest,
  proposalDigest,
} from './keys';

const ticket = { instance: 'prod', ticketSysId: 'a'.repeat(32), episode: 'one' };
const caseId = caseIdFor(ticket);
const otherCase = caseIdFor({ ...ticket, episode: 'two' });
const allDifferent = (keys: readonly string[]) => expect(new Set(keys).size).toBe(keys.length);

describe('the case id', () => {
  it('is the same for the same instance, ticket and risk episode', () => {
    expect(caseIdFor({ ...ticket })).toBe(caseId);
    expect(caseIdSchema.parse(caseId)).toBe(caseId);
  });

  it('is another for a new episode, another ticket, and a cloned instance', () => {
    allDifferent([
      caseId,
      otherCase,
      caseIdFor({ ...ticket, ticketSysId: 'b'.repeat(32) }),
      caseIdFor({ ...ticket, instance: 'clone' }),
    ]);
  });

  it('does not run its parts together', () => {
    const shifted = { instance: 'prodx', ticketSysId: '', episode: 'y' };
    allDifferent([caseIdFor(shifted), caseIdFor({ ...shifted, instance: 'prod', ticketSysId: 'x' })]);
  });

  it('says nothing about the ticket', () => {
    expect(caseIdFor({ ...ticket, ticketSysId: 'INC0012345' })).not.toContain('INC');
  });
});

describe('the action key', () => {
  it('is the same for the same case, step and plan, on every attempt of it', () => {
    expect(actionKey(caseId, subjectId, 'dismissRisk', releasePlan(), 9)).toBe(
      actionKey(caseId, subjectId, 'dismissRisk', releasePlan(), 9),
    );
    expect(
      digestSchema.safeParse(actionKey(caseId, subjectId, 'dismissRisk', releasePlan(), 9)).success,
    ).toBe(true);
  });

  it('is another for another case, step or plan, and for a plan that began again', () => {
    allDifferent([
      ...stepKinds.map((step) => actionKey(caseId, subjectId, step, containPlan(), 9)),
      ...stepKinds.map((step) => actionKey(otherCase, subjectId, step, containPlan(), 9)),
      ...stepKinds.map((step) => actionKey(caseId, subjectId, step, releasePlan(), 9)),
      actionKey(caseId, subjectId, 'revokeSessions', containPlan({ steps: ['revokeSessions'] }), 9),
      actionKey(caseId, subjectId, 'revokeSessions', containPlan(), 21),
    ]);
  });
});

describe('the digests that an approval binds to', () => {
  it('change with the evidence, the decision and the plan', () => {
    const seen = evidenceDigest(evidence());
    const made = decisionDigest(decision());
    allDifferent([
      proposalDigest(seen, made, releasePlan()),
      proposalDigest(evidenceDigest(evidence({ risk: unknown() })), made, releasePlan()),
      proposalDigest(seen, decisionDigest(decision({ pack: 'another' })), releasePlan()),
      proposalDigest(seen, made, releasePlan({ steps: ['dismissRisk'] })),
      proposalDigest(made, seen, releasePlan()),
    ]);
  });

  it('do not depend on the order in which properties were read', () => {
    const reordered = evidence({ ...Object.fromEntries(Object.entries(evidence()).reverse()) });
    expect(evidenceDigest(reordered)).toBe(evidenceDigest(evidence()));
  });

  it('name their purpose, so that two kinds over the same data are never equal', () => {
    const plan = releasePlan();
    allDifferent([
      planDigest(plan),
      actionKey(caseId, subjectId, 'dismissRisk', plan, 9),
      effectKey(caseId, 'dismissRisk', 1),
    ]);
  });
});

describe('the effect key', () => {
  it('is one per case, purpose and moment', () => {
    expect(effectKey(caseId, 'closing', 7)).toBe(effectKey(caseId, 'closing', 7));
    allDifferent([
      effectKey(caseId, 'closing', 7),
      effectKey(caseId, 'closing', 8),
      effectKey(caseId, 'review', 7),
      effectKey(otherCase, 'closing', 7),
    ]);
  });
});

describe('the job id', () => {
  it('is one per case, stage and moment, so that a second wake-up is a no-op', () => {
    expect(jobIdFor({ caseId, stage: 'context', seq: 1 })).toBe(`context-${caseId}-1`);
    allDifferent([
      ...stages.flatMap((stage) => [1, 2, 11].map((seq) => jobIdFor({ caseId, stage, seq }))),
      jobIdFor({ caseId: otherCase, stage: 'context', seq: 1 }),
    ]);
  });

  it.each(stages)('has for %s the form that BullMQ accepts', (stage) => {
    const id = jobIdFor({ caseId, stage, seq: 1 });
    expect(id).not.toContain(':');
    expect(String(Number.parseInt(id, 10))).not.toBe(id);
  });
});

describe('the client request id', () => {
  it('is a GUID that every reader accepts, in the custom version of RFC 9562', () => {
    for (let n = 0; n < 200; n += 1) {
      const id = clientRequestId(caseId, 'read', n);
      expect(z.guid().safeParse(id).success).toBe(true);
      expect(z.uuid({ version: 'v8' }).safeParse(id).success).toBe(true);
      expect(objectIdSchema.parse(id)).toBe(id);
    }
  });

  it('leads back to what was asked', () => {
    expect(clientRequestId(caseId, 'user', 1)).toBe(clientRequestId(caseId, 'user', 1));
    allDifferent([
      clientRequestId(caseId, 'user', 1),
      clientRequestId(caseId, 'user', '1'),
      clientRequestId(caseId, 'user', 2),
      clientRequestId(caseId, 'user1'),
      clientRequestId(otherCase, 'user', 1),
    ]);
  });
});

describe('the card id', () => {
  const proposal = proposalDigest(sampleDigest(1), sampleDigest(2), releasePlan());

  it('comes back as the case and the beginning of the proposal', () => {
    const parts = parseCardId(cardId(caseId, proposal));
    expect(parts?.caseId).toBe(caseId);
    expect(parts?.proposalPrefix).toHaveLength(24);
    expect(proposal.startsWith(parts?.proposalPrefix ?? 'x')).toBe(true);
  });

  it.each<[what: string, id: unknown]>([
    ['nothing', undefined],
    ['a number', 7],
    ['an object', { caseId }],
    ['a bare case id', caseId],
    ['a short prefix', `${caseId}.${proposal.slice(0, 23)}`],
    ['a whole digest', `${caseId}.${proposal}`],
    ['upper case', cardId(caseId, proposal).toUpperCase()],
    ['something before it', ` ${cardId(caseId, proposal)}`],
    ['a line break after it', `${cardId(caseId, proposal)}\n`],
  ])('refuses %s', (_what, id) => {
    expect(parseCardId(id)).toBeNull();
  });
});
