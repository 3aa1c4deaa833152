import type { EntraError } from './entra-error';
import { callWindowClosed, tokenNotTaken } from './graph-call';

/**
 * What one write was answered with. `accepted` is Graph's word, not yet a proof: read back. `refused`: a definite no.
 * `throttled`: a definite "not now", nothing happened. `ambiguous`: it may or may not have happened; the same write
 * must never be sent again, only read back.
 *
 * @property detail why nothing happened, where it was not Graph who said "not now"
 * @property users how many users the one call was for, where it was more than one
 * @property refused Graph said no to a call for several, which tells nothing about one of them
 */
export type Answer =
  | { kind: 'accepted'; status: number; requestId: string | null; users?: number }
  | { kind: 'refused'; status: number; code: string; requestId: string | null }
  | { kind: 'throttled'; retryAfterMs: number | null; requestId: string | null; detail?: string }
  | { kind: 'ambiguous'; detail: string; requestId: string | null; refused?: true };

export interface OutcomeRule {
  /** What came back, in words for the reference. */
  when: string;
  answer: Exclude<Answer['kind'], 'accepted'>;
  because: string;
  matches: (error: EntraError) => boolean;
}

const saidNo: ReadonlySet<EntraError['kind']> = new Set(['forbidden', 'notFound', 'rejected']);

/** What every failure of a write means, first match wins. The same for each step: none answers in a way of its own. */
export const outcomeRules: readonly OutcomeRule[] = [
  {
    when: 'no token: the login service refuses us (400, 401, 403)',
    answer: 'refused',
    because: 'nothing was sent, and waiting cures no wrong secret',
    matches: ({ sent, kind }) => !sent && kind === 'forbidden',
  },
  {
    when: 'no token or no place in the budget: the login service or the limiter was not reached, or took too long after the intent',
    answer: 'throttled',
    because: 'nothing was sent, later it may work',
    matches: ({ sent }) => !sent,
  },
  {
    when: '401 `InvalidAuthenticationToken` or with a claims challenge, and the login service gives another token or is not reached',
    answer: 'throttled',
    because: 'the gateway looks at the token before anything looks at the call',
    matches: ({ code }) => code === tokenNotTaken,
  },
  {
    when: '429',
    answer: 'throttled',
    because: 'the gate turns requests away before the work',
    matches: ({ status }) => status === 429,
  },
  {
    when: '409 `Directory_ConcurrencyViolation`',
    answer: 'throttled',
    because: 'the directory rolled back and asks for a retry',
    matches: ({ status, code }) => status === 409 && code === 'Directory_ConcurrencyViolation',
  },
  {
    when: '4xx with a Graph error in the body, other than 408',
    answer: 'refused',
    because: 'Graph looked at it and said no',
    matches: ({ status, kind }) => status !== null && status >= 400 && status < 500 && saidNo.has(kind),
  },
  {
    when: 'anything else: 408, 5xx, 3xx, a body that is not Graph’s, a broken connection, no answer in time',
    answer: 'ambiguous',
    because: 'the work may have been done before the answer broke',
    matches: () => true,
  },
];

/**
 * The one row more for a call for several users: there is no answer per user, and nobody says whether one that Graph
 * rejects keeps the others from being done. A refusal of us (401, 403, no token) is one of each of them.
 */
export const togetherRule = {
  when: 'a call for several users: 4xx about what was asked, such as an unknown id',
  answer: 'ambiguous',
  because: 'it says nothing about one of them; each is read back, and the next calls are for one user each',
} as const;

/** What a failed write for several users means for each of them; see {@link togetherRule}. */
export function togetherAnswerFrom(error: EntraError, users: number): Answer {
  const answer = answerFrom(error);
  if (answer.kind !== 'refused' || error.kind === 'forbidden' || users === 1) return answer;
  const detail = `Graph refused one call for ${users} users (${answer.status} ${answer.code})`;
  return { kind: 'ambiguous', detail, requestId: answer.requestId, refused: true };
}

/**
 * Too long between intent and call: others may have judged the step meanwhile. Whoever wrote the intent is the only one
 * who could have sent it, and did not: nothing happened.
 */
export const notCalled: Answer = {
  kind: 'throttled',
  retryAfterMs: null,
  detail: 'Too long between intent and call: not called.',
  requestId: null,
};

/** Nothing happened. The next call has another token, or asks for it where the login service was not reached. */
const withAnotherToken = 'Graph did not take our token: nothing happened, and it is tried with another one.';

/** What a failed write means; see {@link outcomeRules}. */
export function answerFrom(error: EntraError): Answer {
  const { requestId, status, code, retryAfterMs } = error;
  const rule = outcomeRules.find(({ matches }) => matches(error));
  switch (rule?.answer) {
    case 'refused':
      return { kind: 'refused', status: status ?? 401, code, requestId };
    case 'throttled':
      if (code === callWindowClosed) return notCalled;
      return {
        ...{ kind: 'throttled', retryAfterMs, requestId },
        ...(code === tokenNotTaken && { detail: withAnotherToken }),
      };
    default:
      return { kind: 'ambiguous', detail: `${code} (HTTP ${status ?? 'none'})`, requestId };
  }
}
