import { type Evidence, type EvidencePart, evidenceParts, type UnknownReason } from '@sallyport/evidence';

const partWords: Record<EvidencePart, string> = {
  ticket: 'the ticket and its subject',
  user: 'the account',
  standing: 'the lists of protected accounts',
  roles: 'directory roles',
  risk: 'the user risk',
  detections: 'risk detections',
  episode: 'the wave of risk',
  campaign: 'who else is hit',
  history: 'the history of the risk',
  signIns: 'the sign-in log',
  changes: 'the audit log',
  logs: 'how complete the logs are',
  devices: 'registered devices',
  registration: 'sign-in methods',
  manager: 'the manager',
  capabilities: 'what Sallyport may do to the account',
};

const reasonWords: Record<UnknownReason, string> = {
  notFound: 'there is no such entry',
  ambiguous: 'more than one matches',
  forbidden: 'reading was refused; have the credentials and permissions of the reader checked',
  unavailable: 'no usable answer came in time',
  invalid:
    'what came was not an answer of that system (a proxy or maintenance page, for example) or has a new form',
  hidden: 'the system does not show it to Sallyport; licence or permission may be missing',
  notConfigured: 'it is not configured',
};

/** What was not known when the case was decided, by reason: a person can only mend what is named. */
export function unreadLines(evidence: Evidence): string[] {
  const byReason = new Map<UnknownReason, { parts: EvidencePart[]; details: Set<string> }>();
  for (const part of evidenceParts) {
    const reading = evidence[part];
    if (reading?.state !== 'unknown') continue;
    const group = byReason.get(reading.reason) ?? { parts: [], details: new Set() };
    byReason.set(reading.reason, group);
    group.parts.push(part);
    group.details.add(reading.detail);
  }
  return [...byReason].map(([reason, { parts, details }]) => {
    const what = parts.map((part) => partWords[part]).join(', ');
    // Codes for whoever looks into it; one stands for the others of its kind.
    const [detail = ''] = details;
    return `- ${what}: ${reasonWords[reason]} (${detail})`;
  });
}
