import { isIP } from 'node:net';
import type { EvidenceItem } from '../input/evidence-items';
import { phrasesFor } from './said-as';

/** What one item of evidence lends to a sentence that cites it, each in the form in which a sentence must write it. */
export interface Ground {
  /** What it is a row of: `signIn`, `change`. */
  kind: string;
  /** Single words and phrases. */
  phrases: readonly string[];
  /** `QA` and `Qatar`. */
  countries: readonly string[];
  /** `2026-11-20 09:12` */
  instants: readonly string[];
  addresses: readonly string[];
  /** How many there are of what is named so in the plural: a count is none of anything else. */
  counts: readonly { count: number; of: string }[];
  errorCodes: readonly string[];
}

const countedAs: Readonly<Record<string, readonly string[]>> = {
  detections: ['detections', 'risk detections'],
  signIns: ['sign-ins'],
  changes: ['changes'],
  devices: ['devices'],
  activeRoles: ['active roles'],
  eligibleRoles: ['eligible roles'],
};
/** All that is counted, in the plural. */
export const countedNames: readonly string[] = Object.values(countedAs).flat();

/** Values that are no words by themselves: states that people bring about, and what would deny every other value. */
const saidOtherwise: readonly unknown[] = ['dismissed', 'remediated', 'unknown'];

/**
 * Only what {@link EvidenceItem} carries plainly: what outsiders could have written is marked there, and grounds nothing.
 * The numbers that we give to items and networks are no evidence either, nor is how much of a list is shown.
 */
export function groundOf({ id, fields }: EvidenceItem): Ground {
  const ground = {
    kind: id.replace(/-\d+$/, ''),
    phrases: [] as string[],
    countries: [] as string[],
    instants: [] as string[],
    addresses: [] as string[],
    counts: [] as { count: number; of: string }[],
    errorCodes: [] as string[],
  };
  for (const [field, value] of Object.entries(fields)) {
    if (value === null || typeof value === 'object') continue;
    ground.phrases.push(...phrasesFor(field, value));
    // As words of their own they would tell it of whatever else a sentence speaks of.
    if (field === 'notKnown' || field === 'reason') continue;
    if (typeof value === 'boolean') continue;
    if (typeof value === 'number') {
      if (field === 'errorCode' && value !== 0) {
        ground.errorCodes.push(String(value));
        ground.phrases.push('error code');
      }
      const names = countedAs[field === 'count' ? id : field] ?? [];
      ground.counts.push(...names.map((of) => ({ count: value, of })));
      continue;
    }
    const country = field === 'country' ? /^([A-Z]{2}) \((.+)\)$/.exec(value) : null;
    if (country) ground.countries.push(...country.slice(1));
    else if (/^\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC$/.test(value)) ground.instants.push(value.slice(0, 16));
    else if (isIP(value) !== 0) ground.addresses.push(value);
    else if (/^[A-Za-z]+$/.test(value) && !saidOtherwise.includes(value)) ground.phrases.push(value);
  }
  return ground;
}
