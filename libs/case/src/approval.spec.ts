import type { ApproverRole, Quorum, Vote } from '@sallyport/evidence';
import { callerId, known, sampleId, sampleInstant, subjectId, unknown } from '@sallyport/evidence/testing';
import fc from 'fast-check';
import { castVote, filledSlots, matchSlots, type Refusal, refusals, tally, type Voter } from './approval';
import type { Case, Proposal } from './case';
import { applyEvent } from './fold';
import { after, caseIn, collected, eventFor, evidence } from './testing/a-case';

const person = (id: string, roles: ApproverRole[], over: Partial<Voter> = {}): Voter => ({
  id,
  name: { untrusted: id },
  roles,
  accountEnabled: true,
  member: true,
  atRisk: false,
  ...over,
});

/** Everybody who appears in the table below. */
const people = {
  Ada: person(sampleId(11), ['secops']),
  Bo: person(sampleId(12), ['secops']),
  Cy: person(sampleId(13), ['identityOps']),
  Max: person(sampleId(14), ['manager']),
  /** Holds two roles: fills either slot, never both. */
  Duo: person(sampleId(15), ['manager', 'secops']),
  Lea: person(sampleId(16), ['securityLead']),
  Nobody: person(sampleId(17), []),
  Subject: person(subjectId, ['secops', 'manager']),
  SUBJECT: person(subjectId.toUpperCase(), ['secops']),
  Caller: person(callerId, ['secops', 'manager']),
  Disabled: person(sampleId(18), ['secops'], { accountEnabled: false }),
  Guest: person(sampleId(19), ['secops'], { member: false }),
  Risky: person(sampleId(20), ['secops'], { atRisk: true }),
} satisfies Record<string, Voter>;
type Name = keyof typeof people;

/** `manager:1 secops:2` */
function quorumOf(text: string): Quorum {
  return text.split(' ').map((slot) => {
    const [role, count] = slot.split(':');
    return { role: role as ApproverRole, count: Number(count) };
  });
}

/** A case whose sample user is `subjectId` and whose ticket was opened by `callerId`. */
function asked(quorum: Quorum): Case {
  return after(
    caseIn('asking'),
    (c) => eventFor(c, 'approval.requested', { quorum, expiresAt: sampleInstant(240) }),
    'notice.posted',
  );
}

type Choice = Vote['choice'];
const clickOf = (c: Case, choice: Choice, minute = 100) => ({
  choice,
  proposalPrefix: c.proposal!.digest.slice(0, 24),
  comment: null,
  activityId: `click-${c.seq}`,
  at: sampleInstant(minute),
});

/** Casts one click; an accepted vote must also be one that the fold accepts. */
function click(c: Case, voter: Voter, choice: Choice, minute?: number): { c: Case; answer: string } {
  const result = castVote(c, voter, clickOf(c, choice, minute));
  if (result.kind === 'accepted') return { c: applyEvent(c, result.event), answer: 'ok' };
  return { c, answer: result.kind === 'refused' ? result.refusal : 'repeated' };
}

/** Votes in order: `Ada+` approves, `Ada-` denies, `Ada+@250` clicks 250 minutes after the start. */
function play(quorum: string, clicks: string): { c: Case; answers: string } {
  let c = asked(quorumOf(quorum));
  const answers = clicks.split(' ').map((text) => {
    const [, name, sign, minute] = /^(\w+)([+-])(?:@(\d+))?$/.exec(text)!;
    const choice = sign === '+' ? 'approve' : 'deny';
    const next = click(c, people[name as Name], choice, minute === undefined ? undefined : Number(minute));
    c = next.c;
    return next.answer;
  });
  return { c, answers: answers.join(' ') };
}

