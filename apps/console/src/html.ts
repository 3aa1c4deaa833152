import { codePointWords } from '@sallyport/evidence';

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

/**
 * Control, formatting and other invisible characters become their code points: a name with a direction override in it must
 * not turn the words around it, nor hide others. Line feeds and tabs stay, and how an emoji is to be drawn.
 */
function visible(text: string): string {
  return text.replace(invisible, codePointWords);
}

const invisible =
  /(?<!\p{Extended_Pictographic})[\uFE0E\uFE0F]|(?![\n\t\uFE0E\uFE0F])[\p{C}\p{Default_Ignorable_Code_Point}\u2800]/gu;
