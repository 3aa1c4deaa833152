import { AccountReader, AccountWriter, type Answer, EntraError, proves } from '@sallyport/entra';
import type { Digest, Instant, StepKind } from '@sallyport/evidence';
import { asStageError } from '@sallyport/stage';

/** How far Microsoft's clock may lag behind ours when an effect is compared with the time of our call. */
const clockSkewMs = 60_000;

/**
 * A call must leave within this time after its intent was written. A process that slept longer (paused, swapped out,
 * partitioned) may find that others have judged the step meanwhile, so it must not call any more.
 */
export const callWindowMs = 5_000;

export interface Proof {
  applied: boolean;
  detail: string;
}

/** The steps of a plan against the directory: call once, then look whether it shows. */
export class Steps {
  constructor(
    private readonly writer: AccountWriter,
    private readonly reader: AccountReader,
    readonly patienceMs: number,
    readonly intervalMs: number,
  ) {}

  /** Waits for everything that a call needs before it may leave. @throws RetryableError with nothing sent */
  async prepare(step: StepKind, subjectId: string): Promise<void> {
    try {
      await this.writer.prepare(step, subjectId);
    } catch (error) {
      throw asStageError(error);
    }
  }

  /**
   * Calls once.
   * @param sinceIntentMs time since the intent was committed, by a monotonic clock
   */
  async call(step: StepKind, subjectId: string, key: Digest, sinceIntentMs: number): Promise<Answer> {
    if (sinceIntentMs > callWindowMs) {
      return {
        kind: 'ambiguous',
        detail: 'the process slept between intent and call; not called',
        requestId: null,
      };
    }
    return this.writer.perform(step, subjectId, key);
  }

  /** @throws RetryableError where the account cannot be read now */
  async readBack(step: StepKind, subjectId: string, startedAt: Instant, trace: string): Promise<Proof> {
    try {
      const state = await this.reader.state(subjectId, [trace, step]);
      const applied = proves(step, state, startedAt, clockSkewMs) === 'applied';
      return { applied, detail: `Read back: ${words[step](state)}.` };
    } catch (error) {
      // Not being able to look is not an outcome: the patience of the step decides when that becomes "unknown".
      if (error instanceof EntraError) return { applied: false, detail: `Not readable: ${error.code}.` };
      throw asStageError(error);
    }
  }
}

type State = Awaited<ReturnType<AccountReader['state']>>;

const words: Readonly<Record<StepKind, (state: State) => string>> = {
  revokeSessions: (state) => `sessions are valid from ${state.sessionsValidFrom ?? 'an unknown time'}`,
  forcePasswordChange: (state) =>
    `the password was last changed ${state.lastPasswordChangeAt ?? 'at an unknown time'}`,
  dismissRisk: (state) =>
    `risk state is ${state.risk.state}${state.risk.processing ? ', still being processed' : ''}`,
  enableAccount: (state) => `the account is ${state.accountEnabled === true ? 'enabled' : 'not enabled'}`,
};
