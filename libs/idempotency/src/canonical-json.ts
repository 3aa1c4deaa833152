/** A JSON value. `undefined` is not one: leave the property out. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * Canonical JSON after RFC 8785 (JCS): properties in UTF-16 order, no white space, ECMAScript number and string
 * forms. Equal data gives equal text on every machine.
 *
 * @throws TypeError for what JSON cannot hold (NaN, infinities, functions, undefined inside an array), for objects of
 * a class (a Date or a Map would silently read as `{}`), and for lone surrogates, which have no UTF-8 form and so no digest that two implementations would agree on.
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return canonicalString(value);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON cannot hold the number ${value}`);
    return JSON.stringify(value);
  }
  // Texts are put together in loops: every event and every evidence is hashed, and this is most of what that costs.
  if (Array.isArray(value)) {
    let items = '';
    // By index, so that a hole is met and refused.
    for (let at = 0; at < value.length; at += 1) items += (at > 0 ? ',' : '') + canonicalJson(value[at]);
    return `[${items}]`;
  }
  if (typeof value === 'object' && isRecord(value)) {
    let properties = '';
    // sort() without a comparison is by UTF-16 units.
    for (const key of Object.keys(value).sort()) {
      const member = value[key];
      if (member === undefined) continue;
      properties += `${properties === '' ? '' : ','}${canonicalString(key)}:${canonicalJson(member)}`;
    }
    return `{${properties}}`;
  }
  const what = typeof value === 'object' ? value.constructor.name : typeof value;
  throw new TypeError(`canonical JSON cannot hold a ${what}`);
}

/** True for what an object literal or a JSON parser makes, of this realm or another. */
function isRecord(value: object): value is Record<string, unknown> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Printable ASCII without quote and backslash: its JSON form is itself between quotes. */
const needsNoEscape = /^[ !#-[\]-~]*$/;

function canonicalString(text: string): string {
  if (needsNoEscape.test(text)) return `"${text}"`;
  if (!text.isWellFormed()) throw new TypeError('canonical JSON cannot hold a lone surrogate');
  return JSON.stringify(text);
}
