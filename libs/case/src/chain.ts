import type { CaseEvent, Digest } from '@sallyport/evidence';
import { digestOf } from '@sallyport/idempotency';

/** What the first event of a case is chained to. */
export const chainStart: Digest = '0'.repeat(64);

/** The hash of one link: it fixes the case, the position, everything before, and the event itself. */
export function linkHash(caseId: string, seq: number, previous: Digest, event: CaseEvent): Digest {
  return digestOf({ caseId, event, previous, seq });
}

/** A stored link, as read from the log. */
export interface Link {
  seq: number;
  event: CaseEvent;
  hash: Digest;
}

/**
 * Checks a case's chain, oldest first. @returns the first fault found, or null for an intact chain.
 * A missing tail cannot be seen from the links alone, so the head's `seq` and `hash` are compared too.
 */
export function findChainFault(
  caseId: string,
  links: readonly Link[],
  head: { seq: number; hash: Digest },
): { seq: number; fault: string } | null {
  let previous = chainStart;
  for (const [at, link] of links.entries()) {
    const seq = at + 1;
    if (link.seq !== seq) return { seq, fault: `expected event ${seq}, found ${link.seq}` };
    if (linkHash(caseId, seq, previous, link.event) !== link.hash) {
      return { seq, fault: 'the event or its place in the chain was changed after it was written' };
    }
    previous = link.hash;
  }
  if (head.seq !== links.length || head.hash !== previous) {
    return {
      seq: links.length + 1,
      fault: `the head names event ${head.seq}, the log ends at ${links.length}`,
    };
  }
  return null;
}
