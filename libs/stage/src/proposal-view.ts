import {
  type Case,
  citedWords,
  closedWords,
  type Execution,
  matchSlots,
  type Phase,
  type Proposal,
  stepWords,
  successesOf,
  type Voided,
} from '@sallyport/case';
import { type Evidence, evidenceParts, type Reading, type SignIn, type Triage } from '@sallyport/evidence';
import { cardId } from '@sallyport/idempotency';
import { logReachDays } from '@sallyport/policy';
import type { ProposalView } from '@sallyport/teams';

/**
 * What approvers are shown: only what is in the case log, so that the card is what the digest binds.
 * @param replaced the case has let go of this question since; see `replacedProposals`
 */
export function proposalView(
  c: Case & { evidence: Evidence; proposal: Proposal; triage: Triage },
  now: Date,
  replaced = false,
): ProposalView {
  const { evidence, proposal, decision } = c;
  const ruling = decision?.rulings[proposal.plan.action];
  const successes = successesOf(evidence, logReachDays);
  return {
    cardId: cardId(c.id, proposal.digest),
    ticketNumber: c.opened.ticketNumber,
    subjectName: known(evidence.user)?.displayName ?? { untrusted: 'not known' },
    riskLevel: known(evidence.risk)?.level ?? 'unknown',
    riskState: known(evidence.risk)?.state ?? 'unknown',
    detections: (known(evidence.detections) ?? []).map((detection) => {
      const { kind, level, detectedAt, ip, country, correlationId } = detection;
      const closed = closedWords(detection);
      return { kind, level, at: detectedAt, ...(closed && { closed }), ip, country, correlationId };
    }),
    ...(successes && {
      successfulSignIns: {
        daysRead: logReachDays,
        ...(successes.before !== undefined && { before: signInView(successes.before) }),
        newest: signInView(successes.newest),
      },
    }),
    plan: {
      action: proposal.plan.action,
      steps: proposal.plan.steps,
      manual: [...proposal.plan.manualSteps, ...(c.immediate?.plan.manualSteps ?? [])],
    },
    reasons: (ruling?.rules ?? []).map((rule) => rule.reason),
    unknowns: unknowns(evidence),
    advice: {
      ...c.triage,
      ...(c.triage.citations && {
        citations: c.triage.citations.map((refs) => refs.map((ref) => citedWords(ref, evidence))),
      }),
    },
    quorum: quorumView(proposal),
    expiresAt: proposal.expiresAt,
    drawnAt: now.toISOString(),
    status: replaced ? endOf(c, proposal) : statusOf(c, proposal, now),
    events: events(c, proposal, replaced),
  };
}

const signInView = (row: SignIn | null) =>
  row && {
    ...{ at: row.at, country: row.country, ip: row.ip, device: row.deviceName, app: row.app },
    ...{ knownDevice: row.knownDevice, knownNetwork: row.knownNetwork, correlationId: row.correlationId },
  };

/** Phases in which the question of a case is open, or its answer is about to be written. */
const askedIn: ReadonlySet<Phase> = new Set(['posting', 'voting', 'tallied']);

/** How a question ended that the case has let go of. What was carried out, denied or expired stays so. */
function endOf({ proposed }: Case, { outcome }: Proposal): ProposalView['status'] {
  const carriedOut = outcome === 'approved' && proposed !== null && proposed.result !== null;
  return carriedOut || outcome === 'denied' || outcome === 'expired' ? outcome : 'replaced';
}

/** Nobody decides any more where the time is over, or where a person has the case for another reason. */
function statusOf(c: Case, { outcome, expiresAt }: Proposal, now: Date): ProposalView['status'] {
  if (outcome) return outcome;
  if (c.review && !c.review.ended) return 'withdrawn';
  if (!askedIn.has(c.phase)) return 'replaced';
  return now.toISOString() >= expiresAt ? 'expired' : 'open';
}

/** Who fills which slot, by the same matching that decides. */
function quorumView({ quorum, votes }: Proposal): ProposalView['quorum'] {
  const filled = matchSlots(quorum, votes);
  let at = 0;
  return quorum.map(({ role, count }) => {
    const slots = filled.slice(at, at + count);
    at += count;
    return { role, count, have: slots.flatMap((vote) => (vote ? [vote.voterName] : [])) };
  });
}

