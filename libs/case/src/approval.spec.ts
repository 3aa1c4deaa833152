import { type ApproverRole, type Evidence, type Manager, type Quorum, type Vote } from '@sallyport/evidence';
import { callerId, known, managerId, sampleId, subjectId, unknown } from '@sallyport/evidence/testing';
import fc from 'fast-check';
import {
  canApprove,
  castVote,
  filledSlots,
  matchSlots,
  quorumObstacle,
  refusalEvent,
  tally,
} from './approval';
import { maxRefusals, type Case } from './case';
import { applyEvent, IllegalEvent } from './fold';
import { after, caseIn, collected, eventFor, evidence, vote } from './testing/a-case';
import { cast, type Choice, clickOf, idOf, open, quorumOf, voterOf } from './testing/voters';

const secops = quorumOf('secops:1');
const ada = (c: Case, proposalPrefix: string) => {
  const result = castVote(c, clickOf(c, idOf('Ada'), 'approve', { proposalPrefix }), voterOf('Ada'));
  return result.kind === 'refused' ? result.refusal : result.kind;
};

describe('clicks on a card that is not the present one', () => {
  const voting = open(secops);
  const prefix = voting.proposal!.digest.slice(0, 24);
  const voteOfAda = { vote: { ...vote(), voterId: idOf('Ada') } };
  const released = after(voting, (c) => eventFor(c, 'approval.voted', voteOfAda), 'approval.decided');

  it.each([
    ['another proposal', voting, 'f'.repeat(24), 'staleProposal'],
    ['a proposal named too shortly to be sure', voting, prefix.slice(0, 8), 'staleProposal'],
    ['no proposal at all', voting, '', 'staleProposal'],
    ['a case that has not asked yet', caseIn('asking'), prefix, 'staleProposal'],
    ['a case that was handed to a person', after(voting, 'review.opened'), prefix, 'staleProposal'],
    ['an approved proposal, by who approved it', released, prefix, 'repeated'],
    ['an expired proposal', after(voting, 'approval.decided'), prefix, 'expired'],
    [
      'an expired one that a person has now',
      after(voting, 'approval.decided', 'review.opened'),
      prefix,
      'expired',
    ],
  ])('%s', (_what, c, proposalPrefix, answer) => {
    expect(ada(c, proposalPrefix)).toBe(answer);
  });
});

describe('a vote', () => {
  it('remembers only the roles that were asked for', () => {
    const c = open(quorumOf('secops:2'));
    expect(cast(c, clickOf(c, idOf('Duo'), 'approve'), voterOf('Duo')).c.proposal?.votes[0]?.roles).toEqual([
      'secops',
    ]);
  });

  it('is not taken for one person on the word of the directory about another', () => {
    const c = open(secops);
    expect(cast(c, clickOf(c, idOf('Nobody'), 'approve'), voterOf('Ada')).answer).toBe('unverified');
  });

  it('of the subject is refused also where the ticket could not be read', () => {
    const c = after(
      caseIn('opened'),
      (before) => collected(before, evidence({ ticket: unknown() })),
      'policy.decided',
      'triage.written',
      'approval.requested',
      'notice.posted',
    );
    expect(cast(c, clickOf(c, subjectId, 'approve'), voterOf('Subject')).answer).toBe('subject');
  });

  it('is taken where a machine raised the ticket and nobody asked', () => {
    const sample = evidence().ticket;
    if (sample.state !== 'known') throw new Error('the sample ticket is known');
    const c = after(
      caseIn('opened'),
      (before) => collected(before, evidence({ ticket: known({ ...sample.value, callerId: null }) })),
      'policy.decided',
      'triage.written',
      'approval.requested',
      'notice.posted',
    );
    expect(cast(c, clickOf(c, callerId, 'approve'), { ...voterOf('Ada')!, id: callerId }).answer).toBe('ok');
  });
});

