import { setTimeout as delay } from 'node:timers/promises';
import type { ActionRecord } from '@sallyport/case';
import {
  type AccountReader,
  accountSteps,
  type AccountWriter,
  type Answer,
  EntraError,
  type Intent,
  type Part,
  proves,
  Together,
} from '@sallyport/entra';
import type { AccountBefore, Digest, StepKind } from '@sallyport/evidence';
import { asStageError } from '@sallyport/stage';
import type { AccountAudit } from './account-audit';

/**
 * A call must leave within this time after its intent was written. A process that slept longer (paused, swapped out,
 * partitioned), or that the login service kept waiting, may find that others have judged the step meanwhile, so it must
 * not call any more.
 */
export const callWindowMs = 5_000;

/** How long a containment waits, in all, to know how the account was before. */
const containmentReadMs = 2_000;

export interface Proof {
  applied: boolean;
  /** The account could not be read: nothing is said about the effect. Absent: it could. */
  unreadable?: boolean;
  detail: string;
}

/** A step that was started: what reconciling needs to know of it. */
export type Started = Intent & Pick<ActionRecord, 'step' | 'key' | 'sentAs' | 'answer'>;

interface StepsOptions {
  writer: AccountWriter;
  reader: AccountReader;
  audit: AccountAudit;
  /** How long an effect may take to show. */
  patienceMs: number;
  /** How often it is looked for meanwhile. */
  intervalMs: number;
  /** How many users one dismissal may be for; absent: as many as Graph takes. */
  dismissalsPerCall?: number;
}

/** The steps of a plan against the directory: call once, then look whether it shows. */
export class Steps {
  readonly patienceMs: number;
  readonly intervalMs: number;
  private readonly dismissals: Together;
  constructor(private readonly use: StepsOptions) {
    this.patienceMs = use.patienceMs;
    this.intervalMs = use.intervalMs;
    this.dismissals = new Together(use.writer, 'dismissRisk', callWindowMs, use.dismissalsPerCall);
  }

  /**
   * The account as it is before the call. Containment hardly waits for it: a directory that cannot be read must not
   * keep the door open.
   * @returns null for a containment where it could not be read within {@link containmentReadMs}
   * @throws RetryableError for a release, with nothing sent
   */
  async before(step: StepKind, subjectId: string, trace: string): Promise<AccountBefore | null> {
    const urgent = accountSteps[step].urgency === 'containment';
    const enough = new AbortController();
    const tooLate = delay(containmentReadMs, null, { signal: enough.signal }).catch(() => null);
    try {
      const reading = this.state(step, subjectId, [trace, step, 'before'], urgent);
      const state = await (urgent ? Promise.race([reading, tooLate]) : reading);
      if (!state) return null;
      const { risk, ...user } = state;
      return { ...user, riskState: risk?.state ?? null };
    } catch (error) {
      if (urgent && error instanceof EntraError) return null;
      throw asStageError(error);
    } finally {
      enough.abort();
    }
  }

  /**
   * Waits for everything that a call needs, has its intent written, and calls once. Dismissals of different cases that
   * are ready at the same moment are one call.
   *
   * @param intent writes it; nothing is called for this action where it throws
   * @throws RetryableError with nothing sent, and what the intent throws
   */
  async send(step: StepKind, subjectId: string, key: Digest, intent: Part['intent']): Promise<Answer> {
    const { writer } = this.use;
    let place: Awaited<ReturnType<AccountWriter['prepare']>>;
    try {
      if (step === 'dismissRisk') return await this.dismissals.send({ subjectId, key, intent });
      place = await writer.prepare(step, subjectId);
    } catch (error) {
      throw asStageError(error);
    }
    const sinceMs = performance.now();
    try {
      await intent(undefined);
    } catch (error) {
      writer.unused(step, place);
      throw error;
    }
    return writer.perform(step, subjectId, key, place, sinceMs + callWindowMs);
  }

  /**
   * Looks whether the effect shows. Where Graph did not say that it took the call, an effect that the audit log gives
   * to somebody else is not taken for ours; a changed password is ours only where the audit log says so, because
   * whoever is in the account can change it too.
   */
  async readBack(action: Started, subjectId: string, trace: string): Promise<Proof> {
    const { step } = action;
    try {
      const state = await this.state(step, subjectId, [trace, step]);
      const detail = `Read back: ${words[step](state)}.`;
      if (proves(step, state, action) === 'notYet') return { applied: false, detail };
      if (action.answer === 'accepted') return { applied: true, detail };
      const word = await this.word(action, subjectId, trace);
      if (word === 'others')
        return { applied: false, detail: `${detail} The audit log names somebody else for it.` };
      if (word === 'silent' && step === 'forcePasswordChange')
        return { applied: false, detail: `${detail} That may be somebody else’s change.` };
      return { applied: true, detail };
    } catch (error) {
      // Not being able to look is not an outcome: the patience of the step decides when that becomes "unknown".
      if (error instanceof EntraError)
        return { applied: false, unreadable: true, detail: `Not readable: ${error.code}.` };
      throw asStageError(error);
    }
  }

  /** What helps a person who must find out: asked once, when patience has ended. */
  async trail(action: Started, subjectId: string, trace: string): Promise<string> {
    return trails[await this.word(action, subjectId, trace)];
  }

  private word(action: Started, subjectId: string, trace: string) {
    return this.use.audit.word(action, subjectId, trace);
  }

  private state(step: StepKind, subjectId: string, trace: readonly string[], urgent = false) {
    return this.use.reader.state(subjectId, trace, [accountSteps[step].part], urgent);
  }
}

const trails = {
  us: 'The audit log says that our call took effect: if it does not show, somebody has changed it since.',
  others: 'The audit log names somebody else for such a change, and not us.',
  silent: 'The audit log does not tell.',
} as const;

/** The call of a step, without the account that it is about. */
export function requestWords(step: StepKind): string {
  const { method, path } = accountSteps[step].request('{id}');
  return `${method} ${path}`;
}

type State = Awaited<ReturnType<AccountReader['state']>>;

const words: Readonly<Record<StepKind, (state: State) => string>> = {
  revokeSessions: (state) => `sessions are valid from ${state.sessionsValidFrom ?? 'an unknown time'}`,
  forcePasswordChange: (state) =>
    `the password was last changed ${state.lastPasswordChangeAt ?? 'at an unknown time'}`,
  raiseRisk: (state) =>
    `risk is ${state.risk?.level ?? 'not known'}/${state.risk?.state ?? 'not known'}${state.risk?.processing ? ', still being processed' : ''}`,
  dismissRisk: (state) =>
    `risk state is ${state.risk?.state ?? 'not known'}${state.risk?.processing ? ', still being processed' : ''}`,
  enableAccount: (state) => `the account is ${state.accountEnabled === true ? 'enabled' : 'not enabled'}`,
};
