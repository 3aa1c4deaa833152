import { type Evidence } from '@sallyport/evidence';
import { type Episode } from './episode';
import { type Answer, type Facts } from './fact-docs';
import { answerOf, existence, isSettled, knownValue, msOf, reachesBack } from './reading';
import { dayMs, managerChangeDays } from './windows';

type PeopleFacts = Pick<
  Facts,
  'managerKnown' | 'managerChangedRecently' | 'requesterIsSubject' | 'requesterVerified'
>;

/**
 * ServiceNow contact types that only integrations use. A person with write access to incidents could choose one, which
 * is why a verified requester opens the way to the approvers and never replaces them.
 */
export const machineContactTypes: readonly string[] = ['monitoring'];

/** Who asks, and who could confirm. */
export function peopleFacts(evidence: Evidence, episode: Episode | undefined, nowMs: number): PeopleFacts {
  const manager = knownValue(evidence.manager);
  const ticket = knownValue(evidence.ticket);
  const asked = ticket && ticket.callerId !== null && ticket.subjectId !== null;
  return {
    managerKnown: answerOf(
      manager === undefined ? undefined : manager !== null && manager.accountEnabled !== false,
    ),
    managerChangedRecently: managerChangedRecently(evidence, episode, nowMs),
    requesterIsSubject: answerOf(asked ? ticket.callerId === ticket.subjectId : undefined),
    requesterVerified: requesterVerified(evidence),
  };
}

function managerChangedRecently(
  { changes, logs }: Evidence,
  episode: Episode | undefined,
  nowMs: number,
): Answer {
  const sinceMs = nowMs - managerChangeDays * dayMs;
  const found = (knownValue(changes) ?? []).some(
    ({ kind, succeeded, at }) => kind === 'managerChanged' && succeeded && msOf(at) >= sinceMs,
  );
  const settled = isSettled(logs, episode?.newestMs ?? sinceMs);
  return existence(found, settled && reachesBack(changes, sinceMs, nowMs));
}

function requesterVerified({ ticket, manager }: Evidence): Facts['requesterVerified'] {
  if (ticket.state === 'unknown') return 'unknown';
  const { contactType, callerId } = ticket.value;
  if (machineContactTypes.includes(contactType.trim().toLowerCase())) return 'verified';
  if (callerId === null) return 'unverified';
  if (manager.state === 'unknown') return 'unknown';
  const isManager = manager.value?.id === callerId && manager.value.accountEnabled !== false;
  return isManager ? 'verified' : 'unverified';
}
