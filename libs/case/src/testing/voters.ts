/** For specs: people who click, and cases that ask them. */
import type { ApproverRole, Quorum, Vote } from '@sallyport/evidence';
import {
  callerId,
  known,
  managerId,
  openerId,
  sampleId,
  sampleInstant,
  subjectId,
} from '@sallyport/evidence/testing';
import { castVote, type Click, type Unverified, type Voter } from '../approval';
import type { Case } from '../case';
import { applyEvent } from '../fold';
import { actors, type Actor, type ActorName } from '../voting.table';
import { after, caseIn, collected, eventFor, evidence } from './a-case';

export type Choice = Vote['choice'];

export const actorNames = Object.keys(actors) as ActorName[];

/** Directory id of an actor. */
export function idOf(name: ActorName): string {
  if (name === 'SUBJECT') return subjectId.toUpperCase();
  if (name === 'MAX') return managerId.toUpperCase();
  const { is }: Actor = actors[name];
  if (is === 'the subject') return subjectId;
  if (is === 'the caller') return callerId;
  if (is === 'the opener') return openerId;
  if (is === 'the manager') return managerId;
  return sampleId(400 + actorNames.indexOf(name));
}

/** What the directory says of an actor, or null where it says nothing. */
export function voterOf(name: ActorName): Voter | null {
  const { roles, but }: Actor = actors[name];
  if (but === 'unreadable' || but === 'not in the directory') return null;
  return {
    id: idOf(name),
    name: { untrusted: name },
    roles: roles.split(' ').filter((role) => role !== '') as ApproverRole[],
    accountEnabled: but !== 'disabled',
    member: but !== 'a guest',
    atRisk: but === 'at risk',
    reportsToSubject: but === 'reports to the subject',
  };
}

/** The same, and where it says that there is no such account. */
export function heardOf(name: ActorName): Voter | Unverified {
  const { but }: Actor = actors[name];
  return but === 'not in the directory' ? 'unknownPerson' : voterOf(name);
}

/** Whether the actor may vote on anything: nobody else can ever stand in a quorum. */
export function mayVote(name: ActorName): boolean {
  const { is, but, roles }: Actor = actors[name];
  return (is === undefined || is === 'the manager') && but === undefined && roles !== '';
}

/** `manager:1 secops:2` */
export function quorumOf(text: string): Quorum {
  return text.split(' ').map((slot) => {
    const [role, count] = slot.split(':');
    return { role: role as ApproverRole, count: Number(count) };
  });
}

/** The time to answer ends so many minutes after the start. */
export const minutesToAnswer = 240;

/** A case that has asked, and whose card is not posted yet. The sample ticket has a caller and an opener. */
export function asked(quorum: Quorum): Case {
  const found = evidence();
  if (found.ticket.state !== 'known') throw new Error('the sample ticket is known');
  const ticket = known({ ...found.ticket.value, openedById: openerId });
  return after(
    caseIn('opened'),
    (c) => collected(c, evidence({ ticket })),
    'policy.decided',
    'triage.written',
    (c) => eventFor(c, 'approval.requested', { quorum, expiresAt: sampleInstant(minutesToAnswer) }),
  );
}

export const open = (quorum: Quorum): Case => after(asked(quorum), 'notice.posted');

export function clickOf(c: Case, voterId: string, choice: Choice, over: Partial<Click> = {}): Click {
  return {
    voterId,
    choice,
    proposalPrefix: c.proposal?.digest.slice(0, 24) ?? '',
    comment: null,
    channel: 'teams',
    activityId: `click-${c.seq}`,
    at: sampleInstant(100),
    ...over,
  };
}

/** One click; an accepted vote must also be one that the fold accepts. */
export function cast(c: Case, click: Click, voter: Voter | Unverified): { c: Case; answer: string } {
  const result = castVote(c, click, voter);
  if (result.kind === 'accepted') return { c: applyEvent(c, result.event), answer: 'ok' };
  return { c, answer: result.kind === 'refused' ? result.refusal : 'repeated' };
}
