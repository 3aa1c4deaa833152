import { timeWords } from './plain-words';
import type { ProposalView, SignInView } from './proposal-view';

type Detection = ProposalView['detections'][number];

/** Values that are there, in one row; whose text it is does not matter, because the row becomes a TextRun. */
const joined = (parts: readonly (string | null | undefined)[]) => parts.filter(Boolean).join(', ');
const correlated = (id: string | null | undefined) => (id ? `correlation id ${id}` : null);

/** Long texts stand last, so that what is cut is the least needed. */
export function detectionWords({ kind, level, at, closed, country, ip, correlationId }: Detection): string {
  return joined([kind, level, timeWords(at), closed, country, ip, correlated(correlationId)]);
}

export function signInWords(last: SignInView): string {
  const hints = [hint('device', last.knownDevice), hint('network', last.knownNetwork)];
  return joined([
    timeWords(last.at),
    last.country,
    last.ip,
    ...hints,
    last.device?.untrusted,
    last.app?.untrusted,
    correlated(last.correlationId),
  ]);
}

/** Known or new by what the account did before this wave of risk; nothing where history does not tell. */
function hint(what: string, isKnown: boolean | null | undefined): string | null {
  if (isKnown === undefined || isKnown === null) return null;
  return isKnown ? `${what} seen before` : `${what} not seen before`;
}
