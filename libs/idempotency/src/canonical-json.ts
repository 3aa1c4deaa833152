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
    const { order, first, further } = shapeOf(Object.keys(value));
    let properties = '';
    for (let at = 0; at < order.length; at += 1) {
      const member = value[order[at]!];
      if (member === undefined) continue;
      const name = properties === '' ? first[at]! : further[at]!;
      // The commonest member, without a call.
      if (typeof member === 'string' && needsNoEscape.test(member)) properties += `${name}"${member}"`;
      else properties += name + canonicalJson(member);
    }
    return `{${properties}}`;
  }
  const what = typeof value === 'object' ? value.constructor.name : typeof value;
  throw new TypeError(`canonical JSON cannot hold a ${what}`);
}

/** How an object with these properties, in the order in which they were made, is written. */
interface Shape {
  keys: readonly string[];
  /** The properties in UTF-16 order, and the text before each one's value: as the first one, and after a comma. */
  order: readonly string[];
  first: readonly string[];
  further: readonly string[];
}

/**
 * Rows of one kind have the same properties in the same order, so sorting and quoting their names is done once for each
 * kind: most of what an evidence of many rows costs. By number of properties. What is kept is bounded, because names can
 * come from outside; what is not kept is only slower.
 */
const knownShapes: Shape[][] = [];
const shapesMax = 32;
const keysMax = 64;
const keyMaxLength = 64;

function shapeOf(keys: readonly string[]): Shape {
  const alike = keys.length <= keysMax ? (knownShapes[keys.length] ??= []) : [];
  for (const shape of alike) {
    let at = 0;
    while (at < keys.length && shape.keys[at] === keys[at]) at += 1;
    if (at === keys.length) return shape;
  }
  // sort() without a comparison is by UTF-16 units.
  const order = [...keys].sort();
  const first = order.map((key) => `${canonicalString(key)}:`);
  const shape = { keys, order, first, further: first.map((name) => `,${name}`) };
  if (alike.length < shapesMax && keys.every((key) => key.length <= keyMaxLength)) alike.push(shape);
  return shape;
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
