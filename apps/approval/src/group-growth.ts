import type { Case } from '@sallyport/case';
import type { EffectLedger } from '@sallyport/case-log';
import type { MessageRef } from '@sallyport/evidence';
import { whereDelivered } from './post-once';

/** People are told anew when a group has grown to this, and each time it has doubled since: a campaign is loud enough. */
const firstGrowth = 10;

/** The size at which people were last to be told anew, or null where the group is still small. */
export function growthToTell(count: number): number | null {
  if (count < firstGrowth) return null;
  return firstGrowth * 2 ** Math.floor(Math.log2(count / firstGrowth));
}

/** The message that tells of this size. */
export const grownKind = (size: number): string => `group-grown-${size}`;

/** Every message in the channel that told how the group of this lead has grown, while it had up to `count` cases. */
export async function grownMessages(effects: EffectLedger, lead: Case, count: number): Promise<MessageRef[]> {
  const seq = lead.review?.openedSeq ?? lead.seq;
  const found: MessageRef[] = [];
  for (let size = growthToTell(count); size !== null; size = growthToTell(size / 2)) {
    const purpose = `teams-${grownKind(size)}-channel`;
    found.push(...(await whereDelivered(effects, { caseId: lead.id, purpose, seq })));
  }
  return found;
}
