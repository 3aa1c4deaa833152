import { cardId } from '@sallyport/idempotency';
import type { CaseLog } from '@sallyport/case-log';
import type { SimulatorClient } from '../stack/simulator-client';
import type { ChaosCase } from './cast';

/**
 * Everybody who is asked and has not been heard clicks once. A click that finds the service down is not recorded, and
 * the person clicks again at the next round.
 */
export async function answer(cast: ChaosCase, log: CaseLog, simulator: SimulatorClient): Promise<void> {
  const c = (await log.load(cast.caseId))?.case;
  if (c?.phase !== 'voting' || !c.proposal) return;
  const { digest, votes } = c.proposal;
  const id = cardId(c.id, digest);
  const [card] = (await simulator.messages(cast.ticketNumber)).filter((message) =>
    JSON.stringify(message).includes(id),
  );
  if (!card) return;
  const { conversationId, activityId } = card;
  for (const { person, choice } of cast.ballots) {
    if (votes.some((vote) => vote.voterId === person)) continue;
    await simulator.click({ person, conversationId, activityId, verb: choice, data: { d: id } });
  }
}
