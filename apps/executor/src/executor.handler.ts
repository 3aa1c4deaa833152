import { Controller } from '@nestjs/common';
import { Payload } from '@nestjs/microservices';
import { type ActionRecord, type Execution, nextMove } from '@sallyport/case';
import type { ActionOutcome, Job, StepKind } from '@sallyport/evidence';
import { actionKey } from '@sallyport/idempotency';
import { FatalError, NotYet, StageHandler } from '@sallyport/queue';
import { StageRunner, type Turn } from '@sallyport/stage';
import { ApprovalCheck } from './approval-check';
import { Steps } from './steps';

/** Wait before a throttled call is started again where Graph names no time. */
const throttledDelayMs = 5_000;

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
  ) {}

  @StageHandler('executor')
  handle(@Payload() job: Job): Promise<void> {
    return this.stage.run(job, (turn) => this.execute(turn));
  }

  private async execute(turn: Turn): Promise<void> {
    // Each pass writes at least one event or throws, and the log bounds both steps and attempts.
    for (let next = nextMove(turn.case); next; next = nextMove(turn.case)) {
      const { execution, move } = next;
      switch (move.kind) {
        case 'start':
          if (await this.voids(turn, execution)) return;
          await this.start(turn, execution, move.step, move.attempt);
          break;
        case 'reconcile':
          await this.settle(turn, execution, move.action);
          break;
        case 'complete':
          await turn.append({
            type: 'execution.completed',
            v: 1,
            at: turn.now().toISOString(),
            slot: execution.slot,
            result: move.result,
            detail: move.detail,
          });
          break;
      }
    }
  }

  /** Before the first step of an approved plan: does what was approved still hold? */
  private async voids(turn: Turn, execution: Execution): Promise<boolean> {
    if (execution.slot === 'immediate' || execution.actions.length > 0) return false;
    const difference = await this.approvals.difference(turn.case, turn.now());
    if (!difference) return false;
    await turn.append({
      type: 'execution.completed',
      v: 1,
      at: turn.now().toISOString(),
      slot: execution.slot,
      result: 'void',
      detail: difference.slice(0, 500),
    });
    return true;
  }

  private async start(turn: Turn, execution: Execution, step: StepKind, attempt: number): Promise<void> {
    const subjectId = subjectOf(turn);
    const key = actionKey(turn.case.id, step, execution.plan);
    const at = turn.now().toISOString();
    const intentAt = performance.now();
    await turn.append({ type: 'action.started', v: 1, at, slot: execution.slot, step, key, attempt });
    const answer = await this.steps.call(step, subjectId, key, performance.now() - intentAt);
    const action: ActionRecord = {
      ...{ step, key, attempt, startedAt: at },
      ...{ outcome: null, finishedAt: null, detail: null, requestId: answer.requestId },
    };
    switch (answer.kind) {
      case 'refused':
        return this.finish(
          turn,
          execution,
          action,
          'refused',
          `Graph answered ${answer.status} ${answer.code}.`,
        );
      case 'throttled':
        await this.finish(turn, execution, action, 'throttled', 'Graph answered 429: not now.');
        throw new NotYet('graphThrottled', answer.retryAfterMs ?? throttledDelayMs);
      case 'accepted':
      case 'ambiguous':
        return this.settle(turn, execution, action);
    }
  }

  /** Reads the target back until the effect shows or patience ends. Used after a call and after a crash alike. */
  private async settle(turn: Turn, execution: Execution, action: ActionRecord): Promise<void> {
    const proof = await this.steps.readBack(action.step, subjectOf(turn), action.startedAt, turn.case.id);
    if (proof.applied) return this.finish(turn, execution, action, 'applied', proof.detail);
    const waitedMs = turn.now().getTime() - Date.parse(action.startedAt);
    if (waitedMs < this.steps.patienceMs) throw new NotYet('effectNotVisible', this.steps.intervalMs);
    const patience = Math.round(this.steps.patienceMs / 1_000);
    await this.finish(
      turn,
      execution,
      action,
      'unknown',
      `The effect did not show within ${patience} s: ${proof.detail} The call was not repeated.`,
    );
  }

  private async finish(
    turn: Turn,
    execution: Execution,
    { step, key, attempt, requestId }: ActionRecord,
    outcome: ActionOutcome,
    detail: string,
  ): Promise<void> {
    await turn.append({
      type: 'action.finished',
      v: 1,
      at: turn.now().toISOString(),
      slot: execution.slot,
      step,
      key,
      attempt,
      outcome,
      detail: detail.slice(0, 500),
      requestId,
    });
  }
}

function subjectOf(turn: Turn): string {
  const { subjectId } = turn.case;
  if (!subjectId) throw new FatalError('noSubject', 'a plan without a subject cannot be carried out');
  return subjectId;
}
