/** A case from its evidence to its end, by the functions that decide, with advice put in where triage writes it. */
import {
  applyEvent,
  type Case,
  castVote,
  type Click,
  currentExecution,
  foldCase,
  nextMove,
  nextStage,
  tally,
  type Voter,
} from '@sallyport/case';
import { eventFor, opened } from '@sallyport/case/testing';
import {
  approverRoles,
  type CaseEvent,
  type Decision,
  type Evidence,
  type Triage,
} from '@sallyport/evidence';
import { sampleId } from '@sallyport/evidence/testing';
import { actionKey, canonicalJson, decisionDigest, evidenceDigest } from '@sallyport/idempotency';

export type Adviser = (c: Case & { evidence: Evidence }) => Promise<Triage>;

/** More events than any case has: a play that does not end is a fault. */
const maxEvents = 100;

/**
 * @param decision what policy says of the evidence, which it says before there is advice
 * @returns everything that was decided, asked and done, without the advice, as bytes to compare
 */
export async function play(evidence: Evidence, decision: Decision, adviser: Adviser): Promise<string> {
  const events: CaseEvent[] = [opened()];
  let c = foldCase(events);
  const seen: unknown[] = [];
  for (;;) {
    if (events.length > maxEvents) throw new Error('the case does not end');
    const event = await nextEvent(c, evidence, decision, adviser);
    if (!event) break;
    events.push(event);
    c = folded(c, event);
    // Who is next is decided too.
    seen.push(event.type === 'triage.written' ? event.type : event, c.phase, nextStage(blind(c)));
  }
  return canonicalJson(seen);
}

async function nextEvent(
  c: Case,
  evidence: Evidence,
  decision: Decision,
  adviser: Adviser,
): Promise<CaseEvent | null> {
  const { at } = eventFor(c, 'triage.written');
  switch (c.phase) {
    case 'opened': {
      if (c.round > 0) return null;
      const subjectId = evidence.ticket.state === 'known' ? evidence.ticket.value.subjectId : null;
      return eventFor(c, 'evidence.collected', {
        evidence,
        evidenceDigest: evidenceDigest(evidence),
        subjectId,
      });
    }
    case 'collected':
      return eventFor(c, 'policy.decided', { decision, decisionDigest: decisionDigest(decision) });
    case 'containing':
    case 'executing': {
      const move = nextMove(blind(c), at)?.move;
      if (move?.kind === 'start') {
        const { step, attempt } = move;
        const run = currentExecution(c);
        if (!run || !c.subjectId) throw new Error('there is nobody to act on');
        return eventFor(c, 'action.started', {
          step,
          attempt,
          key: actionKey(c.id, c.subjectId, step, run.plan, run.begunSeq),
        });
      }
      if (move?.kind === 'reconcile') {
        const { step, attempt, key } = move.action;
        return eventFor(c, 'action.finished', { step, attempt, key });
      }
      if (move?.kind !== 'complete') throw new Error(`nothing to do in ${c.phase}`);
      return eventFor(c, 'execution.completed', { result: move.result, detail: move.detail });
    }
    case 'advising':
      return { type: 'triage.written', v: 1, at, triage: await adviser({ ...c, evidence }) };
    case 'asking':
      return eventFor(c, 'approval.requested');
    case 'posting':
      return eventFor(c, 'notice.posted');
    case 'voting':
      return nextVote(c, at);
    case 'tallied': {
      const outcome = c.proposal ? tally(c.proposal) : 'open';
      if (outcome === 'open') throw new Error('counted too early');
      return eventFor(c, 'approval.decided', { outcome });
    }
    case 'settled':
    case 'recorded':
      return eventFor(c, c.phase === 'settled' ? 'ticket.updated' : 'case.closed');
    default:
      return null;
  }
}

/** The next of ten people who may vote in every role; the first is the subject's manager where a manager is asked. */
function nextVote(c: Case, at: string): CaseEvent | null {
  const { proposal } = c;
  if (!proposal) throw new Error('there is nothing to vote on');
  const manager = c.evidence?.manager.state === 'known' ? c.evidence.manager.value : null;
  const asksManager = proposal.votes.length === 0 && proposal.quorum.some(({ role }) => role === 'manager');
  const voterId = (asksManager && manager?.id) || sampleId(1_000 + proposal.votes.length);
  const voter: Voter = {
    id: voterId,
    name: { untrusted: 'A person' },
    roles: approverRoles,
    accountEnabled: true,
    member: true,
    atRisk: false,
    reportsToSubject: false,
  };
  const click: Click = {
    voterId,
    choice: 'approve',
    proposalPrefix: proposal.digest,
    comment: null,
    channel: 'teams',
    activityId: `click-${proposal.votes.length}`,
    at,
  };
  const result = castVote(blind(c), click, voter);
  if (result.kind !== 'accepted') throw new Error(`the vote is ${JSON.stringify(result)}`);
  return result.event;
}

/** The case for functions that decide: whichever of them looks at the advice ends the play. */
function blind(c: Case): Case {
  return Object.defineProperty({ ...c }, 'triage', {
    configurable: true,
    get: () => {
      throw new Error('a deciding function reads the advice');
    },
  });
}

/**
 * As `applyEvent`, which must not look at advice either: its advice is hidden from the copy that it makes, so only a look
 * ends the play, and is put back where the event neither writes nor clears it.
 */
function folded(c: Case, event: CaseEvent): Case {
  const hidden = Object.defineProperty(blind(c), 'triage', { enumerable: false });
  const after = applyEvent(hidden, event);
  return Object.hasOwn(after, 'triage') ? after : Object.assign(after, { triage: c.triage });
}
