import { timeWords } from '@sallyport/case';
import type { Untrusted } from '@sallyport/evidence';
import { type Html, html } from '../html';

/** Text that somebody outside could have chosen, kept apart from the words around it. */
export function quoted({ untrusted }: Untrusted): Html {
  return html`<bdi>${untrusted === '' ? '(empty)' : untrusted}</bdi>`;
}

/** Longer names are cut where they are a headline or one of many; the evidence has the whole. */
const maxNameLength = 80;

export function shortName({ untrusted }: Untrusted): Html {
  const cut =
    untrusted.length > maxNameLength ? `${untrusted.slice(0, maxNameLength).toWellFormed()}…` : untrusted;
  return quoted({ untrusted: cut });
}

export function time(instant: string): Html {
  return html`<time datetime="${instant}">${timeWords(instant)}</time>`;
}

export function panel(title: string, body: Html, kind = ''): Html {
  return html`<section class="panel padded ${kind}">
    <h2>${title}</h2>
    ${body}
  </section>`;
}

/** Nothing where there are no rows. */
export function list(rows: readonly (Html | string)[], kind = ''): Html {
  return rows.length === 0
    ? html``
    : html`<ul class="${kind}">
        ${rows.map((row) => html`<li>${row}</li>`)}
      </ul>`;
}

/** Name and value, where there is a value. */
export function facts(rows: readonly (readonly [name: string, value: Html | string | null])[]): Html {
  const told = rows.flatMap(([name, value]) =>
    value === null
      ? []
      : [
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
        ],
  );
  return html`<dl>${told}</dl>`;
}
