/**
 * Never run, only compiled, by `blind.spec.ts` and by every type check: advice cannot be given to what decides, neither
 * as an argument nor as a part of one. A line that would compile is an error. The functions of libs/case take a case that
 * has none; that they do not look all the same is watched when they run, in tools/non-interference.
 */
import {
  canApprove,
  castVote,
  filledSlots,
  matchSlots,
  nextMove,
  nextStage,
  refusalBeforeRights,
  tally,
} from '@sallyport/case';
import type { Decision, Evidence, Plan, Triage } from '@sallyport/evidence';
import { actionKey, planDigest, proposalDigest } from '@sallyport/idempotency';
import { decide, factsFrom, type Pack, planFor, rulingsFor } from '@sallyport/policy';

declare const triage: Triage;
declare const evidence: Evidence;
declare const pack: Pack;
declare const now: string;
declare const plan: Plan;
declare const decision: Decision;

// Allowed
decide(evidence, now, pack);
rulingsFor(factsFrom(evidence, now), pack);
planFor('contain', evidence);
planDigest(plan);
proposalDigest(now, now, plan);
canApprove(decision.rulings.release.quorum);

// Not allowed
// @ts-expect-error advice is no input of a decision
decide(triage, now, pack);
// @ts-expect-error advice is no input of a decision
decide({ ...evidence, triage }, now, pack);
// @ts-expect-error advice is no input of a decision
decide({ ...evidence, ticket: triage }, now, pack);
// @ts-expect-error advice is no input of a decision
decide(evidence, triage, pack);
// @ts-expect-error advice is no input of a decision
decide(evidence, now, triage);
// @ts-expect-error advice is no input of a decision
decide(evidence, now, pack, triage);
// @ts-expect-error advice is no input of a decision
factsFrom(triage, now);
// @ts-expect-error advice is no input of a decision
factsFrom({ ...evidence, triage }, now);
// @ts-expect-error advice is no input of a decision
rulingsFor(triage, pack);
// @ts-expect-error advice is no input of a decision
rulingsFor({ ...factsFrom(evidence, now), advice: triage }, pack);
// @ts-expect-error advice is no input of a decision
planFor(triage, evidence);
// @ts-expect-error advice is no input of a decision
planFor('contain', triage);
// @ts-expect-error advice is no input of a decision
planFor(triage.disagreement?.advised, evidence);
// @ts-expect-error advice is no input of a decision
planDigest(triage);
// @ts-expect-error advice is no input of a decision
planDigest({ ...plan, triage });
// @ts-expect-error advice is no input of a decision
proposalDigest(now, now, triage);
// @ts-expect-error advice is no input of a decision
proposalDigest(now, now, plan, triage);
// @ts-expect-error advice is no input of a decision
actionKey(now, now, triage, plan, 1);
// @ts-expect-error advice is no input of a decision
actionKey(now, now, 'dismissRisk', triage, 1);
// @ts-expect-error advice is no input of a decision
tally(triage);
// @ts-expect-error advice is no input of a decision
tally({ quorum: [], votes: [], triage });
// @ts-expect-error advice is no input of a decision
canApprove(triage);
// @ts-expect-error advice is no input of a decision
filledSlots([], [triage]);
// @ts-expect-error advice is no input of a decision
matchSlots([triage], []);

// Not as a part of a variable either, where the compiler asks for no more than what is needed.
const advised = { ...evidence, triage };
// @ts-expect-error advice is no input of a decision
decide(advised, now, pack);
// @ts-expect-error advice is no input of a decision
factsFrom(advised, now);
// @ts-expect-error advice is no input of a decision
planFor('contain', advised);
const advisedPlan = { ...plan, triage };
// @ts-expect-error advice is no input of a decision
planDigest(advisedPlan);
// @ts-expect-error advice is no input of a decision
proposalDigest(now, now, advisedPlan);
const advisedVotes = { quorum: [], votes: [], triage };
// @ts-expect-error advice is no input of a decision
tally(advisedVotes);

declare const seen: {
  castVote: Parameters<typeof castVote>[0];
  nextMove: Parameters<typeof nextMove>[0];
  nextStage: Parameters<typeof nextStage>[0];
  refusalBeforeRights: Parameters<typeof refusalBeforeRights>[0];
};
// @ts-expect-error a vote is judged without advice
void seen.castVote.triage;
// @ts-expect-error the next write is chosen without advice
void seen.nextMove.triage;
// @ts-expect-error the next stage is chosen without advice
void seen.nextStage.triage;
// @ts-expect-error a click is refused without advice
void seen.refusalBeforeRights.triage;
