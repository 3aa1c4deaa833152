import { tellingWords } from './plain-words';
import type { Chunk } from './sentence';

/** Words with which another clause begins. */
export const clauseWords: readonly string[] = ['although', 'because', 'but', 'so', 'though', 'while'];
const persons: readonly string[] = 'attacker guest member owner subject user users who'.split(' ');
const articles: readonly string[] = ['a', 'an', 'any', 'the', 'this', 'that'];
const prepositions: readonly string[] =
  'about after against before between by for from in of on over to with'.split(' ');

/** `The owner of the account suggests`, `given by the user`: only evidence shows, suggests, means and gives something here. */
export function personTells(chunks: readonly Chunk[]): boolean {
  return chunks.some(({ written, ends }, at) => {
    if (!tellingWords.includes(written.toLowerCase())) return false;
    if (!ends && chunks[at + 1]?.written === 'by') {
      const agent = articles.includes(chunks[at + 2]?.written ?? '') ? chunks[at + 3] : chunks[at + 2];
      if (agent && persons.includes(agent.written) && !agent.owns) return true;
    }
    for (let back = at - 1; back >= 0; back -= 1) {
      const before = chunks[back];
      if (!before || before.ends || clauseWords.includes(before.written)) return false;
      if (persons.includes(before.written.toLowerCase()) && !before.owns && !isObject(chunks, back))
        return true;
    }
    return false;
  });
}

/** `the sign-in of the user` is about the sign-in. */
function isObject(chunks: readonly Chunk[], at: number): boolean {
  const before = articles.includes(chunks[at - 1]?.written ?? '') ? chunks[at - 2] : chunks[at - 1];
  return before !== undefined && prepositions.includes(before.written);
}

const possible: readonly string[] = ['could', 'may', 'might'];
/** What an attacker may have without having done anything. */
const withSession: readonly string[] = 'a access account an credentials of session the user with'.split(' ');

/** `An attacker signed in`: that there is one is a guess, so what one does is told as a possibility only. */
export function attackerActs(chunks: readonly Chunk[]): boolean {
  return chunks.some(({ written, ends }, at) => {
    if (written.toLowerCase() !== 'attacker') return false;
    for (let back = at - 1; back >= 0; back -= 1) {
      const before = chunks[back];
      if (!before || before.ends || clauseWords.includes(before.written)) break;
      if (possible.includes(before.written)) return false;
    }
    let after = at + 1;
    while (!ends && withSession.includes(chunks[after]?.written ?? '')) after += 1;
    return !possible.includes(chunks[after]?.written ?? '');
  });
}