/** quorum · clicks in order · answer to each · state afterwards · why */
const table: [quorum: string, clicks: string, answers: string, state: string, why: string][] = [
  ['secops:1', 'Ada+', 'ok', 'approved', 'one slot, one person'],
  ['secops:2', 'Ada+', 'ok', 'open', 'one person is not two'],
  ['secops:2', 'Ada+ Bo+', 'ok ok', 'approved', 'two people of one role'],
  ['secops:2', 'Ada+ Ada+', 'ok repeated', 'open', 'a second click changes nothing'],
  ['manager:1 secops:1', 'Max+', 'ok', 'open', 'the quorum is AND over roles'],
  ['manager:1 secops:1', 'Max+ Ada+', 'ok ok', 'approved', 'one of each role'],
  ['manager:1 secops:1', 'Ada+ Max+', 'ok ok', 'approved', 'the order does not matter'],
  ['manager:1 secops:1', 'Duo+', 'ok', 'open', 'one person fills one slot'],
  ['manager:1 secops:1', 'Duo+ Ada+', 'ok ok', 'approved', 'Duo moves over to the manager slot'],
  ['manager:1 secops:1', 'Duo+ Max+', 'ok ok', 'approved', 'Duo moves over to the secops slot'],
  ['manager:1 secops:1', 'Ada+ Bo+', 'ok slotsFull', 'open', 'secops has answered, the manager has not'],
  ['manager:1 secops:1 identityOps:1', 'Cy+ Duo+ Max+', 'ok ok ok', 'approved', 'three roles, three people'],
  ['secops:1', 'Ada-', 'ok', 'denied', 'a denial wins at once'],
  ['secops:2', 'Ada+ Bo-', 'ok ok', 'denied', 'a denial beats an approval'],
  ['secops:2', 'Ada+ Ada-', 'ok ok', 'denied', 'who approved may still say no'],
  ['secops:2', 'Ada- Ada+', 'ok decided', 'denied', 'who said no cannot take it back'],
  ['manager:1 secops:1', 'Ada+ Bo-', 'ok ok', 'denied', 'a full role may still deny'],
  ['secops:1', 'Ada+ Bo-', 'ok decided', 'approved', 'too late to deny: it is decided'],
  ['secops:1', 'Ada+ Ada+', 'ok repeated', 'approved', 'a second click after the decision'],
  ['secops:1', 'Subject+', 'subject', 'open', 'nobody approves their own release'],
  ['secops:1', 'Subject-', 'subject', 'open', 'nor denies it'],
  ['secops:1', 'SUBJECT+', 'subject', 'open', 'an id in capitals is the same person'],
  ['secops:1', 'Caller+', 'requester', 'open', 'who asked does not approve'],
  ['secops:1', 'Disabled+', 'accountDisabled', 'open', 'a disabled account has no voice'],
  ['secops:1', 'Guest+', 'guest', 'open', 'guests do not approve'],
  ['secops:1', 'Risky+', 'atRisk', 'open', 'a risky account may be in other hands'],
  ['secops:1', 'Nobody+', 'noRole', 'open', 'a role is needed'],
  ['secops:1', 'Cy+', 'noRole', 'open', 'a role that was not asked for is none'],
  ['secops:1', 'Cy-', 'noRole', 'open', 'and cannot deny either'],
  ['securityLead:1', 'Ada+ Lea+', 'noRole ok', 'approved', 'a refusal leaves the vote open'],
  ['secops:1', 'Ada+@240', 'expired', 'open', 'at the deadline it is too late'],
  ['secops:1', 'Ada+@239', 'ok', 'approved', 'a minute before it is not'],
  ['secops:2', 'Ada+ Ada+@300', 'ok repeated', 'open', 'a late second click is still the same answer'],
];

describe('who may vote, and what the votes add up to', () => {
  it.each(table)('%s · %s → %s, %s: %s', (quorum, clicks, answers, state) => {
    const played = play(quorum, clicks);
    expect(played.answers).toBe(answers);
    expect(tally(played.c.proposal!)).toBe(state);
    expect(played.c.phase).toBe(state === 'open' ? 'voting' : 'tallied');
  });

  it('remembers only the roles that were asked for', () => {
    const { c } = play('secops:2', 'Duo+');
    expect(c.proposal?.votes[0]?.roles).toEqual(['secops']);
  });

  it('asks for patience until every copy of the card is posted and written down', () => {
    const c = after(caseIn('asking'), 'approval.requested');
    expect(click(c, people.Ada, 'approve')).toMatchObject({ answer: 'notReady', c: { phase: 'posting' } });
  });
});

