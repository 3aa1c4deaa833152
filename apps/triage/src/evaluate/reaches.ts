import type { Evidence } from '@sallyport/evidence';
import type { PersonalPart } from '../config';
import type { EvidenceItem } from '../input/evidence-items';
import { Pseudonyms } from '../input/pseudonyms';
import { shownText } from '../input/shown-text';

/** UTF-16 units of a text by which it is recognised: less than any of them is cut to. */
const recognisedBy = 60;

/**
 * Whether a text stands among what a model is told. A prompt that is another does not say so: a new display name is
 * shown nowhere, and yet changes which words of the ticket are taken for a name.
 *
 * @param evidence with the text in it
 * @param items what the model is told of that evidence
 */
export function reaches(
  text: string,
  evidence: Evidence,
  items: readonly EvidenceItem[],
  maySee: readonly PersonalPart[],
): boolean {
  const shown = shownText(new Pseudonyms(evidence, maySee).text(text.normalize('NFKC')), 2 * recognisedBy);
  const start = unnumbered(shown).slice(0, recognisedBy);
  return items.some(({ fields }) =>
    Object.values(fields).some(
      (value) => typeof value === 'object' && unnumbered(value?.untrusted ?? '').startsWith(start),
    ),
  );
}

/** Networks are counted anew by whoever counts them. */
const unnumbered = (text: string): string => text.replace(/network-\d+/g, 'network');
