import {
  type EventOf,
  heldBy,
  type Instant,
  type ReviewReason,
  type Stage,
  type StepKind,
} from '@sallyport/evidence';
import { matchSlots } from './approval';
import { ownerOf } from './owner';
import type { Case, Execution, Proposal } from './case';
import { leftOfRelease } from './retry';
import { noteFailureWords, roleWords, stepWords, timeWords } from './words';

/** Why, in one sentence that a service-desk agent understands. */
export const reviewWords: Readonly<Record<ReviewReason, string>> = {
  policyHold: 'Policy does not allow any automatic course for this user.',
  policyError: 'The policy could not be evaluated, so nothing is permitted.',
  campaign: 'Many people have the same detection within an hour: this is one case for the security team.',
  subjectUnknown: 'The ticket does not lead to exactly one user.',
  subjectChanged: 'A released account is at risk again, and the ticket no longer leads to its user.',
  riskUnsettled: 'Identity Protection is still computing this user’s risk.',
  quorumUnreachable: 'The people whom policy asks for cannot all answer.',
  approvalDenied: 'An approver said no.',
  approvalExpired: 'The approvers did not answer in time.',
  approvalVoid: 'What was decided or approved no longer held when it was to be done.',
  actionRefused: 'Microsoft Graph refused a step.',
  actionUnknown: 'Microsoft Graph gave no clear answer: a step may or may not have taken effect.',
  manualStepsRemain: 'Some steps cannot be done by Sallyport for this account.',
  containmentHeld: 'The account is contained. Policy wants a person to look before anything else happens.',
  dryRun: 'This was a dry run: the account was not touched.',
  watchBlind: 'The account was released, and its risk could not be read again afterwards.',
  alarmedAgain: 'The account was released and came under risk again, more than once.',
  stageFailed: 'A service gave up after all its attempts.',
};

/** The event that hands the case to a person. Pure: everything in it comes from the case. */
export function openReview(
  c: Case,
  handover: { stage: Stage; reason: ReviewReason; detail: string; at: Instant },
): EventOf<'review.opened'> {
  return {
    type: 'review.opened',
    v: 1,
    at: handover.at,
    stage: handover.stage,
    reason: handover.reason,
    // A cut must not leave half a surrogate pair: it has no canonical JSON, and the review could not be written.
    detail: handover.detail.slice(0, 1_000).toWellFormed(),
    checklist: [...new Set(checklist(c, handover.reason))]
      .slice(0, 20)
      .map((line) => line.slice(0, 500).toWellFormed()),
  };
}

/** What a step's state is, with the time it was proven. */
export function stepStates(execution: Execution | null): { step: StepKind; state: string }[] {
  if (!execution) return [];
  return execution.plan.steps.map((step) => {
    const action = execution.actions.find((candidate) => candidate.step === step);
    if (!action) return { step, state: 'not attempted' };
    const id = action.requestId ? ` (request-id ${action.requestId})` : '';
    const outcome = action.outcome === 'dryRun' ? 'would have been called (dry run)' : action.outcome;
    return { step, state: `${outcome ?? 'started, outcome not known'}${id}` };
  });
}

/** Where a person checks by hand whether a step took effect. */
export const whereToLook: Readonly<Record<StepKind, string>> = {
  revokeSessions: 'Entra admin centre › Users › the user › Properties: “Sign-in sessions valid from”',
  forcePasswordChange: 'Entra admin centre › Users › the user › Properties: “Last password change”',
  raiseRisk: 'Entra admin centre › ID Protection › Risky users › the user: “Confirmed compromised”',
  dismissRisk: 'Entra admin centre › ID Protection › Risky users › the user: risk state and history',
  enableAccount: 'Entra admin centre › Users › the user: “Account enabled”',
};

