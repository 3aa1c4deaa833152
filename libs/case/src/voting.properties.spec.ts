import { type ApproverRole, approverRoles, type Quorum } from '@sallyport/evidence';
import { managerId, sampleId, sampleInstant } from '@sallyport/evidence/testing';
import fc from 'fast-check';
import { canApprove, tally, type Unverified, type Voter } from './approval';
import type { Case } from './case';
import { applyEvent, IllegalEvent } from './fold';
import { eventFor } from './testing/a-case';
import {
  actorNames,
  cast,
  type Choice,
  clickOf,
  heardOf,
  idOf,
  mayVote,
  open,
  voterOf,
} from './testing/voters';

interface AnyClick {
  voterId: string;
  voter: Voter | Unverified;
  choice: Choice;
  minute: number;
  old: boolean;
}

const anyQuorum: fc.Arbitrary<Quorum> = fc.uniqueArray(
  fc.record({ role: fc.constantFrom(...approverRoles), count: fc.integer({ min: 1, max: 3 }) }),
  { selector: (slot) => slot.role, minLength: 1, maxLength: 4 },
);
/** Nobody has two managers. */
const oneManager = (quorum: Quorum): boolean =>
  quorum.every(({ role, count }) => role !== 'manager' || count === 1);
const slotsOf = (quorum: Quorum): number => quorum.reduce((sum, slot) => sum + slot.count, 0);

/** Twelve people of whom nothing stands in the way, with any roles; the first is the manager whom the evidence names. */
const idAt = (at: number): string => (at === 0 ? managerId : sampleId(600 + at));
const people: fc.Arbitrary<Voter[]> = fc
  .array(fc.uniqueArray(fc.constantFrom<ApproverRole>(...approverRoles)), { minLength: 1, maxLength: 12 })
  .map((rolesOfEach) =>
    rolesOfEach.map((roles, at) => ({
      id: idAt(at),
      name: { untrusted: `Person ${at}` },
      roles,
      accountEnabled: true,
      member: true,
      atRisk: false,
      reportsToSubject: false,
    })),
  );

const circumstances = {
  choice: fc.constantFrom<Choice>('approve', 'approve', 'approve', 'deny'),
  minute: fc.integer({ min: 5, max: 260 }),
  old: fc.boolean(),
};
/** Clicks of everybody in the actor table, of which most may not vote at all. */
const clicksOf = (names: typeof actorNames): fc.Arbitrary<AnyClick[]> =>
  fc.array(
    fc
      .record({ name: fc.constantFrom(...names), ...circumstances })
      .map(({ name, ...how }) => ({ ...how, voterId: idOf(name), voter: heardOf(name) })),
    { maxLength: 20 },
  );

function playAll(start: Case, clicks: readonly AnyClick[]): Case {
  return clicks.reduce((c, { voterId, voter, choice, minute, old }) => {
    const over = { at: sampleInstant(minute), ...(old && { proposalPrefix: 'e'.repeat(24) }) };
    return cast(c, clickOf(c, voterId, choice, over), voter).c;
  }, start);
}
const outcome = (c: Case) => tally(c.proposal!);
const approvals = (voters: readonly Voter[]): AnyClick[] =>
  voters.map((voter) => ({ voter, voterId: voter.id, choice: 'approve', minute: 100, old: false }));

it('nothing that excluded people click ever approves or denies anything', () => {
  const excluded = actorNames.filter((name) => !mayVote(name));
  fc.assert(
    fc.property(anyQuorum, clicksOf(excluded), (quorum, clicks) => {
      const c = open(quorum);
      expect(playAll(c, clicks)).toBe(c);
    }),
  );
});

it('whatever is clicked, excluded people are in no vote, nobody is in two, and each approval was entitled', () => {
  const entitled = new Set(actorNames.filter(mayVote).map(idOf));
  fc.assert(
    fc.property(anyQuorum, clicksOf(actorNames), (quorum, clicks) => {
      const c = playAll(open(quorum), clicks);
      const { votes } = c.proposal!;
      expect(votes.filter(({ voterId }) => !entitled.has(voterId))).toEqual([]);
      expect(new Set(votes.map(({ voterId }) => voterId)).size).toBe(votes.length);
      const approving = votes.filter(({ choice }) => choice === 'approve').length;
      if (outcome(c) === 'approved') expect(approving).toBeGreaterThanOrEqual(slotsOf(quorum));
    }),
  );
});

