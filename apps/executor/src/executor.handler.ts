import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import {
  type ActionRecord,
  type Case,
  type Execution,
  hasBegun,
  nextMove,
  type NextMove,
  nextToRecheck,
  stepWords,
} from '@sallyport/case';
import type { Answer } from '@sallyport/entra';
import type { ActionOutcome, Digest, Instant, Job, PlanSlot, StepKind } from '@sallyport/evidence';
import { actionKey } from '@sallyport/idempotency';
import { FatalError, NotYet, RetryableError, StageHandler } from '@sallyport/queue';
import { StageRunner, type Turn } from '@sallyport/stage';
import { ApprovalCheck, type Look } from './approval-check';
import { DryRun } from './dry-run';
import { requestWords, Steps } from './steps';
import type { Difference } from './ticket-check';
import { throttleWaitMs } from './throttle-wait';
import { WatchTime } from './watch-time';

/** The steps of a containment begin within this time of each other, unless Graph makes one wait. */
const sameReadingMs = 10_000;
/** Evidence younger than this is good enough to contain on without another look. */
const freshDecisionMs = 5 * 60_000;
/** What was read before a step of a release counts for so long: the wait for the budget may be longer. */
const lookValidMs = 30_000;
/** Everything else about a release counts for so long. The logs lag by as much, and roles change in minutes. */
const judgedValidMs = 5 * 60_000;
/** A release is looked at again for so long; then its worker is free for others, among them containments. */
const loosenMaxMs = 2 * 60_000;
const checkTooOld = 'checkTooOld';
const recheckDelayMs = 1_000;

/**
 * Carries out plans, each step exactly once or honestly unknown: intent into the log, one call, outcome into the log.
 * A step found started without an outcome is read back and never called again.
 */
@Controller()
export class ExecutorHandler {
  constructor(
    private readonly stage: StageRunner,
    private readonly steps: Steps,
    private readonly approvals: ApprovalCheck,
    private readonly dryRun: DryRun,
    private readonly watchTime: WatchTime,
  ) {}

