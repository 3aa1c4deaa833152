import { visibleText } from './visible-text';
import type { CardElement, OwnWords, TextRun } from './adaptive-card';

/** How much of everything a card shows. A card that is still too big is built again with a smaller scale. */
export interface Measure {
  textMaxLength: number;
  rowsMax: number;
  /** Less than the largest measure: the card says so. */
  shortened: boolean;
}

export function heading(text: OwnWords): CardElement {
  return { type: 'TextBlock', text, weight: 'Bolder', wrap: true, separator: true, spacing: 'Medium' };
}

/** A sentence of our own. */
export function remark(text: OwnWords): CardElement {
  return { type: 'TextBlock', text, isSubtle: true, wrap: true, spacing: 'Small' };
}

/** One line: our label in bold, then the value, which is only ever a TextRun. */
export function labelled(label: OwnWords, value: string, measure: Measure): CardElement {
  return line({ type: 'TextRun', text: `${label}: `, weight: 'Bolder' }, run(value, measure));
}

export function line(...inlines: TextRun[]): CardElement {
  // Lines stand closer to each other than sections, so that a long card can be skimmed.
  return { type: 'RichTextBlock', inlines, spacing: 'Small' };
}

export function run(text: string, measure: Measure): TextRun {
  return { type: 'TextRun', text: visibleText(text, measure.textMaxLength) };
}

/** A list with a visible end: what does not fit is counted, never dropped in silence. */
export function list(rows: readonly string[], measure: Measure): CardElement[] {
  return rowsOf(
    rows.map((row) => `• ${row}`),
    measure,
  );
}

/** Like {@link list}, in the order in which things are done. */
export function steps(rows: readonly string[], measure: Measure): CardElement[] {
  return rowsOf(
    rows.map((row, at) => `${at + 1}. ${row}`),
    measure,
  );
}

function rowsOf(rows: readonly string[], measure: Measure): CardElement[] {
  const shown = rows.slice(0, measure.rowsMax).map((row) => line(run(row, measure)));
  const left = rows.length - shown.length;
  if (left > 0)
    shown.push(line({ type: 'TextRun', text: `… and ${left} more, not shown here`, isSubtle: true }));
  return shown;
}

/** A heading with its list, or nothing at all. */
export function section(title: OwnWords, rows: readonly string[], measure: Measure): CardElement[] {
  return rows.length === 0 ? [] : [heading(title), ...list(rows, measure)];
}
