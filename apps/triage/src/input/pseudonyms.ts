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

  /** A text with the case's people and every address in it replaced. */
  text(text: string): string {
    let result = text;
    if (!this.maySee.includes('names')) {
      result = result.replace(mailPattern, (mail) => this.people.get(mail.toLowerCase()) ?? '[address]');
      if (this.peoplePattern)
        result = result.replace(
          this.peoplePattern,
          (name) => this.people.get(name.toLowerCase()) ?? '[name]',
        );
    }
    return this.maySee.includes('addresses') ? result : result.replace(ipPattern, (ip) => this.network(ip));
  }
}

/** How many parts of one name are looked for. */
const maxParts = 12;

/** The whole name and each part of it of three letters or more, in lower case. */
function partsOf(name: string): string[] {
  const whole = name.normalize('NFKC').toLowerCase();
  return [whole, ...whole.split(/[\s.,_@-]+/)].filter((part) => part.trim().length >= 3).slice(0, maxParts);
}

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
