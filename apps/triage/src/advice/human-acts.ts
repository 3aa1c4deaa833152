import type { EvidenceItem } from '../input/evidence-items';

/**
 * What people may have done or said that would count for much with an approver. Evidence carries few of these: states
 * of risk ("confirmed", "dismissed"), and whether the ticket names a verified channel.
 */
const acts = [
  /\b(?:re|pre)?(?<stem>confirm|approv|verif|authori[sz]|dismiss)(?:ed|es|s|ied|ies|al|ation|ication)\b/gi,
  /\b(?:did|does|do)\s+(?<stem>confirm|approv|verif|authori[sz]|dismiss)[ey]?\b/gi,
  /\b(?:phon|telephon|call|accept|acknowledg|agre|assur|attest|clear|consent|contact|declar|den|explain|grant|inform|interview|mention|permitt|promis|question|recogni[sz]|reject|report|review|sanction|stat|validat|vett|vouch)(?:ed|ied)\b/gi,
  /\b(?:admitted|allowlisted|claims|endorsed|insists?|insisted|knew|knows|says|said|signed off|spoke|spoken|swore|told|vouches|whitelisted|wrote|written|(?:by|on the) (?:tele)?phone|phone calls?|consent|permission)\b/gi,
];

/** Whether a sentence says that somebody did such a thing, and no cited item carries it. */
export function claimsHumanAct(text: string, cited: readonly EvidenceItem[]): boolean {
  return actsIn(text).some(({ stem }) => !cited.some((item) => carries(item, stem)));
}

/** What begins a question about an act, and what begins a clause that takes one for granted. */
const asking =
  /^\s*(?:did|has|have|was|were|is|are|can|could|who|should)\s+(?!you\s+(?:know|hear|see|remember)|aware)/i;
const granting =
  /\b(?:that|because|since|although|though|given|knowing|aware|considering|now|after|before|as|so|while|when|which|and|but)\b|[.,:;()]/i;

/** The same for a question, which may ask for an act: "Did the manager confirm it?", but not "Why, if she confirmed it?". */
export function presupposesHumanAct(text: string, items: readonly EvidenceItem[]): boolean {
  const first = Math.min(...actsIn(text).map(({ at }) => at));
  if (asking.test(text) && !granting.test(text.slice(0, Math.min(first, text.length)))) return false;
  return claimsHumanAct(text, items);
}

function actsIn(text: string): { stem: string | undefined; at: number }[] {
  return acts.flatMap((act) =>
    Array.from(text.matchAll(act), ({ groups, index }) => ({
      stem: groups?.['stem']?.toLowerCase(),
      at: index,
    })),
  );
}

function carries({ fields }: EvidenceItem, stem: string | undefined): boolean {
  if (stem === undefined) return false;
  if (stem === 'verif') return fields['verifiedChannel'] === true;
  const { state } = fields;
  return typeof state === 'string' && state.startsWith(stem);
}
