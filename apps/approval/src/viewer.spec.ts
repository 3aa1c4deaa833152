import { after, caseIn, eventFor, vote } from '@sallyport/case/testing';
import { type Case, refusals } from '@sallyport/case';
import type { Refusal } from '@sallyport/evidence';
import { callerId, sampleId, sampleInstant, subjectId } from '@sallyport/evidence/testing';
import { viewerOf } from './viewer';

const ada = sampleId(10);
const at = sampleInstant(30);
const refused = (refusal: Refusal): Case =>
  after(caseIn('voting'), (c) => eventFor(c, 'vote.refused', { voterId: ada, refusal }));

it.each<[string, string, Refusal]>([
  ['whom the case is about', subjectId, 'subject'],
  ['who asked for it', callerId, 'requester'],
])('tells %s that they cannot vote, before anybody clicks', (_, person, refusal) => {
  expect(viewerOf(caseIn('voting'), person, at)).toEqual({ kind: 'mayNotVote', reason: refusals[refusal] });
});

it('remembers a refusal that lasts', () => {
  const c = refused('reportsToSubject');
  expect(viewerOf(c, ada, at)).toEqual({ kind: 'mayNotVote', reason: refusals.reportsToSubject });
  expect(viewerOf(c, sampleId(11), at)).toBeNull();
});

it.each<Refusal>(['noRole', 'guest', 'accountDisabled', 'unknownPerson'])(
  'remembers one that may pass, until the person asks to look again: %s',
  (refusal) => {
    expect(viewerOf(refused(refusal), ada, at)).toEqual({
      kind: 'mayNotVote',
      reason: `${refusals[refusal]} If this has changed, press Refresh.`,
      mayPass: true,
    });
    expect(viewerOf(refused(refusal), ada, at, true)).toBeNull();
  },
);

it('a lasting one stays, however often they look', () => {
  expect(viewerOf(refused('reportsToSubject'), ada, at, true)).toMatchObject({ kind: 'mayNotVote' });
});

it.each<Refusal>(['unverified', 'slotsFull', 'atRisk', 'tooManyClicks'])(
  'forgets one that is over soon: %s',
  (refusal) => {
    expect(viewerOf(refused(refusal), ada, at)).toBeNull();
  },
);

it('knows who has voted, and how', () => {
  const c = after(caseIn('voting'), (before) =>
    eventFor(before, 'approval.voted', { vote: vote({ voterId: ada, choice: 'deny' }) }),
  );
  expect(viewerOf(c, ada, at)).toEqual({ kind: 'voted', choice: 'deny' });
});

it('says nothing of strangers, nor where nothing is asked', () => {
  expect(viewerOf(caseIn('voting'), ada, at)).toBeNull();
  expect(viewerOf(caseIn('collected'), subjectId, at)).toBeNull();
});
