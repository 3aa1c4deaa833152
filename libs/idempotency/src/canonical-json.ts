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
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`canonical JSON cannot hold the number ${value}`);
    return JSON.stringify(value);
  }
  if (typeof value === 'string') return canonicalString(value);
  if (Array.isArray(value)) return `[${Array.from(value, canonicalJson).join(',')}]`;
  if (typeof value === 'object') {
    if (!isPlain(value)) throw new TypeError(`canonical JSON cannot hold a ${value.constructor.name}`);
    const properties = Object.entries(value).filter(([, member]) => member !== undefined);
    properties.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${properties.map(([key, member]) => `${canonicalString(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  throw new TypeError(`canonical JSON cannot hold a ${typeof value}`);
}

/** True for what an object literal or a JSON parser makes, of this realm or another. */
function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function canonicalString(text: string): string {
  if (!text.isWellFormed()) throw new TypeError('canonical JSON cannot hold a lone surrogate');
  return JSON.stringify(text);
}