it('clicks of excluded people change nothing for the others', () => {
  const entitled = new Set(actorNames.filter(mayVote).map(idOf));
  fc.assert(
    fc.property(anyQuorum, clicksOf(actorNames), (quorum, clicks) => {
      const others = clicks.filter(({ voterId }) => entitled.has(voterId));
      expect(playAll(open(quorum), clicks)).toEqual(playAll(open(quorum), others));
    }),
  );
});

it('fewer distinct people than slots never approve, however often and in whatever order they click', () => {
  const sequences = fc
    .tuple(anyQuorum, people)
    .map(([quorum, voters]) => ({ quorum, voters: voters.slice(0, slotsOf(quorum) - 1) }))
    .filter(({ voters }) => voters.length > 0)
    .chain(({ quorum, voters }) => {
      const click = fc
        .constantFrom(...voters)
        .map((voter): AnyClick => ({ voter, voterId: voter.id, choice: 'approve', minute: 100, old: false }));
      return fc.tuple(fc.constant(quorum), fc.array(click, { maxLength: 30 }));
    });
  fc.assert(
    fc.property(sequences, ([quorum, clicks]) => {
      expect(outcome(playAll(open(quorum), clicks))).toBe('open');
    }),
  );
});

it('any permutation of the same approvals gives the same result', () => {
  const permuted = people.chain((voters) =>
    fc.tuple(fc.constant(voters), fc.shuffledSubarray(voters, { minLength: voters.length })),
  );
  fc.assert(
    fc.property(anyQuorum, permuted, (quorum, [voters, shuffled]) => {
      const one = outcome(playAll(open(quorum), approvals(voters)));
      expect(outcome(playAll(open(quorum), approvals(shuffled)))).toBe(one);
    }),
  );
});

it('any permutation with one denial before the quorum is complete is denied', () => {
  const sequences = fc
    .tuple(anyQuorum, people)
    .map(([quorum, voters]) => ({ quorum, voters: voters.slice(0, slotsOf(quorum)) }))
    .filter(({ voters }) => voters.length > 0)
    .chain(({ quorum, voters: [denier, ...others] }) => {
      const deny = approvals([denier!]).map((click) => ({ ...click, choice: 'deny' as const }));
      const clicks = [...deny, ...approvals(others)];
      const shuffled = fc.shuffledSubarray(clicks, { minLength: clicks.length });
      return fc.tuple(fc.constant(quorum), fc.constant(denier!), shuffled);
    });
  fc.assert(
    fc.property(sequences, ([quorum, denier, clicks]) => {
      const asked = quorum.some(({ role }) => denier.roles.includes(role));
      // Fewer approve than there are slots, so that the denial always comes before the quorum is complete.
      expect(outcome(playAll(open(quorum), clicks))).toBe(asked ? 'denied' : 'open');
    }),
  );
});

it('enough entitled people always can approve: strictness never makes a quorum unreachable', () => {
  fc.assert(
    fc.property(anyQuorum.filter(canApprove).filter(oneManager), (quorum) => {
      const slots = quorum.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
      const voters = slots.map((role, at): Voter => ({
        ...voterOf('Ada')!,
        id: role === 'manager' ? managerId : sampleId(600 + at),
        roles: [role],
      }));
      expect(outcome(playAll(open(quorum), approvals(voters)))).toBe('approved');
    }),
  );
});

it('replaying any click changes nothing, at once or after everything', () => {
  fc.assert(
    fc.property(anyQuorum, clicksOf(actorNames), (quorum, clicks) => {
      const start = open(quorum);
      const once = playAll(start, clicks);
      const twice = clicks.flatMap((one) => [one, one]);
      expect(playAll(start, twice)).toEqual(once);
      const accepted = clicks.filter((one, at) => {
        const before = playAll(start, clicks.slice(0, at));
        return playAll(before, [one]) !== before;
      });
      expect(playAll(once, accepted)).toBe(once);
    }),
  );
});

it('replaying an event of a vote is refused by the log itself', () => {
  const c = open([{ role: 'secops', count: 2 }]);
  const event = eventFor(c, 'approval.voted');
  const voted = applyEvent(c, event);
  expect(() => applyEvent(voted, event)).toThrow(IllegalEvent);
});