function events(c: Case, proposal: Proposal, replaced: boolean): string[] {
  const { votes, outcome, unreached, escalated } = proposal;
  if (replaced && endOf(c, proposal) === 'replaced') {
    return outcome === 'approved' ? [inVainWords(c.voided)] : [];
  }
  const contained = c.immediate?.result === 'done' ? [containedWords(c.immediate)] : [];
  const open = outcome === null && askedIn.has(c.phase);
  const denied = votes.filter((vote) => vote.choice === 'deny').length;
  return [
    ...(c.voided ? [againWords(c.voided)] : []),
    ...contained,
    ...(open ? unreachedWords(unreached) : []),
    ...(open && escalated ? ['Nobody has decided yet, so others have been told as well.'] : []),
    ...(denied > 0 ? ['An approver said no. The case has gone to manual review.'] : []),
    ...(outcome === 'approved' ? [carriedOutWords(c)] : []),
  ];
}

/** Why an approved plan was let go. */
function inVainWords(voided: Voided | null): string {
  const next = 'If it is still needed, a new card asks for it.';
  if (!voided)
    return `The quorum was reached, but the case was begun anew before all of this was carried out. ${next}`;
  const { detail, handedOver } = voided;
  return `The quorum was reached, but nothing of this was carried out, because something had changed by then: ${detail} ${handedOver ? 'The case has gone to manual review.' : next}`;
}

/** Whoever approved before must not wonder whether this is the same card once more. */
function againWords({ approved, detail }: Voided): string {
  return approved
    ? `Asked again because: ${detail}`
    : `What was decided before was not carried out, because something had changed: ${detail}`;
}

/** What became of it, for whoever looks at the card later: Teams is not told again of what went well. */
function carriedOutWords(c: Case): string {
  switch (c.proposed?.result) {
    case 'done':
      return doneWords(c, c.proposed);
    case 'incomplete':
      return `The quorum was reached, but not every step could be done. ${c.review || !c.watch ? 'The case has gone to manual review.' : 'The account is watched first, then a person does the rest.'}`;
    case 'dryRun':
      return 'The quorum was reached. This was a dry run: nothing was changed.';
    default:
      return 'The quorum is reached. The plan is carried out now.';
  }
}

/** `done` speaks of the steps that Sallyport takes; what it leaves to a person is not done by that. */
function doneWords({ immediate }: Case, { plan }: Execution): string {
  const left = [...plan.manualSteps, ...(immediate?.plan.manualSteps ?? [])].map(
    ({ kind }) => stepWords[kind],
  );
  if (left.length === 0) return 'The quorum was reached, and every step is done and proven by reading back.';
  const done = plan.steps.length > 0 ? ', and what Sallyport does itself is done and proven' : '';
  return `The quorum was reached${done}. By hand, and not done by Sallyport: ${[...new Set(left)].join('; ')}.`;
}

/** Whoever reads this can reach people in ways that Sallyport cannot. */
function unreachedWords(unreached: string | null): string[] {
  if (unreached === null) return [];
  return unreached.includes('manager:')
    ? ['The manager could not be asked in Teams. Tell them another way: they can answer on the console.']
    : ['Not everybody could be told in Teams.'];
}

/** People decide on a release by this sentence, so it says what is left as well. */
function containedWords({ plan }: Execution): string {
  const left = plan.manualSteps.map((step) => stepWords[step.kind]);
  return left.length === 0
    ? 'The account was contained at once, as policy demands.'
    : `Containment is not complete. By hand, and not done by Sallyport: ${left.join('; ')}.`;
}

function unknowns(evidence: Evidence): string[] {
  const unread = evidenceParts.flatMap((part) => {
    const reading: Reading<unknown> | undefined = evidence[part];
    return reading?.state === 'unknown' ? [`${part}: ${reading.reason}`] : [];
  });
  return requesterIsKnown(evidence) ? unread : [...unread, unknownRequester];
}

/** Who asked may not vote; whom nobody knows, nobody can keep from it. */
const unknownRequester =
  'who asked: not known in the directory, so their own vote cannot be told from another';

/** A ticket that names nobody was asked for by nobody. */
function requesterIsKnown({ ticket }: Evidence): boolean {
  const read = known(ticket);
  return read !== null && !read.unknownRequester;
}

const known = <T>(reading: Reading<T>): T | null => (reading.state === 'known' ? reading.value : null);
