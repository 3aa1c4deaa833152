import { type Change, type Evidence } from '@sallyport/evidence';
import { type Episode } from './episode';
import { type Answer, type Facts } from './fact-docs';
import { answerOf, existence, isSettled, knownValue, mayBe, msOf, reachesBack } from './reading';
import { dayMs, managerChangeDays } from './windows';

type PeopleFacts = Pick<
  Facts,
  'managerKnown' | 'managerChangedRecently' | 'requesterRelation' | 'requesterVerified'
>;

/** Who asks, and who could confirm. */
export function peopleFacts(evidence: Evidence, episode: Episode | undefined, nowMs: number): PeopleFacts {
  return {
    managerKnown: managerKnown(evidence),
    managerChangedRecently: managerChangedRecently(evidence, episode, nowMs),
    requesterRelation: requesterRelation(evidence),
    requesterVerified: requesterVerified(evidence),
  };
}

function managerKnown({ manager }: Evidence): Answer {
  if (manager.state === 'unknown') return 'unknown';
  return manager.value === null ? 'no' : answerOf(manager.value.accountEnabled);
}

function managerChangedRecently(
  { changes, logs }: Evidence,
  episode: Episode | undefined,
  nowMs: number,
): Answer {
  const sinceMs = nowMs - managerChangeDays * dayMs;
  const rows = knownValue(changes) ?? [];
  const recent = ({ at }: Change) => msOf(at) >= sinceMs;
  const found = rows.some((row) => row.kind === 'managerChanged' && row.succeeded && recent(row));
  const unclear = rows.some((row) => mayBe(row, ['managerChanged']) && recent(row));
  const settled = isSettled(logs, episode?.newestMs ?? sinceMs);
  return existence(found, !unclear && settled && reachesBack(changes, sinceMs, nowMs));
}

/** Whoever recorded the ticket counts like its caller: otherwise the user could name the manager as caller. */
function requesterRelation({ ticket, manager }: Evidence): Facts['requesterRelation'] {
  const { subjectId = null, callerId = null, openedById = null, unknownRequester } = knownValue(ticket) ?? {};
  if (subjectId === null) return 'unknown';
  if (callerId === subjectId || openedById === subjectId) return 'self';
  // Who is named without an object id may be the user.
  if (callerId === null || unknownRequester || manager.state === 'unknown') return 'unknown';
  const managerId = manager.value?.id;
  return callerId === managerId || openedById === managerId ? 'manager' : 'other';
}

/**
 * A person with write access to incidents could choose a trusted channel, or name an opener, which is why a verified
 * requester opens the way to the approvers and never replaces them.
 */
function requesterVerified(evidence: Evidence): Facts['requesterVerified'] {
  const ticket = knownValue(evidence.ticket);
  if (!ticket) return 'unknown';
  const relation = requesterRelation(evidence);
  if (relation === 'self') return 'unverified';
  if (ticket.unknownRequester) return ticket.verifiedChannel === false ? 'unverified' : 'unknown';
  if (ticket.verifiedChannel === true) return 'verified';
  // A manager who is only named as caller was typed by somebody; one who recorded the ticket had to sign in for it.
  const recordedByCaller = ticket.callerId !== null && ticket.openedById === ticket.callerId;
  if (relation === 'manager' && recordedByCaller && managerKnown(evidence) === 'yes') return 'verified';
  const mayBeManager = recordedByCaller && relation !== 'other' && managerKnown(evidence) === 'unknown';
  return ticket.verifiedChannel === null || mayBeManager ? 'unknown' : 'unverified';
}
