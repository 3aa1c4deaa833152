import type { Case } from '@sallyport/case';
import type { Evidence, ModelFailure, Triage } from '@sallyport/evidence';
import { allowedActions } from './advice/advice';
import { type AskableModel, consult, questionOf } from './consult';
import type { PersonalPart } from './config';
import { promptVersion } from './input/prompt';
import { templateSummary } from './template-summary';

/** What became of one case's advice, for logs and metrics. No text of the case or of the model is in it. */
export interface AdviceRecord {
  promptVersion: string;
  promptHash: string;
  outcome: 'model' | ModelFailure;
  /** Sentences that were left out, by why. */
  flaws: readonly string[];
  tokens: number | null;
  /** From question to answer, second attempts and their pause included. */
  tookMs: number;
  disagrees: boolean;
}

export type AdvisedCase = Case & { evidence: Evidence };

/** Asks the model where there is one, keeps what the evidence bears out, and has the template write in every other case. */
export class Advisor {
  constructor(
    private readonly model: AskableModel | null,
    private readonly maySee: readonly PersonalPart[],
    private readonly record: (record: AdviceRecord) => void = () => undefined,
  ) {}

  /**
   * Ends within the model's budget, and never for a reason that lies with the model.
   * @param waitedMs how long the case has been waiting for advice: of a burst, the last must not wait for all others
   */
  async advise(c: AdvisedCase, waitedMs = 0): Promise<Triage> {
    const { model } = this;
    const allowed = c.decision ? allowedActions(c.decision) : [];
    if (!model || allowed.length === 0) return templateSummary(c);

    const contained = c.immediate?.result === 'done' && c.immediate.plan.action === 'contain';
    const question = questionOf(c.evidence, allowed, this.maySee, contained);
    const consulted = await consult(model, question, waitedMs);
    const { promptHash, tokens, tookMs } = consulted;
    const told = { promptVersion, promptHash, tokens, tookMs };
    const instead = (why: ModelFailure, flaws: readonly string[] = []): Triage => {
      this.record({ ...told, outcome: why, flaws, disagrees: false });
      return { ...templateSummary(c), fallback: why, notes: [fallbackWords(why, flaws.length)] };
    };
    if (consulted.kind === 'failed') return instead(consulted.why);
    const { triage, flaws } = consulted.grounded;
    if (!triage) return instead('ungrounded', flaws);
    this.record({ ...told, outcome: 'model', flaws, disagrees: Boolean(triage.disagreement) });
    return triage;
  }
}

const failureWords: Record<ModelFailure, string> = {
  timedOut: 'it did not answer in time',
  unavailable: 'it could not be reached',
  throttled: 'it is over its quota',
  refused: 'it refused to answer',
  filtered: 'its provider filtered the text',
  cutOff: 'its answer was cut off',
  nonsense: 'its answer could not be read',
  ungrounded: 'the evidence bears out nothing that it said',
  misconfigured: 'its endpoint refused the request',
  paused: 'it failed several times just now and is left alone for a minute',
};

function fallbackWords(why: ModelFailure, left: number): string {
  const dropped = left > 0 ? ` ${left} sentence(s) of it are left out.` : '';
  return `This is the fixed template, not the model: ${failureWords[why]}.${dropped}`;
}
