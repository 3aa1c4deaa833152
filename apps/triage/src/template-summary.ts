import { type Case, successesOf, timeWords } from '@sallyport/case';
import type { Evidence, Reading, SignIn, Triage } from '@sallyport/evidence';
import { logReachDays } from '@sallyport/policy';

/**
 * The deterministic summary: what is known, what is not, and what policy asks, in plain words. It quotes no text that
 * somebody outside could have written, so there is nothing in it to inject.
 */
export function templateSummary(c: Case & { evidence: Evidence }): Triage {
  const { evidence, decision } = c;
  const statements = [
    risk(evidence),
    detections(evidence),
    signIns(evidence),
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

/** One statement: an advice has five at most. */
function signIns(evidence: Evidence): string {
  const successes = successesOf(evidence, logReachDays);
  if (!successes) return 'The sign-ins could not be read.';
  const { before, newest } = successes;
  const rows = [
    ...(before === undefined ? [] : [`Last successful sign-in before the episode: ${success(before)}.`]),
    `Newest successful sign-in: ${success(newest)}.`,
  ];
  return rows.join(' ');
}

function success(signIn: SignIn | null): string {
  if (!signIn) return `none in the ${logReachDays} days read`;
  const mfa = {
    passed: 'with MFA',
    claimed: 'with MFA of an earlier sign-in',
    notPassed: 'without MFA',
    unknown: 'MFA not recorded',
  }[signIn.mfa];
  const device = { true: ', on a device seen before', false: ', on a device not seen before', null: '' };
  return `${timeWords(signIn.at)}, ${mfa}${device[`${signIn.knownDevice}`]}`;
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
