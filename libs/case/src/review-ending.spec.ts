import type { EndingRefusal, StepStatement } from '@sallyport/evidence';
import { callerId, subjectId } from '@sallyport/evidence/testing';
import type { Unverified, Voter } from './approval';
import { type Case, maxRefusals } from './case';
import { applyEvent, foldCase } from './fold';
import { type Ending, endingRefusalEvent, endReview, openSteps } from './review-ending';
import { after, caseIn, eventFor, type Step } from './testing/a-case';
import { type ActorName, actors } from './voting.table';
import { idOf, voterOf } from './testing/voters';
import { sampleId } from '@sallyport/evidence/testing';

const allowed = ['secops', 'identityOps', 'securityLead'] as const;
const review: readonly Step[] = ['review.opened', 'notice.posted', 'ticket.updated'];
/** A release of which one step is in doubt and one was not attempted. */
const inDoubt = after(caseIn('executing'), 'action.started', ...review);
const ada: ActorName = 'Ada';

const endingOf = (c: Case, over: Partial<Ending> = {}): Ending => ({
  personId: idOf(ada),
  reviewSeq: c.review?.openedSeq ?? 0,
  resolution: 'close',
  note: { untrusted: 'Looked at it.' },
  steps: [],
  at: c.updatedAt,
  ...over,
});
const answerOf = (c: Case, over: Partial<Ending> = {}, person: Voter | Unverified = voterOf(ada)): string => {
  const result = endReview(c, endingOf(c, over), person, allowed);
  return result.kind === 'accepted' ? 'ok' : result.kind === 'refused' ? result.refusal : result.kind;
};
const say = (done: boolean, ...steps: StepStatement['step'][]): StepStatement[] =>
  steps.map((step) => ({ slot: 'proposed', step, done }));

describe('who may end a review', () => {
  const c = after(caseIn('collected'), ...review);
  it.each(Object.keys(actors) as ActorName[])('%s', (name) => {
    const actor: { roles: string; is?: string; but?: string } = actors[name];
    const answer = answerOf(c, { personId: idOf(name) }, voterOf(name));
    const inRole = allowed.some((role) => actor.roles.split(' ').includes(role));
    const mayNot = actor.but !== undefined || actor.is === 'the subject' || actor.is === 'the caller';
    if (mayNot || !inRole) expect(answer).not.toBe('ok');
    else if (actor.is === undefined) expect(answer).toBe('ok');
  });

  it.each<[refusal: EndingRefusal, personId: string]>([
    ['subject', subjectId],
    ['subject', subjectId.toUpperCase()],
    ['requester', callerId],
  ])('%s, whatever role they hold', (refusal, personId) => {
    const person = voterOf(ada);
    expect(answerOf(c, { personId }, person && { ...person, id: personId })).toBe(refusal);
  });

  it('nobody of whom the directory says nothing, or something about somebody else', () => {
    expect(answerOf(c, {}, null)).toBe('unverified');
    expect(answerOf(c, { personId: sampleId(77) })).toBe('unverified');
  });

  it('nobody whom the directory does not know, which they are told', () => {
    expect(answerOf(c, {}, 'unknownPerson')).toBe('unknownPerson');
    expect(answerOf(c, { personId: subjectId }, 'unknownPerson')).toBe('subject');
  });
});