  @StageHandler('executor')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, (turn) => this.execute(turn));
  }

  private async execute(turn: Turn): Promise<void> {
    // Each pass writes at least one event or throws, and the log bounds both steps and attempts.
    for (;;) {
      const doubt = nextToRecheck(turn.case);
      if (doubt) {
        await this.recheck(turn, doubt.slot, doubt.action);
        continue;
      }
      const next = nextMove(turn.case, this.stamp(turn));
      if (!next) return;
      const { execution, move } = next;
      switch (move.kind) {
        case 'start':
          await this.begin(turn, execution, move);
          break;
        case 'reconcile':
          await this.settle(turn, execution.slot, move.action);
          break;
        case 'wait':
          throw new NotYet('graphThrottled', Date.parse(move.until) - turn.now().getTime());
        case 'complete':
          await turn.append({
            type: 'execution.completed',
            v: 1,
            at: this.stamp(turn),
            slot: execution.slot,
            result: move.result,
            detail: move.detail,
            ...this.watchTime.after(execution, move.result, turn.now()),
          });
          break;
      }
    }
  }

  /** A step that was not called yet is begun where it is still right. Containment that has begun is never stopped. */
  private async begin(turn: Turn, execution: Execution, move: Start): Promise<void> {
    const nowMs = performance.now();
    if (!hasBegun(execution) && (await this.voids(turn, execution))) return;
    // A dry run dismisses nothing, so nothing can be held against what follows.
    const loosens = execution.plan.action === 'release' && !this.isDryRun(turn.case, execution);
    if (!loosens) return this.start(turn, execution, move);
    await this.loosen(turn, execution, move, hasBegun(execution) ? null : nowMs);
  }

  /**
   * A step of a release waits for its turn in the budget, and other releases wait for theirs. Where what was read is too
   * old then, only what moves within minutes is read again: to judge everything anew costs more than the budget has, so
   * that it would be too old each time. Before a later step nothing else is judged again either: our own step before it
   * has moved the risk, so that the rules would speak of another account.
   *
   * @param judgedMs when everything began to be judged in this delivery; null: it was before an earlier step
   */
  private async loosen(
    turn: Turn,
    execution: Execution,
    move: Start,
    judgedMs: number | null,
  ): Promise<void> {
    const sinceMs = performance.now();
    const again = () => this.approvals.again(turn.case, execution, () => turn.now());
    const isFresh = judgedMs !== null && sinceMs - judgedMs < lookValidMs;
    const first = isFresh ? { difference: null, riskState: null, asOfMs: judgedMs } : null;
    for (let look = first ?? (await again()); ; look = await again()) {
      if (look.difference) return this.stop(turn, execution, move.step, look.difference);
      const validUntilMs = Math.min(look.asOfMs + lookValidMs, (judgedMs ?? Infinity) + judgedValidMs);
      try {
        return await this.start(turn, execution, move, { ...look, validUntilMs });
      } catch (error) {
        if (!cameTooLate(error) || performance.now() - sinceMs > loosenMaxMs) throw error;
        if (judgedMs !== null && performance.now() - judgedMs > judgedValidMs) throw error;
      }
    }
  }

  private async stop(turn: Turn, execution: Execution, step: StepKind, found: Difference): Promise<void> {
    if (!hasBegun(execution)) return this.void(turn, execution, found);
    await turn.append({
      type: 'execution.completed',
      v: 1,
      at: this.stamp(turn),
      slot: execution.slot,
      result: 'incomplete',
      detail: `Stopped before this step: ${stepWords[step]}. ${found.detail}`.slice(0, 500),
      ...this.watchTime.after(execution, 'incomplete', turn.now()),
    });
  }

  /**
   * Before anything is done: does what was approved, or decided long ago, still hold? A fresh decision to contain is
   * not read again: seconds count, and containment only tightens.
   */
  private async voids(turn: Turn, execution: Execution): Promise<boolean> {
    const ageMs = turn.now().getTime() - Date.parse(turn.case.evidence?.collectedAt ?? '');
    const recent = ageMs < freshDecisionMs && this.approvals.samePolicy(turn.case);
    if (execution.slot === 'immediate' && recent) return false;
    const difference = await this.approvals.difference(turn.case, execution.slot, () => turn.now());
    if (difference) await this.void(turn, execution, difference);
    return difference !== null;
  }

  private async void(turn: Turn, { slot }: Execution, { detail, handOver }: Difference): Promise<void> {
    await turn.append({
      ...{ type: 'execution.completed', v: 1, at: this.stamp(turn), slot, result: 'void' },
      ...{ detail: detail.slice(0, 500), ...(handOver && { handOver }) },
    });
  }

  /** @param look of a step of a release: the last one. @throws NotYet where it no longer counts when the call would go */
  private async start(
    turn: Turn,
    execution: Execution,
    { step, attempt }: Start,
    look: (Look & { validUntilMs: number }) | null = null,
  ): Promise<void> {
    const subjectId = subjectOf(turn);
    const action = {
      slot: execution.slot,
      step,
      key: actionKey(turn.case.id, subjectId, step, execution.plan, execution.begunSeq),
      attempt,
    };
    if (this.isDryRun(turn.case, execution)) {
      await turn.append({ type: 'action.started', v: 1, at: this.stamp(turn), ...action, dryRun: true });
      return;
    }
    const lately = readLately(execution, turn.now()) ?? lookedAt(step, look);
    const before = lately ? lately.before : await this.steps.before(step, subjectId, turn.case.id);
    const intent = async (sentAs: string | undefined) => {
      if (look && performance.now() > look.validUntilMs) throw new NotYet(checkTooOld, recheckDelayMs);
      const at = this.stamp(turn);
      const known = { ...(before && { before }), ...(sentAs && { sentAs }) };
      await turn.append({ type: 'action.started', v: 1, at, ...action, ...known });
    };
    const answer = await this.steps.send(step, subjectId, action.key, intent);
    const { requestId } = answer;
    switch (answer.kind) {
      case 'refused': {
        const detail = `Graph answered ${answer.status} ${answer.code}.`;
        return this.finish(turn, action, { outcome: 'refused', detail, requestId });
      }
      case 'throttled':
        return this.finish(turn, action, {
          outcome: 'throttled',
          detail: answer.detail ?? 'Graph answered: not now.',
          requestId,
          notBefore: this.after(turn, throttleWaitMs(answer.retryAfterMs, attempt, Math.random())),
        });
      case 'accepted':
      case 'ambiguous': {
        const detail = answer.kind === 'accepted' ? acceptedWords(answer) : answer.detail;
        await turn.append({
          ...{ type: 'action.answered', v: 1, at: this.stamp(turn), ...action },
          ...{ answer: answer.kind, detail: detail.slice(0, 500), requestId },
        });
        // Not settled here: a containment starts its other steps before it waits for this one to show.
        return;
      }
    }
  }

  /** The first intent fixes it for the whole plan: a plan is told, or it is done, and never half of each. */
  private isDryRun(c: Case, { slot, plan, begunSeq, actions }: Execution): boolean {
    // Steps that were carried over from a containment that was broken off were begun under another plan.
    const own = actions.filter(
      ({ step, key }) => key === actionKey(c.id, c.subjectId ?? '', step, plan, begunSeq),
    );
    if (own.length > 0) return own.some(({ dryRun }) => dryRun);
    // People were asked about an account that was not contained: it is not released after that either.
    const onDry = slot === 'proposed' && c.immediate?.result === 'dryRun';
    return onDry || this.dryRun.covers(c);
  }

  /** Reads the target back until the effect shows or patience ends. Used after a call and after a crash alike. */
  private async settle(turn: Turn, slot: PlanSlot, record: ActionRecord): Promise<void> {
    const subjectId = subjectOf(turn);
    const action = { ...record, slot };
    if (record.dryRun) {
      const detail = `Dry run: would have called ${requestWords(record.step)}.`;
      return this.finish(turn, action, { outcome: 'dryRun', detail, requestId: null });
    }
    const proof = await this.steps.readBack(record, subjectId, turn.case.id);
    if (proof.applied) {
      return this.finish(turn, action, { outcome: 'applied', detail: proof.detail, requestId: null });
    }
    const waitedMs = turn.now().getTime() - Date.parse(record.startedAt);
    if (waitedMs < this.steps.patienceMs) throw new NotYet('effectNotVisible', this.steps.intervalMs);
    const detail = [
      record.detail ?? 'No answer was recorded.',
      `The effect did not show within ${Math.round(this.steps.patienceMs / 1_000)} s.`,
      proof.detail,
      await this.steps.trail(record, subjectId, turn.case.id),
      'The call was not repeated.',
    ].join(' ');
    await this.finish(turn, action, { outcome: 'unknown', detail, requestId: null });
  }

  /**
   * For a person's retry: reads back what is in doubt, and calls nothing. An account that cannot be read leaves the
   * doubt as it is, and an effect gets its time to show before it is said not to.
   */
  private async recheck(turn: Turn, slot: PlanSlot, record: ActionRecord): Promise<void> {
    const proof = await this.steps.readBack(record, subjectOf(turn), turn.case.id);
    const waitedMs = turn.now().getTime() - Date.parse(record.startedAt);
    if (!proof.applied && waitedMs < this.steps.patienceMs)
      throw new NotYet('effectNotVisible', this.steps.intervalMs);
    if (proof.unreadable) throw new RetryableError('accountUnreadable', proof.detail);
    const { requestId } = record;
    const outcome = proof.applied ? 'applied' : 'unknown';
    const detail = `Looked at again. ${proof.detail}`;
    await this.finish(turn, { ...record, slot }, { outcome, detail, requestId });
  }

  private async finish(
    turn: Turn,
    { slot, step, key, attempt }: Action,
    { outcome, detail, requestId, notBefore = null }: Finished,
  ): Promise<void> {
    await turn.append({
      ...{ type: 'action.finished', v: 1, at: this.stamp(turn), slot, step, key, attempt },
      ...{ outcome, detail: detail.slice(0, 500), requestId, notBefore },
    });
  }

  private after(turn: Turn, ms: number): Instant {
    return new Date(turn.now().getTime() + ms).toISOString();
  }

  private stamp(turn: Turn): Instant {
    return turn.now().toISOString();
  }
}

