import { type Detection } from '@sallyport/evidence';
import { timeWords } from './words';

/** Who, by how Identity Protection names the ways in which risk is closed. Source: Graph riskDetail, v1.0 schema. */
const closers: readonly (readonly [start: RegExp, who: string])[] = [
  [/^(admin|m365DAdmin)/, ' by an administrator'],
  [/^user/, ' by the user'],
  [/^(ai|microsoft)/, ' by Microsoft'],
];
const stateWords: Readonly<Partial<Record<Detection['state'], string>>> = {
  dismissed: 'dismissed',
  confirmedSafe: 'confirmed safe',
  remediated: 'remediated',
};

/** How a detection was closed, for people; null for one that is open, or of a state that is new to us. */
export function closedBy({ state, detail = '' }: Pick<Detection, 'state' | 'detail'>): string | null {
  const words = stateWords[state];
  if (words === undefined) return null;
  return words + (closers.find(([start]) => start.test(detail))?.[1] ?? '');
}

/** The same with the time, for plain text: approvers weigh a new detection otherwise where somebody closed one before. */
export function closedWords(detection: Detection): string | null {
  const words = closedBy(detection);
  return words === null || !detection.updatedAt ? words : `${words} ${timeWords(detection.updatedAt)}`;
}
