import { type Case, timeWords } from '@sallyport/case';
import type { Evidence, Reading, Triage } from '@sallyport/evidence';

/**
 * The deterministic summary: what is known, what is not, and what policy asks, in plain words. It quotes no text that
 * somebody outside could have written, so there is nothing in it to inject.
 */
export function templateSummary(c: Case & { evidence: Evidence }): Triage {
  const { evidence, decision } = c;
  const statements = [
    risk(evidence),
    detections(evidence),
    signIn(evidence),
    changes(evidence),
    unknowns(evidence),
  ];
  const proposed = decision?.proposed;
  return {
    v: 1,
    author: { kind: 'template', name: 'Sallyport template v1' },
    statements,
    recommendation:
      proposed?.action === 'release'
        ? 'Policy allows a release. Approve only if you have spoken with the user over a channel you already trusted.'
        : 'Policy allows containment only. Approve it unless you know that the account is in good hands.',
    openQuestions: openQuestions(evidence),
  };
}

const known = <T>(reading: Reading<T>): T | null => (reading.state === 'known' ? reading.value : null);

function risk(evidence: Evidence): string {
  const value = known(evidence.risk);
  if (!value) return 'The user’s risk could not be read.';
  const since = value.lastUpdatedAt ? ` (last changed ${timeWords(value.lastUpdatedAt)})` : '';
  return `Identity Protection rates the user ${value.level}, state ${value.state}${since}.`;
}

function detections(evidence: Evidence): string {
  const rows = known(evidence.detections);
  if (!rows) return 'The risk detections could not be read.';
  const newest = rows.reduce<string | null>(
    (at, row) => (at && at > row.detectedAt ? at : row.detectedAt),
    null,
  );
  const kinds = [...new Set(rows.map((row) => row.kind))].filter((kind) => /^[A-Za-z0-9]{1,60}$/.test(kind));
  if (!newest) return 'No risk detection is on record in the window.';
  const listed = kinds.length > 0 ? `: ${kinds.slice(0, 5).join(', ')}` : ', of a kind not listed here';
  return `${rows.length} detection(s)${listed}; the newest at ${timeWords(newest)}.`;
}

function signIn(evidence: Evidence): string {
  const rows = known(evidence.signIns);
  if (!rows) return 'The sign-ins could not be read.';
  const success = rows.find((row) => row.errorCode === 0 && row.interactive);
  if (!success) return 'No successful interactive sign-in is on record in the window.';
  const mfa = {
    passed: 'with MFA',
    claimed: 'with MFA of an earlier sign-in',
    notPassed: 'without MFA',
    unknown: 'MFA not recorded',
  }[success.mfa];
  return `Last successful interactive sign-in: ${timeWords(success.at)}, ${mfa}${success.deviceId ? ', from a registered device' : ''}.`;
}

function changes(evidence: Evidence): string {
  const rows = known(evidence.changes);
  if (!rows) return 'The directory’s audit events could not be read.';
  const kinds = [
    ...new Set(rows.filter((row) => row.succeeded && row.kind !== 'other').map((row) => row.kind)),
  ];
  return kinds.length > 0
    ? `Changes in the window: ${kinds.join(', ')}.`
    : 'No notable account change in the window.';
}

function unknowns(evidence: Evidence): string {
  const missing = Object.entries(evidence).flatMap(([part, reading]) =>
    typeof reading === 'object' && reading.state === 'unknown' ? [`${part} (${reading.reason})`] : [],
  );
  return missing.length > 0 ? `Not known: ${missing.join(', ')}.`.slice(0, 400) : 'Every reading succeeded.';
}

function openQuestions(evidence: Evidence): string[] {
  const questions = [
    'Has somebody spoken with the user over a channel that was trusted before this incident?',
  ];
  const rows = known(evidence.changes);
  if (rows?.some((row) => row.kind === 'securityInfoRegistered')) {
    questions.push('Was it the user who registered the new security info?');
  }
  if (known(evidence.devices)?.some((device) => device.registeredAt)) {
    questions.push('Does the user recognise the newest device on the account?');
  }
  return questions;
}