describe('a quorum that cannot be met', () => {
  const withManager = (over: Partial<Evidence>) =>
    after(caseIn('opened'), (c) => collected(c, evidence(over)), 'policy.decided', 'triage.written');
  const manager = (over: Partial<NonNullable<Manager>>) => ({
    manager: known({ id: managerId, displayName: { untrusted: 'Max' }, accountEnabled: true, ...over }),
  });

  it.each<[string, Partial<Evidence>, string, RegExp | null]>([
    ['the usual one', {}, 'manager:1 secops:1', null],
    ['one without managers', { manager: known(null) }, 'secops:1', null],
    ['managers alone', {}, 'manager:1', /nobody but the manager/],
    ['no manager', { manager: known(null) }, 'manager:1 secops:1', /names none/],
    ['a manager who could not be read', { manager: unknown() }, 'manager:1 secops:1', /names none/],
    ['who manages themselves', manager({ id: subjectId }), 'manager:1 secops:1', /as their own/],
    ['a manager who asked', manager({ id: callerId }), 'manager:1 secops:1', /who asked for this/],
    ['a disabled manager', manager({ accountEnabled: false }), 'manager:1 secops:1', /disabled/],
    ['a manager of whom that is not known', manager({ accountEnabled: null }), 'manager:1 secops:1', null],
  ])('%s', (_, over, quorum, words) => {
    const obstacle = quorumObstacle(withManager(over), quorumOf(quorum));
    if (words) expect(obstacle).toMatch(words);
    else expect(obstacle).toBeNull();
  });
});

describe('what a refused click leaves behind', () => {
  const refused = (c: Case, voterId: string) => refusalEvent(c, clickOf(c, voterId, 'approve'), 'noRole');

  it('is written down once per person and reason', () => {
    const c = open(secops);
    const event = refused(c, idOf('Nobody').toUpperCase());
    expect(event).toMatchObject({ voterId: idOf('Nobody'), refusal: 'noRole', choice: 'approve' });
    const kept = applyEvent(c, event!);
    expect(kept).toMatchObject({ phase: 'voting', proposal: { votes: [] } });
    expect(refused(kept, idOf('Nobody'))).toBeNull();
    expect(() => applyEvent(kept, event!)).toThrow(IllegalEvent);
    expect(refusalEvent(kept, clickOf(kept, idOf('Nobody'), 'deny'), 'unverified')).not.toBeNull();
  });

  it('has a bound per question', () => {
    let c = open(secops);
    for (let person = 0; person < maxRefusals; person++)
      c = applyEvent(c, refused(c, sampleId(500 + person))!);
    expect(refused(c, sampleId(499))).toBeNull();
    const oneMore = eventFor(c, 'vote.refused', { voterId: sampleId(499), refusal: 'noRole' });
    expect(() => applyEvent(c, oneMore)).toThrow(IllegalEvent);
  });

  it.each(['subject', 'requester', 'atRisk'] as const)('is never left out for its bound: %s', (refusal) => {
    let c = open(secops);
    for (let person = 0; person < maxRefusals; person++)
      c = applyEvent(c, refused(c, sampleId(500 + person))!);
    const click = clickOf(c, sampleId(499), 'approve');
    const kept = applyEvent(c, refusalEvent(c, click, refusal)!);
    expect(kept.proposal?.refused).toHaveLength(maxRefusals + 1);
    expect(refusalEvent(kept, click, refusal)).toBeNull();
  });

  it.each(['posting', 'tallied', 'executing', 'stuck', 'reviewOpened', 'closed'] as const)(
    'is nothing in phase %s: a click must not come between those who act',
    (phase) => {
      expect(refused(caseIn(phase), idOf('Nobody'))).toBeNull();
    },
  );
});

const roles: ApproverRole[] = ['secops', 'identityOps', 'manager', 'securityLead'];
const anyRoles = fc.uniqueArray(fc.constantFrom(...roles));
const anyQuorum: fc.Arbitrary<Quorum> = fc.uniqueArray(
  fc.record({ role: fc.constantFrom(...roles), count: fc.integer({ min: 1, max: 3 }) }),
  { selector: (slot) => slot.role, minLength: 1, maxLength: 4 },
);
const anyVotes: fc.Arbitrary<Vote[]> = fc
  .array(
    fc.record({ roles: anyRoles, choice: fc.constantFrom<Choice>('approve', 'approve', 'approve', 'deny') }),
    {
      maxLength: 10,
    },
  )
  .map((votes) =>
    votes.map((made, n) => ({
      ...made,
      voterId: sampleId(n + 100),
      voterName: { untrusted: `Person ${n}` },
      comment: null,
    })),
  );
