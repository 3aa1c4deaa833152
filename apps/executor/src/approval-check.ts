import type { Case, Execution } from '@sallyport/case';
import type { GraphClient } from '@sallyport/entra';
import {
  type Decision,
  type Evidence,
  evidenceParts,
  type Plan,
  type UnknownReason,
  type PlanSlot,
  type RiskState,
} from '@sallyport/evidence';
import { planDigest } from '@sallyport/idempotency';
import { decide } from '@sallyport/policy';
import { FatalError, NotYet, RetryableError } from '@sallyport/queue';
import { type PackInForce, readSubject, type StandingConfig } from '@sallyport/stage';
import { approvalFlaw } from './approval-flaw';
import { changedRisk, lookAtRisk } from './release-check';
import type { Difference, TicketCheck } from './ticket-check';

/** What a look before a step of a release found. */
export interface Look {
  /** What speaks against the step, or null. */
  difference: Difference | null;
  /** What Identity Protection says of the user; null where that was not read. */
  riskState: RiskState | null;
  /** What was read is no older than this, by a monotonic clock. */
  asOfMs: number;
}

const policyChanged = 'The policy was changed since the approval.';

/**
 * Directly before an approved plan begins: reads ticket and subject anew and decides again by the same rules. The approval
 * holds only where nothing that it rested on has changed.
 */
export class ApprovalCheck {
  constructor(
    private readonly graph: GraphClient,
    private readonly config: StandingConfig,
    private readonly policy: Pick<PackInForce, 'pack' | 'containment'>,
    private readonly tickets: TicketCheck,
    /** No release begins sooner after its case was opened. */
    private readonly logWaitMs: number,
  ) {}

  /** Whether the rules that this case was decided by are the ones in force. */
  samePolicy({ decision }: Case): boolean {
    return decision?.policySetHash === this.policy.pack.policySetHash;
  }

  /**
   * @returns what changed, in plain words; null where the plan still holds
   * @throws RetryableError where it cannot be read now, and NotYet for a release that comes too soon
   */
  async difference(c: Case, slot: PlanSlot, clock: () => Date): Promise<Difference | null> {
    if (slot === 'proposed') {
      this.awaitLogs(c, clock());
      const flaw = approvalFlaw(c, clock()) ?? (await this.tickets.difference(c));
      if (flaw) return flaw;
    }
    const detail = await this.changed(c, slot, clock);
    return detail === null ? null : { detail, handOver: false };
  }

  /**
   * Rows reach the logs late. Before anything is loosened they must have had time to show everything that was done up to
   * the opening of the case: a manager, a role or a device that was put in place for it.
   */
  private awaitLogs({ decision, opened }: Case, now: Date): void {
    if (decision?.proposed?.action !== 'release') return;
    const leftMs = Date.parse(opened.at) + this.logWaitMs - now.getTime();
    if (leftMs > 0) throw new NotYet('logsSettling', leftMs);
  }

  /**
   * The same directly before a step of a release, by what moves within minutes. Everything was judged before the first
   * step; where that is minutes ago, or a step has been done since, only this is looked at again.
   * @throws RetryableError
   */
  async again(c: Case, execution: Execution, clock: () => Date): Promise<Look> {
    const { difference: moved, ...look } = await lookAtRisk(this.graph, c, execution, clock);
    // After the wait for the budget: none of this is older than the risk.
    const flaw = approvalFlaw(c, clock()) ?? this.otherPolicy(c) ?? (await this.tickets.difference(c));
    return { ...look, difference: flaw ?? (moved === null ? null : { detail: moved, handOver: false }) };
  }

  private otherPolicy(c: Case): Difference | null {
    return this.samePolicy(c) ? null : { detail: policyChanged, handOver: false };
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
    const now: Evidence = { ...evidence, ...subject, collectedAt: clock().toISOString() };
    const fresh = slot === 'immediate' ? asItWasWhereUnreadable(evidence, now) : now;
    const unread = evidenceParts.filter(
      (part) => fresh[part]?.state === 'unknown' && fresh[part].reason === 'unavailable',
    );
    if (unread.length > 0) {
      throw new RetryableError('evidenceUnavailable', `could not read before acting: ${unread.join(', ')}`);
    }
    const { pack, containment } = this.policy;
    const redecided = decide(fresh, fresh.collectedAt, pack, undefined, containment);
    if (slot === 'immediate') return noLongerContained(plan, redecided);
    const changes = [
      // They do not stop a containment: they are one more reason for it.
      plan.action === 'release' ? changedRisk(evidence, fresh) : null,
      asksManager(decision, plan) ? changedManager(evidence, fresh) : null,
      changedDecision(decision, redecided),
    ];
    return changes.filter((change) => change !== null).join(' ') || null;
  }
}

/** Reasons that say something about the services, and nothing about the account. */
const unreadable: ReadonlySet<UnknownReason> = new Set(['unavailable', 'forbidden', 'invalid']);

/** A containment is stopped by what is seen, not by what cannot be seen. */
function asItWasWhereUnreadable(before: Evidence, now: Evidence): Evidence {
  const kept = evidenceParts
    .filter((part) => now[part]?.state === 'unknown' && unreadable.has(now[part].reason))
    .map((part) => [part, before[part]] as const);
  return { ...now, ...Object.fromEntries(kept) };
}

/** Containment that waited (a service was down) is still right as long as policy would do the same, with nobody asked. */
function noLongerContained(plan: Plan, after: Decision): string | null {
  if (after.errors.length > 0) return `The policy can no longer be evaluated: ${after.errors.join('; ')}.`;
  if (after.course === 'close') return 'The user has secured the account meanwhile.';
  if (after.rulings.contain.effect !== 'permit') return 'Policy no longer permits to contain this account.';
  if (after.immediate?.action !== 'contain')
    return 'Policy now asks people before this account is contained.';
  return planDigest(after.immediate) === planDigest(plan) ? null : 'The plan would now be another one.';
}

/** Whoever can write the directory could name an accomplice: the one who was asked must still be the manager. */
function changedManager(before: Evidence, after: Evidence): string | null {
  const [asked, now] = [managerIdOf(before), managerIdOf(after)];
  return asked === now ? null : 'The manager of the user is another one, or can no longer be read.';
}

const asksManager = ({ rulings }: Decision, { action }: Plan) =>
  rulings[action].quorum.some(({ role }) => role === 'manager');

function managerIdOf({ manager }: Evidence): string | null {
  return manager.state === 'known' ? (manager.value?.id.toLowerCase() ?? null) : null;
}

/** The same rules must permit the same plan for the same people. */
function changedDecision(before: Decision, after: Decision): string | null {
  if (after.errors.length > 0) return `The policy can no longer be evaluated: ${after.errors.join('; ')}.`;
  if (after.policySetHash !== before.policySetHash) return policyChanged;
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
