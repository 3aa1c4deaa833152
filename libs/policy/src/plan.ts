import {
  type Capability,
  type Containment,
  type Evidence,
  type ManualStep,
  type Obstacle,
  type Plan,
  type StepKind,
  type Unadvised,
} from '@sallyport/evidence';
import { type ManualWords, manualWords, unreadWords } from './manual-words';
import { knownValue } from './reading';

/**
 * The steps of an action, with what we cannot do for this account named before people are asked to approve it: the
 * preflight of the evidence says what that is.
 * Release dismisses the risk first: were the account enabled first, it would be open and still blocked by its risk.
 */
export function planFor(
  action: Plan['action'],
  evidence: Unadvised<Evidence>,
  containment: Containment = 'forcePasswordChange',
): Plan {
  const wanted = action === 'contain' ? containSteps(evidence, containment) : releaseSteps(evidence);
  const instead = wanted.flatMap((kind) => manualStep(kind, evidence) ?? []);
  const steps = wanted.filter((kind) => !instead.some((manual) => manual.kind === kind));
  const besides = action === 'contain' && containment === 'raiseRisk' ? passwordByHand(evidence) : [];
  return { v: 1, action, steps, manualSteps: [...instead, ...besides] };
}

/** What keeps a user from the secure change that Conditional Access asks for, or makes it worth nothing. */
const againstOwnChange: ReadonlySet<Obstacle> = new Set([
  'synced',
  'federated',
  'passwordless',
  'noSelfServiceReset',
]);

/** A raised risk leaves the password to the user; where they cannot change it here, a person sees to it as well. */
function passwordByHand({ capabilities }: Evidence): ManualStep[] {
  const capability = knownValue(capabilities)?.forcePasswordChange;
  const obstacles = capability?.obstacles.filter((obstacle) => againstOwnChange.has(obstacle)) ?? [];
  if (!capability || obstacles.length === 0) return [];
  const obstacle = obstacleTo({ can: capability.can, obstacles });
  return obstacle ? [stepOf('forcePasswordChange', manualWords[obstacle]('forcePasswordChange'))] : [];
}

/** A risk that is confirmed already is not confirmed again: that would come back as one more detection, for ever. */
function containSteps({ risk }: Evidence, containment: Containment): readonly StepKind[] {
  const raised = containment === 'raiseRisk' && knownValue(risk)?.state === 'confirmedCompromised';
  return raised ? ['revokeSessions'] : ['revokeSessions', containment];
}

function releaseSteps({ user }: Evidence): readonly StepKind[] {
  return knownValue(user)?.accountEnabled === false ? ['dismissRisk', 'enableAccount'] : ['dismissRisk'];
}

/** Whether a containment replaces the password without a person. Unknown where the preflight was not made. */
export function replacesPassword({ capabilities }: Evidence): boolean | null {
  const capability = knownValue(capabilities)?.forcePasswordChange;
  return capability ? obstacleTo(capability) === null : null;
}

/** @returns why and how a person does this step instead, or null where we do it. */
function manualStep(kind: StepKind, { capabilities }: Evidence): ManualStep | null {
  const preflight = knownValue(capabilities);
  const capability = preflight?.[kind];
  if (!capability) return stepOf(kind, unreadWords);
  const obstacle = obstacleTo(capability);
  return obstacle && stepOf(kind, manualWords[obstacle](kind));
}

const stepOf = (kind: StepKind, [reason, instruction]: ManualWords): ManualStep => ({
  kind,
  reason,
  instruction,
});

/** Of several obstacles the one that says most about who can help comes first. */
const gravestFirst: readonly Obstacle[] = [
  'guest',
  'deleted',
  'synced',
  'federated',
  'privilegedTarget',
  'managementRestricted',
  'passwordless',
  'noSelfServiceReset',
  'notGranted',
];

/**
 * Where these are not ruled out the step is left to a person. Federated is one of them because Graph would set a password
 * that the other identity provider never asks for. The others are tried: Graph refuses what it does not let us do, which
 * is then told, and the registration report has no row for many who could change their password.
 */
const ruledOutFirst: ReadonlySet<Obstacle> = new Set([
  'guest',
  'deleted',
  'synced',
  'federated',
  'privilegedTarget',
]);

function obstacleTo({ can, obstacles }: Capability): Obstacle | null {
  if (can === 'yes') return null;
  const found = gravestFirst.find(
    (obstacle) => obstacles.includes(obstacle) && (can === 'no' || ruledOutFirst.has(obstacle)),
  );
  // "No" without a reason is still no.
  return found ?? (can === 'no' ? 'notGranted' : null);
}