const slotsOf = (quorum: Quorum): number => quorum.reduce((sum, slot) => sum + slot.count, 0);

/** The most slots that can be filled, by trying every way: slow and plainly right. */
function mostByTrying(slots: readonly ApproverRole[], votes: readonly Vote[]): number {
  const [voter, ...others] = votes;
  if (!voter) return 0;
  const without = mostByTrying(slots, others);
  const placed = slots.flatMap((role, at) =>
    voter.roles.includes(role) && slots.indexOf(role) === at
      ? [1 + mostByTrying(slots.toSpliced(at, 1), others)]
      : [],
  );
  return Math.max(without, ...placed);
}

describe('for all quorums and votes', () => {
  it('the order of the votes changes nothing', () => {
    const permuted = anyVotes.chain((votes) =>
      fc.tuple(fc.constant(votes), fc.shuffledSubarray(votes, { minLength: votes.length })),
    );
    fc.assert(
      fc.property(anyQuorum, permuted, (quorum, [votes, others]) => {
        expect(tally({ quorum, votes: others })).toBe(tally({ quorum, votes }));
        expect(filledSlots(quorum, others)).toBe(filledSlots(quorum, votes));
      }),
    );
  });

  it('as many slots are filled as can be, no more and no fewer', () => {
    const few = anyVotes.map((votes) => votes.slice(0, 5));
    fc.assert(
      fc.property(anyQuorum, few, (quorum, votes) => {
        const slots = quorum.flatMap((slot) => Array.from({ length: slot.count }, () => slot.role));
        const approving = votes.filter((made) => made.choice === 'approve');
        expect(filledSlots(quorum, votes)).toBe(mostByTrying(slots, approving));
      }),
    );
  });

  it('fewer people than slots never approve', () => {
    fc.assert(
      fc.property(anyQuorum, anyVotes, (quorum, votes) => {
        expect(tally({ quorum, votes: votes.slice(0, slotsOf(quorum) - 1) })).not.toBe('approved');
      }),
    );
  });

  it('each slot is filled by another person, who holds its role and approved', () => {
    fc.assert(
      fc.property(anyQuorum, anyVotes, (quorum, votes) => {
        const slots = quorum.flatMap((slot) => Array.from({ length: slot.count }, () => slot.role));
        const holders = matchSlots(quorum, votes);
        const filled = holders.filter((holder) => holder !== null);
        expect(new Set(filled.map((holder) => holder.voterId)).size).toBe(filled.length);
        for (const [at, holder] of holders.entries()) {
          if (holder) expect(holder).toMatchObject({ choice: 'approve' });
          if (holder) expect(holder.roles).toContain(slots[at]);
        }
      }),
    );
  });

  it('a denial is never outvoted', () => {
    fc.assert(
      fc.property(anyQuorum, anyVotes, (quorum, votes) => {
        fc.pre(votes.some((made) => made.choice === 'deny'));
        expect(tally({ quorum, votes })).toBe('denied');
      }),
    );
  });

  it('managers alone never approve', () => {
    const ofManagers = fc.integer({ min: 1, max: 5 }).map((count): Quorum => [{ role: 'manager', count }]);
    fc.assert(
      fc.property(ofManagers, anyVotes, (quorum, votes) => {
        expect(canApprove(quorum)).toBe(false);
        expect(tally({ quorum, votes })).not.toBe('approved');
      }),
    );
  });

  it('a quorum of nobody is never met: silence does not approve', () => {
    fc.assert(
      fc.property(anyVotes, (votes) => {
        expect(tally({ quorum: [], votes })).not.toBe('approved');
      }),
    );
  });
});
