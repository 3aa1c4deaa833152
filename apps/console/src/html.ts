import { codePointWords, showUnseen } from '@sallyport/evidence';

/** A piece of markup that is safe to send. Only {@link html} makes one. */
export class Html {
  constructor(readonly markup: string) {}
}

type Value = string | number | Html | readonly Html[];

/** Markup in which every value that is not itself markup is escaped. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(parts.map((part, at) => part + render(values[at] ?? '')).join(''));
}

function render(value: Value): string {
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(({ markup }) => markup).join('');
  return visible(String(value)).replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Line feeds and tabs stay. */
const visible = (text: string): string =>
  showUnseen(text, (character) => (/[\n\t]/.test(character) ? character : codePointWords(character)));