type Start = Pick<Extract<NextMove, { kind: 'start' }>, 'step' | 'attempt'>;

interface Action {
  slot: PlanSlot;
  step: StepKind;
  key: Digest;
  attempt: number;
}

interface Finished {
  outcome: ActionOutcome;
  detail: string;
  requestId: string | null;
  notBefore?: Instant | null;
}

/**
 * A step of this containment whose intent has just been written, with what was read for it: its other steps go by the
 * same reading, also where that failed.
 */
function readLately({ plan, actions }: Execution, now: Date): ActionRecord | undefined {
  if (plan.action !== 'contain') return undefined;
  return actions.find(({ startedAt }) => now.getTime() - Date.parse(startedAt) < sameReadingMs);
}

/** The turn in the budget did not come while what was read still counted. Nothing was sent then. */
function cameTooLate(error: unknown): boolean {
  return (
    (error instanceof NotYet && error.code === checkTooOld) ||
    (error instanceof RetryableError && error.code === 'budgetExhausted')
  );
}

/** The look before a dismissal is the reading of the account as it was: a second one costs a second of the budget. */
function lookedAt(step: StepKind, look: Look | null): Pick<ActionRecord, 'before'> | undefined {
  if (step !== 'dismissRisk' || !look?.riskState) return undefined;
  const { riskState } = look;
  return {
    before: { sessionsValidFrom: null, lastPasswordChangeAt: null, accountEnabled: null, riskState },
  };
}

function acceptedWords({ status, users }: Extract<Answer, { kind: 'accepted' }>): string {
  return `Graph answered ${status}${users ? ` to one call for ${users} users` : ''}.`;
}

function subjectOf(turn: Turn): string {
  const { subjectId } = turn.case;
  if (!subjectId) throw new FatalError('noSubject', 'a plan without a subject cannot be carried out');
  return subjectId;
}
