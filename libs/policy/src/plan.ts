import {
  type Capability,
  type Evidence,
  type ManualStep,
  type Obstacle,
  type Plan,
  type StepKind,
} from '@sallyport/evidence';
import { type ManualWords, manualWords, unreadWords } from './manual-words';
import { knownValue } from './reading';

/**
 * The steps of an action, with what we cannot do for this account named before people are asked to approve it: the
 * preflight of the evidence says what that is.
 * Release dismisses the risk first: were the account enabled first, it would be open and still blocked by its risk.
 */
export function planFor(action: Plan['action'], evidence: Evidence): Plan {
  const wanted = action === 'contain' ? containSteps : releaseSteps(evidence);
  const manualSteps = wanted.flatMap((kind) => manualStep(kind, evidence) ?? []);
  const steps = wanted.filter((kind) => !manualSteps.some((manual) => manual.kind === kind));
  return { v: 1, action, steps, manualSteps };
}

const containSteps: readonly StepKind[] = ['revokeSessions', 'forcePasswordChange'];

function releaseSteps({ user }: Evidence): readonly StepKind[] {
  return knownValue(user)?.accountEnabled === false ? ['dismissRisk', 'enableAccount'] : ['dismissRisk'];
}

/** @returns why and how a person does this step instead, or null where we do it. */
function manualStep(kind: StepKind, { capabilities }: Evidence): ManualStep | null {
  const preflight = knownValue(capabilities);
  if (!preflight) return stepOf(kind, unreadWords);
  const obstacle = obstacleTo(preflight[kind]);
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
