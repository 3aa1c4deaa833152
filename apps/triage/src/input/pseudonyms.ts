import type { Evidence, Reading, Untrusted } from '@sallyport/evidence';
import type { PersonalPart } from '../config';

const known = <T>(reading: Reading<T>): T | null => (reading.state === 'known' ? reading.value : null);

/** Mail addresses and user principal names, and IP addresses, wherever they stand in a text. */
const mailPattern = /[^\s<>"',;:()[\]]{1,64}@[^\s<>"',;:()[\]]{1,255}/g;
const ipPattern = /\b\d{1,3}(?:\.\d{1,3}){3}\b|(?<![\w:])(?:[0-9a-f]{0,4}:){2,7}[0-9a-f]{0,4}(?![\w:])/gi;

/**
 * Replaces what names a person or a network by names of our own. The same address is the same pseudonym within a case
 * and means nothing outside of it.
 */
export class Pseudonyms {
  private readonly networks = new Map<string, string>();
  private readonly people: ReadonlyMap<string, string>;
  private readonly peoplePattern: RegExp | null;

  constructor(
    evidence: Evidence,
    private readonly maySee: readonly PersonalPart[],
  ) {
    const user = known(evidence.user);
    const names: [Untrusted | undefined, string][] = [
      [known(evidence.manager)?.displayName, 'the manager'],
      [user?.displayName, 'the user'],
      [user?.userPrincipalName, 'the user'],
    ];
    this.people = new Map(
      names.flatMap(([name, pseudonym]) => partsOf(name?.untrusted ?? '').map((part) => [part, pseudonym])),
    );
    // Longest first, so that a whole name is one pseudonym; all in one pass, so that none is found in another.
    const parts = [...this.people.keys()].sort((a, b) => b.length - a.length).map(literally);
    this.peoplePattern =
      parts.length > 0
        ? new RegExp(`(?<![\\p{L}\\p{N}])(?:${parts.join('|')})(?![\\p{L}\\p{N}])`, 'giu')
        : null;
  }

  /** `network-1` for an address, the address itself where the model may see it. */
  network(ip: string): string {
    if (this.maySee.includes('addresses')) return ip;
    const found = this.networks.get(ip) ?? `network-${this.networks.size + 1}`;
    this.networks.set(ip, found);
    return found;
  }

  /**
   * A text with the case's people and every address in it replaced. Who is neither the user nor the manager is not known
   * by name: third persons in a ticket's text stay as they are written, and so do initials.
   */
  text(text: string): string {
    let result = text;
    if (!this.maySee.includes('names')) {
      result = result.replace(mailPattern, (mail) => this.people.get(mail.toLowerCase()) ?? '[address]');
      if (this.peoplePattern)
        result = result.replace(this.peoplePattern, (name) =>
          isWord(name) ? name : (this.people.get(name.toLowerCase()) ?? '[name]'),
        );
    }
    return this.maySee.includes('addresses') ? result : result.replace(ipPattern, (ip) => this.network(ip));
  }
}

/** How many parts of one name are looked for. */
const maxParts = 12;

/**
 * The whole name and each part of it, in lower case: of two letters or more in a person's name, of three in the domain
 * of an address, where two letters are a country. An initial alone is not looked for.
 */
function partsOf(name: string): string[] {
  const whole = name.normalize('NFKC').toLowerCase();
  const [person = '', domain = ''] = whole.split('@');
  const parts = (text: string, minLength: number) =>
    text.split(/[\s.,_-]+/).filter((part) => part.length >= minLength);
  return [...(whole.trim().length >= 2 ? [whole] : []), ...parts(person, 2), ...parts(domain, 3)].slice(
    0,
    maxParts,
  );
}

/** Whether two letters are rather a word than a name: "so", where somebody is called So. */
const isWord = (name: string): boolean =>
  name.length === 2 && name === name.toLowerCase() && name !== name.toUpperCase();

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
