import type { Evidence, Reading } from '@sallyport/evidence';
import type { PersonalPart } from '../config';
import { foldedText } from './folded-text';
import { addressesIn, canonicalAddress, type Span } from './network-addresses';
import { accountNamesOf, namesOf, type PersonName } from './person-names';
import { nameSpans } from './name-spans';

const known = <T>(reading: Reading<T>): T | null => (reading.state === 'known' ? reading.value : null);

/** Mail addresses and user principal names. */
const mailPattern = /[^\s<>"',;:()[\]]{1,64}@[^\s<>"',;:()[\]]{1,255}/g;
/** `CONTOSO\ssubject`, an account name as Windows writes it. */
const accountPattern = /[\p{L}\p{N}._-]{1,64}\\{1,2}([\p{L}\p{N}._$-]{1,64})/gu;

/** A part of a folded text, and what is said in its place. */
interface Replacement extends Span {
  by: () => string;
}

/**
 * Replaces what names a person or a network by names of our own. The same address is the same pseudonym within a case
 * and means nothing outside of it.
 */
export class Pseudonyms {
  private readonly networks = new Map<string, string>();
  /** Folded names, whose they are, and whether they begin longer words. */
  private readonly people: ReadonlyMap<string, { pseudonym: string; begins: boolean }>;

  constructor(
    evidence: Evidence,
    private readonly maySee: readonly PersonalPart[],
  ) {
    const user = known(evidence.user);
    const people = new Map<string, { pseudonym: string; begins: boolean }>();
    const add = (names: readonly PersonName[], pseudonym: string) => {
      for (const { name, begins } of names)
        people.set(name, { pseudonym, begins: begins || people.get(name)?.begins === true });
    };
    add(namesOf(known(evidence.manager)?.displayName.untrusted ?? ''), 'the manager');
    add(namesOf(user?.displayName.untrusted ?? ''), 'the user');
    add(accountNamesOf(user?.userPrincipalName.untrusted ?? ''), 'the user');
    this.people = people;
  }

  /** `network-1` for an address, the address itself where the model may see it. */
  network(ip: string): string {
    if (this.maySee.includes('addresses')) return ip;
    const address = canonicalAddress(ip);
    const found = this.networks.get(address) ?? `network-${this.networks.size + 1}`;
    this.networks.set(address, found);
    return found;
  }

  /**
   * A text with the case's people and every address in it replaced. Who is neither the user nor the manager is not known
   * by name: third persons in a ticket's text stay as they are written, and so do initials.
   */
  text(text: string): string {
    const { folded, starts, ends } = foldedText(text);
    const replaced: Replacement[] = [];
    const add = (spans: readonly Span[], by: (written: string) => string) =>
      replaced.push(...spans.map((span) => ({ ...span, by: () => by(folded.slice(span.start, span.end)) })));
    if (!this.maySee.includes('names')) {
      add(spansOf(folded, mailPattern), (mail) => this.people.get(mail)?.pseudonym ?? '[address]');
      add(
        spansOf(folded, accountPattern),
        (it) => this.people.get(it.split('\\').at(-1) ?? '')?.pseudonym ?? '[account]',
      );
      for (const { name, ...span } of nameSpans(text, { folded, starts, ends }, this.people))
        replaced.push({ ...span, by: () => this.people.get(name)?.pseudonym ?? '[name]' });
    }
    if (!this.maySee.includes('addresses')) add(addressesIn(folded), (ip) => this.network(ip));

    let result = '';
    let at = 0;
    for (const { start, end, by } of united(replaced)) {
      result += text.slice(at, starts[start]) + by();
      at = ends[end - 1] ?? text.length;
    }
    return result + text.slice(at);
  }
}

const spansOf = (folded: string, pattern: RegExp): Span[] =>
  [...folded.matchAll(pattern)].map(({ index, 0: found }) => ({ start: index, end: index + found.length }));

/** In order, and none in another: what overlaps is one, and called by what of it comes first and is longest. */
function united(replacements: readonly Replacement[]): Replacement[] {
  const result: Replacement[] = [];
  for (const next of [...replacements].sort((a, b) => a.start - b.start || b.end - a.end)) {
    const last = result.at(-1);
    if (last && next.start < last.end) last.end = Math.max(last.end, next.end);
    else result.push({ ...next });
  }
  return result;
}
