import type { Case } from '@sallyport/case';
import type { GraphClient } from '@sallyport/entra';
import {
  type Decision,
  type Detection,
  type Evidence,
  evidenceParts,
  type Plan,
  type Reading,
  type PlanSlot,
} from '@sallyport/evidence';
import { planDigest } from '@sallyport/idempotency';
import { decide } from '@sallyport/policy';
import { FatalError, RetryableError } from '@sallyport/queue';
import { type PackInForce, readSubject, type StandingConfig } from '@sallyport/stage';
import type { Difference, TicketCheck } from './ticket-check';

/**
 * Directly before an approved plan begins: reads ticket and subject anew and decides again by the same rules. The approval
 * holds only where nothing that it rested on has changed.
 */
export class ApprovalCheck {
  constructor(
    private readonly graph: GraphClient,
    private readonly config: StandingConfig,
    private readonly policy: Pick<PackInForce, 'pack'>,
    private readonly tickets: TicketCheck,
  ) {}

  /** @returns what changed, in plain words; null where the plan still holds. @throws RetryableError */
  async difference(c: Case, slot: PlanSlot, clock: () => Date): Promise<Difference | null> {
    const ticket = await this.tickets.difference(c, slot);
    if (ticket) return ticket;
    const detail = await this.changed(c, slot, clock);
    return detail === null ? null : { detail, handOver: false };
  }

  private async changed(c: Case, slot: PlanSlot, clock: () => Date): Promise<string | null> {
    const { evidence, decision, subjectId } = c;
    const plan = decision?.[slot];
    if (!evidence || !decision || !plan || !subjectId)
      throw new FatalError('noProposal', 'nothing was proposed');
    const subject = await readSubject(
      this.graph,
      this.config,
      subjectId,
      [c.id, 'before-acting', c.seq],
      clock,
    );
    // Stamped after reading: evidence is never taken for older than its newest reading.
    const fresh: Evidence = { ...evidence, ...subject, collectedAt: clock().toISOString() };
    const unread = evidenceParts.filter(
      (part) => fresh[part].state === 'unknown' && fresh[part].reason === 'unavailable',
    );
    if (unread.length > 0) {
      throw new RetryableError('evidenceUnavailable', `could not read before acting: ${unread.join(', ')}`);
    }
    const redecided = decide(fresh, fresh.collectedAt, this.policy.pack);
    if (slot === 'immediate') return noLongerContained(redecided);
    const changes = [changedRisk(evidence, fresh, plan.action), changedDecision(decision, redecided)];
    return changes.filter((change) => change !== null).join(' ') || null;
  }
}

/** Containment that waited (a service was down) is still right as long as policy permits containing at all. */
function noLongerContained(after: Decision): string | null {
  if (after.errors.length > 0) return `The policy can no longer be evaluated: ${after.errors.join('; ')}.`;
  if (after.course === 'close') return 'The user has secured the account meanwhile.';
  return after.rulings.contain.effect === 'permit'
    ? null
    : 'Policy no longer permits to contain this account.';
}

/** The same rules must permit the same plan for the same people. */
function changedDecision(before: Decision, after: Decision): string | null {
  if (after.errors.length > 0) return `The policy can no longer be evaluated: ${after.errors.join('; ')}.`;
  if (after.policySetHash !== before.policySetHash) return 'The policy was changed since the approval.';
  if (!before.proposed) return 'Nothing was proposed.';
  const why = newObjections(before, after, before.proposed.action);
  if (after.course !== before.course)
    return `Policy now says ${after.course} instead of ${before.course}.${why}`;
  if (!after.proposed) return `Policy no longer proposes this plan.${why}`;
  if (after.proposed.action !== before.proposed.action)
    return `Policy now proposes to ${after.proposed.action} instead of to ${before.proposed.action}.${why}`;
  if (planDigest(after.proposed) !== planDigest(before.proposed)) return 'The plan would now be another one.';
  const { action } = before.proposed;
  const asked = JSON.stringify(before.rulings[action].quorum);
  if (JSON.stringify(after.rulings[action].quorum) !== asked)
    return 'Policy now asks other people to approve.';
  return null;
}

/** What the rules say now that they did not say before, so that people know where to look. */
function newObjections(before: Decision, after: Decision, action: Plan['action']): string {
  const known = new Set(before.rulings[action].rules.map((rule) => rule.id));
  const added = after.rulings[action].rules.filter((rule) => rule.effect === 'forbid' && !known.has(rule.id));
  return added.map((rule) => ` ${rule.reason}`).join('');
}

/** New detections or a moved risk void a release. They do not stop a containment: they are one more reason for it. */
function changedRisk(before: Evidence, after: Evidence, action: Plan['action']): string | null {
  if (action === 'contain') return null;
  const known = new Set(rows(before.detections).map((detection) => detection.id));
  const added = rows(after.detections).filter((detection) => !known.has(detection.id));
  if (added.length > 0) {
    const kinds = [...new Set(added.map((detection) => detection.kind))];
    return `${added.length} new risk detection(s) since the approval: ${kinds.join(', ')}.`;
  }
  if (before.risk.state !== 'known' || after.risk.state !== 'known') return 'The risk can no longer be read.';
  const { level, state, lastUpdatedAt } = before.risk.value;
  const now = after.risk.value;
  if (now.processing) return 'Identity Protection is computing the risk anew.';
  if (now.level !== level || now.state !== state || now.lastUpdatedAt !== lastUpdatedAt) {
    return `The risk has moved from ${level}/${state} to ${now.level}/${now.state}.`;
  }
  return null;
}

const rows = (reading: Reading<Detection[]>): Detection[] => (reading.state === 'known' ? reading.value : []);
