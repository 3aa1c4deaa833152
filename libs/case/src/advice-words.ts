import type { Evidence, Triage } from '@sallyport/evidence';
import { timeWords } from './words';

const courses = {
  contain: 'contain the account',
  release: 'release the account',
  close: 'close the case',
} as const;

/**
 * Where a model's first choice is not the strictest action that policy permits. Its caution is told as caution, and only what is
 * milder is measured by policy.
 */
export function disagreementWords({ advised, strictest }: NonNullable<Triage['disagreement']>): string {
  const careful = 'Take that for a reason to look twice before you approve.';
  if (advised === 'contain') return `The model would leave the account contained. ${careful}`;
  if (advised === null && strictest !== 'contain')
    return `The model would do nothing yet, and not ${courses[strictest]}. ${careful}`;
  const model = advised ? courses[advised] : 'do nothing yet';
  return `The model would ${model}. The strictest course that policy permits is to ${courses[strictest]}. Policy counts.`;
}

const rowNames: Readonly<Record<string, string>> = {
  detections: 'detection',
  signIns: 'sign-in',
  changes: 'change',
  devices: 'device',
};

/** What a statement rests on, as people find it: a row by its time, as cards and console show it. `signIns/…`, `risk` */
export function citedWords(ref: string, evidence: Evidence): string {
  const [part = '', id] = ref.split('/');
  if (part === 'ticket') return id === undefined ? 'ticket' : 'note in the ticket';
  if (part === 'signIns' && id === undefined) return 'sign-ins';
  const name = rowNames[part];
  if (id === undefined || name === undefined) return part === 'user' ? 'account' : part;
  const at = timesOf(evidence).get(ref);
  return at === undefined ? name : `${name} of ${timeWords(at)}`;
}

function timesOf({ detections, signIns, changes }: Evidence): Map<string, string> {
  const times = new Map<string, string>();
  if (detections.state === 'known')
    for (const row of detections.value) times.set(`detections/${row.id}`, row.activityAt ?? row.detectedAt);
  if (signIns.state === 'known') for (const row of signIns.value) times.set(`signIns/${row.id}`, row.at);
  if (changes.state === 'known') for (const row of changes.value) times.set(`changes/${row.id}`, row.at);
  return times;
}