describe('clicks on a card that is not the present one', () => {
  const answerTo = (c: Case, proposalPrefix: string): Refusal | string => {
    const result = castVote(c, people.Ada, {
      ...clickOf(asked(quorumOf('secops:1')), 'approve'),
      proposalPrefix,
    });
    return result.kind === 'refused' ? result.refusal : result.kind;
  };
  const voting = asked(quorumOf('secops:1'));
  const prefix = voting.proposal!.digest.slice(0, 24);
  const released = after(voting, 'approval.voted', 'approval.decided');

  it.each([
    ['another proposal', voting, 'f'.repeat(24), 'staleProposal'],
    ['a proposal named too shortly to be sure', voting, prefix.slice(0, 8), 'staleProposal'],
    ['no proposal at all', voting, '', 'staleProposal'],
    ['a case that has not asked yet', caseIn('asking'), prefix, 'staleProposal'],
    ['a case that was handed to a person', after(voting, 'review.opened'), prefix, 'staleProposal'],
    ['an approved proposal', released, prefix, 'decided'],
    ['an expired proposal', after(voting, 'approval.decided'), prefix, 'expired'],
    [
      'an expired proposal that a person has now',
      after(voting, 'approval.decided', 'review.opened'),
      prefix,
      'expired',
    ],
    [
      'an approval that became void',
      after(released, (c) => eventFor(c, 'execution.completed', { result: 'void' })),
      prefix,
      'staleProposal',
    ],
  ])('%s', (_what, c, proposalPrefix, answer) => {
    expect(answerTo(c, proposalPrefix)).toBe(answer);
  });

  it('every refusal has a row in this file, and words of its own', () => {
    const inTable = table.flatMap(([, , answers]) => answers.split(' '));
    const met = new Set([...inTable, 'staleProposal', 'notReady']);
    expect(Object.keys(refusals).filter((refusal) => !met.has(refusal))).toEqual([]);
    expect(new Set(Object.values(refusals)).size).toBe(Object.keys(refusals).length);
  });

  it('an unread ticket names no requester, and no other rule gives way', () => {
    const c = after(
      caseIn('opened'),
      (before) => collected(before, evidence({ ticket: unknown() })),
      'policy.decided',
      'triage.written',
      'approval.requested',
      'notice.posted',
    );
    expect(click(c, people.Subject, 'approve').answer).toBe('subject');
    const anonymous = evidence();
    if (anonymous.ticket.state !== 'known') throw new Error('the sample ticket is known');
    const machine = evidence({ ticket: known({ ...anonymous.ticket.value, callerId: null }) });
    const raised = after(
      caseIn('opened'),
      (before) => collected(before, machine),
      'policy.decided',
      'triage.written',
      'approval.requested',
      'notice.posted',
    );
    expect(click(raised, people.Ada, 'approve').answer).toBe('ok');
  });
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

  it('a quorum of nobody is never met: silence does not approve', () => {
    fc.assert(
      fc.property(anyVotes, (votes) => {
        expect(tally({ quorum: [], votes })).not.toBe('approved');
      }),
    );
  });

  const excluded: Name[] = ['Subject', 'SUBJECT', 'Caller', 'Disabled', 'Guest', 'Risky', 'Nobody'];
  const anyClicks = fc.array(
    fc.record({
      name: fc.constantFrom(...(Object.keys(people) as Name[])),
      choice: fc.constantFrom<Choice>('approve', 'approve', 'deny'),
      minute: fc.integer({ min: 5, max: 260 }),
    }),
    { maxLength: 12 },
  );
  const playAll = (quorum: Quorum, clicks: readonly { name: Name; choice: Choice; minute: number }[]) =>
    clicks.reduce((c, { name, choice, minute }) => click(c, people[name], choice, minute).c, asked(quorum));

  it('whatever is clicked, excluded people never count and nobody counts twice', () => {
    const excludedIds = new Set(excluded.map((name) => people[name].id.toLowerCase()));
    fc.assert(
      fc.property(anyQuorum, anyClicks, (quorum, clicks) => {
        const { votes } = playAll(quorum, clicks).proposal as Proposal;
        expect(votes.filter((made) => excludedIds.has(made.voterId))).toEqual([]);
        expect(new Set(votes.map((made) => made.voterId)).size).toBe(votes.length);
      }),
    );
  });

  it('clicks of excluded people change nothing for the others', () => {
    fc.assert(
      fc.property(anyQuorum, anyClicks, (quorum, clicks) => {
        const others = clicks.filter(({ name }) => !excluded.includes(name));
        const votes = (c: Case) =>
          c.proposal!.votes.map(({ voterId, choice, roles: held }) => ({ voterId, choice, held }));
        expect(votes(playAll(quorum, clicks))).toEqual(votes(playAll(quorum, others)));
      }),
    );
  });

  it('clicking everything twice is the same as clicking it once', () => {
    fc.assert(
      fc.property(anyQuorum, anyClicks, (quorum, clicks) => {
        const twice = clicks.flatMap((one) => [one, one]);
        expect(playAll(quorum, twice).proposal).toEqual(playAll(quorum, clicks).proposal);
      }),
    );
  });
});
