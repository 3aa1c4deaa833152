import {
  type Evidence,
  type EvidencePart,
  evidenceParts,
  type Reading,
  type UnknownReason,
} from '@sallyport/evidence';
import { type Html, html } from '../html';
import { list, panel } from './pieces';

const partWords: Readonly<Record<EvidencePart, string>> = {
  ticket: 'The ticket',
  user: 'The account',
  standing: 'Whether it is on one of the protected lists',
  roles: 'Its directory roles',
  risk: 'Its risk',
  detections: 'The risk detections',
  episode: 'Which detections belong together',
  campaign: 'Whether others had the same',
  history: 'The history of its risk',
  signIns: 'The sign-ins',
  changes: 'Changes to the account',
  logs: 'How complete the logs are',
  devices: 'The devices',
  registration: 'The registered sign-in methods',
  manager: 'The manager',
  capabilities: 'What Sallyport may do to this account',
};

const reasonWords: Readonly<Record<UnknownReason, string>> = {
  notFound: 'not found',
  ambiguous: 'not unambiguous',
  forbidden: 'Sallyport may not read it',
  unavailable: 'the source did not answer',
  invalid: 'the answer made no sense',
  hidden: 'hidden by the tenant’s licence',
  notConfigured: 'not configured',
};

/** Every part of the evidence that could not be read, and why: what is not known cannot speak for a release. */
export function unknownPanel(evidence: Evidence): Html {
  const rows = evidenceParts.flatMap((part) => {
    const reading: Reading<unknown> | undefined = evidence[part];
    return reading?.state === 'unknown' ? [html`${partWords[part]}: ${reasonWords[reading.reason]}`] : [];
  });
  const all = html`<p class="soft">Every reading succeeded.</p>`;
  return panel('What is unknown', rows.length === 0 ? all : list(rows), rows.length > 0 ? 'warn' : '');
}
