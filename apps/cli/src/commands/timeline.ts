import { noteFailureWords, stepWords, timeWords } from '@sallyport/case';
import type { CaseEvent } from '@sallyport/evidence';
import pc from 'picocolors';

/** One line a person reads for each event of a case. */
export function timeline(events: readonly CaseEvent[]): string[] {
  const start = Date.parse(events[0]?.at ?? '');
  return events.map((event) => {
    const seconds = ((Date.parse(event.at) - start) / 1_000).toFixed(1).padStart(8);
    return `  ${pc.dim(`+${seconds.trim()} s`.padStart(10))}  ${pc.bold(event.type.padEnd(20))} ${describe(event)}`;
  });
}

function describe(event: CaseEvent): string {
  switch (event.type) {
    case 'case.opened':
      return `${event.ticketNumber} from ${event.instance}`;
    case 'evidence.collected':
      return evidenceLine(event);
    case 'case.linked':
      return `another open case governs this user: ${event.primaryCaseId}`;
    case 'policy.decided':
      return decisionLine(event);
    case 'triage.written':
      return `advice by ${event.triage.author.name} (decides nothing)`;
    case 'approval.requested':
      return `${event.plan.action}: asks ${event.quorum.map((slot) => `${slot.count} × ${slot.role}`).join(' and ')}`;
    case 'notice.posted':
      if (event.kind === 'review' && event.messages.length === 0 && !event.failure)
        return `${event.kind}: the lead of its group is told`;
      return event.failure
        ? pc.yellow(`Teams not told: ${event.failure}`)
        : `${event.kind} in Teams, ${event.messages.length} message(s)`;
    case 'approval.voted':
      return `${event.vote.voterName.untrusted} as ${event.vote.roles.join(', ')}: ${event.vote.choice}`;
    case 'vote.refused':
      return pc.yellow(`a click was refused: ${event.refusal}`);
    case 'approval.decided':
      return event.outcome === 'approved' ? pc.green('approved') : pc.yellow(event.outcome);
    case 'action.started':
      return pc.dim(`${stepWords[event.step]}${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}`);
    case 'action.answered':
      return event.answer === 'ambiguous'
        ? pc.yellow(`no clear answer: ${event.detail}`)
        : pc.dim(event.detail);
    case 'action.finished': {
      const colour = event.outcome === 'applied' ? pc.green : pc.yellow;
      return `${colour(event.outcome)}: ${stepWords[event.step]}. ${event.detail}`;
    }
    case 'execution.completed':
      return `${event.slot} plan ${event.result}: ${event.detail}${event.watchUntil ? ` Watched until ${timeWords(event.watchUntil)}.` : ''}`;
    case 'watch.alarmed':
      return pc.yellow(`at risk again after the release: ${event.detail}`);
    case 'watch.ended':
      return 'nothing new since the release';
    case 'ticket.updated':
      return event.failure
        ? pc.yellow(
            `the ticket could not be told all of it (${event.purpose} note): ${noteFailureWords(event.failure)}`,
          )
        : `${event.purpose} note written to the ticket`;
    case 'case.closed':
      return pc.green(event.outcome);
    case 'review.opened':
      return `${pc.yellow('PENDING MANUAL REVIEW')} ${event.reason}: ${event.detail} ${event.checklist.length} next steps.`;
    case 'review.resolved':
      return `${event.personName.untrusted} as ${event.roles.join(', ')}: ${resolutionWords[event.resolution]}, “${event.note.untrusted}”`;
    case 'resolution.refused':
      return pc.yellow(`an end of the review was refused (${event.resolution}): ${event.refusal}`);
  }
}

const resolutionWords = {
  retry: 'try again',
  doneByHand: 'done by hand',
  close: 'close',
} as const;

function evidenceLine({ evidence }: Extract<CaseEvent, { type: 'evidence.collected' }>): string {
  const unknown = Object.entries(evidence).flatMap(([part, reading]) =>
    typeof reading === 'object' && reading.state === 'unknown' ? [part] : [],
  );
  const risk =
    evidence.risk.state === 'known'
      ? `${evidence.risk.value.level} risk, ${evidence.risk.value.state}`
      : 'risk unknown';
  return unknown.length > 0
    ? `${risk}; not known: ${unknown.join(', ')}`
    : `${risk}; every reading succeeded`;
}

function decisionLine({ decision, group }: Extract<CaseEvent, { type: 'policy.decided' }>): string {
  const plans = [
    decision.immediate && `${decision.immediate.action} at once`,
    decision.proposed && `propose ${decision.proposed.action}`,
  ].filter((plan) => plan !== null);
  const course = plans.length > 0 ? plans.join(', then ') : decision.course;
  const rulings = [decision.rulings.contain, decision.rulings.release, decision.rulings.close];
  const rules = [...new Set(rulings.flatMap((ruling) => ruling.rules.map((rule) => rule.id)))];
  return `${course} ${pc.dim(`[${rules.join(', ') || 'no rule permits'}]`)}${group ? `, group of ${group.leadCaseId}` : ''}`;
}