describe('how a review may be ended', () => {
  const both = [...say(true, 'dismissRisk'), ...say(false, 'enableAccount')];
  it.each<[what: string, answer: string, over: Partial<Ending>]>([
    ['closed', 'ok', {}],
    ['closed without a word', 'noteMissing', { note: { untrusted: ' \n' } }],
    ['closed with a word about steps', 'otherSteps', { steps: both }],
    ['done by hand, all steps answered for', 'ok', { resolution: 'doneByHand', steps: both }],
    ['done by hand, one step left out', 'stepsOpen', { resolution: 'doneByHand', steps: both.slice(1) }],
    ['done by hand, a step twice', 'otherSteps', { resolution: 'doneByHand', steps: [...both, ...both] }],
    [
      'done by hand, a step too many',
      'otherSteps',
      { resolution: 'doneByHand', steps: [...both, ...say(true, 'revokeSessions')] },
    ],
    ['tried again', 'ok', { resolution: 'retry' }],
    [
      'tried again, the doubt seen not to have happened',
      'ok',
      { resolution: 'retry', steps: say(false, 'dismissRisk') },
    ],
    [
      'tried again, the doubt said to be done',
      'otherSteps',
      { resolution: 'retry', steps: say(true, 'dismissRisk') },
    ],
    [
      'tried again, what is not in doubt freed',
      'otherSteps',
      { resolution: 'retry', steps: say(false, 'enableAccount') },
    ],
    ['another review, by a page of before', 'otherReview', { reviewSeq: 3 }],
  ])('%s: %s', (_, answer, over) => {
    expect(answerOf(inDoubt, over)).toBe(answer);
  });

  it.each(['close', 'doneByHand'] as const)(
    'by nobody as %s before it is known whom it is about',
    (resolution) => {
      const c = caseIn('inReview');
      expect(c.evidence).toBeNull();
      expect(answerOf(c, { resolution })).toBe('nothingRead');
      expect(answerOf(c, { resolution, personId: subjectId }, voterOf(ada))).toBe('nothingRead');
      expect(() => after(c, (now) => eventFor(now, 'review.resolved', { resolution }))).toThrow(
        'nothingRead',
      );
      expect(answerOf(c, { resolution: 'retry' })).toBe('ok');
      expect(answerOf(c, { resolution: 'retry', personId: idOf('Max') }, voterOf('Max'))).not.toBe('ok');
    },
  );

  it('by anybody who may where another case takes care of the user', () => {
    expect(answerOf(after(caseIn('linked'), ...review))).toBe('ok');
  });

  it('not before Teams and the ticket know of it, and not after', () => {
    expect(answerOf(caseIn('reviewPosted'))).toBe('notReady');
    expect(answerOf(caseIn('executing'))).toBe('ended');
    const over = after(inDoubt, 'review.resolved');
    expect(answerOf(over, { personId: sampleId(11) })).toBe('ended');
    expect(answerOf(over, { personId: over.review?.ended?.personId ?? '', resolution: 'retry' })).toBe(
      'repeated',
    );
    expect(answerOf(over, { personId: over.review?.ended?.personId ?? '' })).toBe('ended');
  });

  it('the fold accepts what the rules accept', () => {
    const result = endReview(
      inDoubt,
      endingOf(inDoubt, { resolution: 'doneByHand', steps: both }),
      voterOf(ada),
      allowed,
    );
    if (result.kind !== 'accepted') throw new Error(result.kind);
    const c = applyEvent(inDoubt, result.event);
    expect(c).toMatchObject({ phase: 'reviewEnded', review: { ended: { roles: ['secops'], steps: both } } });
    expect(after(c, 'notice.posted', 'ticket.updated', 'case.closed').outcome).toBe('resolvedByHand');
    const closed = after(inDoubt, (now) => eventFor(now, 'review.resolved', { resolution: 'close' }));
    expect(after(closed, 'notice.posted', 'ticket.updated', 'case.closed').outcome).toBe('closedByHand');
  });
});

it('answers are asked for every step that is not proven, those by hand included', () => {
  expect(openSteps(inDoubt).map(({ slot, step }) => `${slot} ${step}`)).toEqual([
    'proposed dismissRisk',
    'proposed enableAccount',
  ]);
  expect(openSteps(after(caseIn('stuck'), ...review))).toEqual([]);
});

describe('a refused ending', () => {
  const event = (c: Case, refusal: EndingRefusal, personId = sampleId(13)) =>
    endingRefusalEvent(c, endingOf(c, { personId }), refusal);

  it('is written down once per person and reason, where it says something about the person', () => {
    const first = event(inDoubt, 'subject');
    if (!first) throw new Error('it is not written down');
    expect(
      event(
        after(inDoubt, () => first),
        'subject',
      ),
    ).toBeNull();
    expect(event(inDoubt, 'unknownPerson')).not.toBeNull();
    for (const refusal of ['ended', 'stepsOpen', 'noteMissing', 'unverified', 'subjectBusy'] as const)
      expect(event(inDoubt, refusal)).toBeNull();
  });

  it(`is not written down after ${maxRefusals}, or once the review has ended`, () => {
    let c = inDoubt;
    for (let n = 0; n < maxRefusals; n += 1) {
      const refused = event(c, 'noRole', sampleId(200 + n));
      c = after(c, () => refused ?? foldCase([]).opened);
    }
    expect(event(c, 'subject')).toBeNull();
    expect(event(after(inDoubt, 'review.resolved'), 'subject')).toBeNull();
  });
});