function checklist(c: Case, reason: ReviewReason): string[] {
  const lines: string[] = [...pageLines(c), ...ownerLines(c), ...groupLines(c, reason)];
  lines.push(...heldLines(c));
  if (c.watch?.alarm) {
    const half = wasHalfReleased(c);
    const what = half ? 'The risk was dismissed, and the account' : 'The account was released and';
    lines.push(`${what} is at risk again: ${c.watch.alarm}`);
  }
  lines.push(...unwatchedLines(c), ...earlierLines(c));
  const executions = [c.immediate, c.proposed].filter((run): run is Execution => run !== null);
  for (const run of executions) {
    for (const step of run.plan.steps) {
      const outcome = run.actions.find((action) => action.step === step)?.outcome ?? null;
      if (outcome === 'applied') continue;
      const started = run.actions.some((action) => action.step === step);
      if (outcome === 'unknown' || (started && outcome === null)) {
        lines.push(
          `Check whether this took effect before doing anything: ${stepWords[step]}. Look at ${whereToLook[step]}.`,
        );
      } else if (outcome === 'refused') {
        lines.push(`Graph refused this, do it by hand if it is still wanted: ${stepWords[step]}.`);
      } else if (outcome === 'throttled') {
        lines.push(`Graph was too busy to take this, nothing happened: ${stepWords[step]}.`);
      } else if (outcome === 'dryRun') {
        lines.push(`Dry run, this was not done, do it by hand if it is wanted: ${stepWords[step]}.`);
      } else if (run.plan.action === 'contain') {
        lines.push(`Not done yet: ${stepWords[step]}.`);
      } else {
        const uncertain = run.actions.some((action) => action.outcome !== 'applied');
        lines.push(
          `Not attempted${uncertain ? ', because an earlier step is not certain' : ''}: ${stepWords[step]}.`,
        );
      }
    }
    for (const manual of run.plan.manualSteps) lines.push(`By hand: ${manual.instruction}`);
  }
  for (const manual of c.phase === 'stuck' && executions.length === 0
    ? (c.decision?.proposed?.manualSteps ?? [])
    : []) {
    lines.push(`By hand: ${manual.instruction}`);
  }
  if (
    executions.some(
      (run) => run.plan.action === 'contain' && run.actions.some((a) => a.outcome === 'applied'),
    )
  ) {
    lines.push('Containment is in place. Keep it until the user is verified; do not undo it to “unblock”.');
  }
  if (reason === 'approvalExpired' && c.proposal) lines.push(...unanswered(c.proposal));
  lines.push(...(byReason[reason] ?? []), ...neverRunLines(c, reason));
  lines.push('Do not dismiss the risk or enable the account before SecOps has agreed in this ticket.');
  return lines;
}

const neverRun: ReadonlySet<ReviewReason> = new Set(['approvalDenied', 'approvalExpired', 'approvalVoid']);

/** A plan that was asked for or decided, and of which nothing was begun. */
function neverRunLines({ decision, immediate, proposed }: Case, reason: ReviewReason): string[] {
  if (!decision || !neverRun.has(reason)) return [];
  const plans = [immediate ? null : decision.immediate, proposed ? null : decision.proposed];
  const steps = plans.flatMap((plan) => plan?.steps ?? []).map((step) => stepWords[step]);
  return steps.length > 0 ? [`Not done: ${steps.join('; ')}. Nothing was changed by it.`] : [];
}

/** An account that is released already, and that nobody looks at from here on. */
function unwatchedLines(c: Case): string[] {
  const { watch, immediate, proposed } = c;
  const quiet = watch !== null && watch.alarm === null;
  const dismissal = [proposed, leftOfRelease(c)?.run ?? null]
    .flatMap((run) => (run?.plan.action === 'release' ? run.actions : []))
    .find(({ step, outcome }) => step === 'dismissRisk' && outcome === 'applied');
  const at = quiet ? watch.begunAt : dismissal?.finishedAt;
  if (!at) return [];
  const byHand = [immediate, proposed].some((run) => run && run.plan.manualSteps.length > 0);
  const whole = quiet && proposed?.result !== 'incomplete' && !byHand;
  const what = whole ? 'The account was released' : 'The risk was dismissed';
  const untold =
    quiet && watch.noteFailure
      ? [`The ticket was not told of the watch (${noteFailureWords(watch.noteFailure)}).`]
      : [];
  return [
    quiet && watch.over
      ? `${what} on ${timeWords(at)}. Until ${timeWords(watch.until)} no new risk showed, and nobody watches the account now.`
      : `${what} on ${timeWords(at)}, and nobody watches the account now: look for detections since then.`,
    ...untold,
  ];
}

/** What is left of a release that was given up: a plan is never taken up again, and after new risk by nobody. */
export function earlierLines(c: Case): string[] {
  const left = leftOfRelease(c);
  if (!left) return [];
  const { plan, actions } = left.run;
  const whose = otherUserWords(left, c);
  const [ofSteps, ofManualSteps] = {
    retry: [`By hand, left of the release${whose} before this retry`, `By hand, left of the release${whose}`],
    alarm: [leftByAlarm(whose), leftByAlarm(whose)],
  }[left.endedBy];
  return [
    ...plan.steps
      .filter((step) => !actions.some((action) => action.step === step && action.outcome === 'applied'))
      .map((step) => `${ofSteps}: ${stepWords[step]}.`),
    ...plan.manualSteps.map(({ instruction }) => `${ofManualSteps}: ${instruction}`),
  ];
}

const leftByAlarm = (whose: string) =>
  `Left of the release${whose} when new risk showed, and not to be done before SecOps has agreed`;

/** Whether the account that is at risk again was released in part only: its risk was dismissed, and something is left. */
export const wasHalfReleased = ({ earlier }: Case): boolean => earlier?.endedBy === 'alarm';

