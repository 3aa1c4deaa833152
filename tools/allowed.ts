/**
 * What every run of the whole line is judged by, in one process or in many. Read from the events, not from the folded
 * case: the fold is among what is on trial.
 */
import type { Case } from '@sallyport/case';
import type { CaseEvent, Decision, EventOf, StepKind } from '@sallyport/evidence';
import { canonicalJson, proposalDigest } from '@sallyport/idempotency';

export interface Electorate {
  /** Who really holds which role. */
  holders: Readonly<Record<string, readonly string[]>>;
  /** Who asked, or is the subject: their votes count for nothing. */
  involved: readonly string[];
}

export interface Write {
  slot: EventOf<'action.started'>['slot'];
  step: StepKind;
}

/** @param events up to the moment of the write @returns why nobody had allowed it, or null */
export function notAllowed(events: readonly CaseEvent[], write: Write, people: Electorate): string | null {
  return write.slot === 'immediate'
    ? notOrdered(events, write.step)
    : notApproved(events, write.step, people);
}

function last<T extends CaseEvent['type']>(events: readonly CaseEvent[], type: T): EventOf<T> | undefined {
  return events.findLast((event): event is EventOf<T> => event.type === type);
}

function notOrdered(events: readonly CaseEvent[], step: StepKind): string | null {
  const decision = last(events, 'policy.decided')?.decision;
  const ordered = decision?.immediate?.action === 'contain' && decision.rulings.contain.immediate;
  return ordered && decision.immediate?.steps.includes(step)
    ? null
    : 'policy ordered no immediate containment with it';
}

function notApproved(
  events: readonly CaseEvent[],
  step: StepKind,
  { holders, involved }: Electorate,
): string | null {
  const asked = last(events, 'approval.requested');
  const decided = last(events, 'approval.decided');
  const evidence = last(events, 'evidence.collected');
  const policy = last(events, 'policy.decided');
  const decision = policy?.decision;
  if (decision && isUnasked(decision, step)) return null;
  if (!asked || decided?.outcome !== 'approved') return 'nobody approved it';
  if (decided.proposalDigest !== asked.proposalDigest) return 'something else was approved';
  if (!asked.plan.steps.includes(step)) return 'the approved plan is without it';
  const required = decision?.rulings[asked.plan.action];
  if (required?.effect !== 'permit' || canonicalJson(required.quorum) !== canonicalJson(asked.quorum))
    return 'other people were asked than policy says';
  const bound =
    evidence && policy && proposalDigest(evidence.evidenceDigest, policy.decisionDigest, asked.plan);
  if (asked.proposalDigest !== bound) return 'it was approved on other evidence or another decision';
  const yes = new Set<string>();
  for (const event of events) {
    // A vote of another round is about another proposal.
    if (event.type !== 'approval.voted' || event.proposalDigest !== asked.proposalDigest) continue;
    if (event.vote.choice === 'deny') return 'somebody said no';
    if (event.at >= asked.expiresAt) return 'a vote came too late';
    yes.add(event.vote.voterId);
  }
  if (involved.some((person) => yes.has(person))) return 'somebody voted on their own behalf';
  const slots = asked.quorum.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  if (slots.length === 0) return 'policy asked nobody';
  const fills = ([role, ...others]: readonly string[], left: readonly string[]): boolean =>
    role === undefined ||
    left.some(
      (person) =>
        holders[role]?.includes(person) &&
        fills(
          others,
          left.filter((other) => other !== person),
        ),
    );
  return fills(slots, [...yes]) ? null : `${yes.size} voters do not fill ${slots.join(' + ')}`;
}

/** The one release that one pack permits with nobody asked. */
function isUnasked({ pack, proposed, rulings, facts }: Decision, step: StepKind): boolean {
  const { effect, quorum } = rulings.release;
  const unasked = pack === 'auto-low-risk' && effect === 'permit' && quorum.length === 0;
  const low = facts['riskLevel'] === 'low' && facts['highestDetectionLevel'] === 'low';
  return unasked && low && proposed?.action === 'release' && proposed.steps.includes(step);
}

const stateAfter: Readonly<Record<string, string>> = {
  released: '6',
  selfRemediated: '6',
  contained: '2',
  resolvedByHand: '2',
  linked: '1',
};

/** The state in which the ticket of a case at rest must be. */
export const ticketStateOf = (c: Case): string | undefined =>
  c.phase === 'inReview' ? '2' : stateAfter[c.outcome ?? ''];