/** Whose release it was, where the ticket names somebody else since. */
export const otherUserWords = (left: Pick<Case, 'subjectId'>, { subjectId }: Case): string =>
  left.subjectId === subjectId ? '' : ` of the user with object id ${left.subjectId}`;

function pageLines({ decision }: Case): string[] {
  return (decision?.page ?? []).map(
    (role) =>
      `${roleWords[role]}: called in Teams at once. Where nobody answers within minutes, call by phone.`,
  );
}

/** The owner of a listed account in our own words. A manager's name is the directory's, and shown where text is escaped. */
function ownerLines(c: Case): string[] {
  const owner = ownerOf(c);
  switch (owner?.kind) {
    case undefined:
      return [];
    case 'listed':
      return [
        `Owner: ${owner.words}. Only they know what runs under it: they decide and rotate its credentials.`,
      ];
    case 'manager':
      return [
        'Owner: not in the list of owners. Ask the manager whom the directory names for it (below) who decides and rotates its credentials.',
      ];
    case 'unknown':
      return [
        'Owner: unknown. Ask Identity Operations who answers for it, and add them to the list of owners (ACCOUNT_OWNERS).',
      ];
  }
}

function groupLines({ group }: Case, reason: ReviewReason): string[] {
  if (!group) return [];
  if (!group.leads)
    return [`Decide with the group case ${group.leadCaseId}: nobody of the group is released alone.`];
  // Whatever else it is held for, somebody looks at the whole group here.
  return [
    `This case leads its group: every case with the detection ${group.kind} names it. Find out whether it is one attack or one mistake of the service.`,
    ...(reason === 'campaign'
      ? ['Contain whoever is not contained yet before anybody of the group is released.']
      : []),
  ];
}

/** What an intruder may have left behind. It outlives the new password, so it is looked for before the user gets one. */
function heldLines({ decision }: Case): string[] {
  if (!decision || heldBy(decision.rulings).length === 0) return [];
  const mayHaveChanged = (fact: string) => decision.facts[fact] !== 'no';
  return [
    'Do not send the user to self-service password reset yet: an intruder with a sign-in method of their own gets in by it too. Verify the user in person or by video.',
    mayHaveChanged('securityInfoChangedInWindow')
      ? 'A sign-in method was, or may have been, changed. Have the user name theirs, and remove the others: Entra admin centre › Users › the user › Authentication methods.'
      : 'Check that each sign-in method is the user’s: Entra admin centre › Users › the user › Authentication methods.',
    ...(mayHaveChanged('consentInWindow')
      ? [
          'Consent was, or may have been, given to an application. Revoke what nobody answers for: Entra admin centre › Enterprise applications › the application › Permissions.',
        ]
      : []),
    ...(mayHaveChanged('roleChangedInWindow')
      ? [
          'A role was, or may have been, assigned. Remove what nobody answers for: Entra admin centre › Users › the user › Assigned roles.',
        ]
      : []),
  ];
}

/** Whose answer is missing, and who may not even know that they were asked. */
function unanswered({ quorum, votes, unreached }: Proposal): string[] {
  const slots = quorum.flatMap(({ role, count }) => Array.from({ length: count }, () => role));
  const filled = matchSlots(quorum, votes);
  const missing = new Set(slots.filter((_, at) => filled[at] === null).map((role) => roleWords[role]));
  return [
    `Still missing: ${[...missing].join(', ')}.`,
    ...(unreached === null ? [] : [`Teams could not tell everybody (${unreached}): they may not know.`]),
  ];
}

const byReason: Readonly<Partial<Record<ReviewReason, readonly string[]>>> = {
  policyHold: ['Read the rules that held the case (below) and follow the owner path of this account.'],
  policyError: ['Tell the owners of Sallyport: the policy pack failed to evaluate.'],
  subjectUnknown: ['Set the risky user on the ticket and open a new one, so that the user is looked at.'],
  subjectChanged: [
    'Contain the released account by hand now: no step was taken since its new risk.',
    'The ticket is no longer about that user. Open another one for whomever it names now.',
  ],
  containmentHeld: [
    'Find out with SecOps what happened before the user gets back in; the rules that hold the case stand below.',
  ],
  quorumUnreachable: [
    'Agree with SecOps who confirms instead that it is this person. Sallyport asks nobody in their place.',
  ],
  approvalDenied: ['Speak with the approver who said no; their comment is in the log.'],
  approvalExpired: ['Reach SecOps on-call by phone. A late click on the card has no effect.'],
  approvalVoid: ['Look at what has changed (above), then decide with SecOps.'],
  watchBlind: [
    'Look at the risk of this user in the Entra admin centre (ID Protection › Risky users), and for detections since the release.',
  ],
  alarmedAgain: ['Do not release this account once more before SecOps knows where the risk comes from.'],
  stageFailed: [
    'Look at the failed job on the console and repair the cause; meanwhile handle this user by hand.',
  ],
};
