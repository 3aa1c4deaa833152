import { isIPv6 } from 'node:net';

/** A part of a text: UTF-16 units from `start` to before `end`. */
export interface Span {
  start: number;
  end: number;
}

/** Between the four numbers: a dot, as it is written so that nobody follows it, or what host names have in its place. */
const dot = String.raw`(?:[.。_-]|\\\.|[[({](?:\.|dot)[\])}])`;
/** Four numbers, or more: of `ec2-203-0-113-10` the last four. */
const v4Pattern = new RegExp(String.raw`(?<!\d)\d{1,3}(?:${dot}\d{1,3}){3,}(?!\d)`, 'g');
/** Whatever stands in a row of hexadecimal digits and colons, with four numbers at its end. */
const v6Pattern = /[0-9a-f:]+(?:(?:\.\d{1,3}){3}(?!\d))?/g;

/** Every IP address in a text of small letters, whatever word it is a part of. Spans may lie in each other. */
export function addressesIn(folded: string): Span[] {
  const spanOf = ({ index, 0: found }: RegExpMatchArray & { index: number }): Span => ({
    start: index,
    end: index + found.length,
  });
  return [
    ...[...folded.matchAll(v6Pattern)]
      .map(spanOf)
      .filter((span) => isV6(folded, span))
      .map((span) => withoutPrefix(folded, span)),
    ...[...folded.matchAll(v4Pattern)].map(spanOf),
  ];
}

/** Six groups or more, or a gap: `09:12:01` is a time of day, and `std::` a word. Rather one too many than one too few. */
function isV6(folded: string, { start, end }: Span): boolean {
  const run = folded.slice(start, end);
  const colons = run.split(':').length - 1;
  if (colons === run.length) return false;
  if (!run.includes('::')) return colons >= 5;
  const inWord = /[a-z_]/.test(folded.slice(start - 1, start)) || /[a-z_]/.test(folded.slice(end, end + 1));
  return /\d/.test(run) || (!inWord && isIPv6(run));
}

/** Without the end of a word before it: `source:2001:db8::7`. Where nothing of it is an address, all of it stays one. */
function withoutPrefix(folded: string, { start, end }: Span): Span {
  const endOfWord = /[a-z_]/.test(folded.slice(start - 1, start));
  const letters = endOfWord ? (/^[a-f]+:(?!:)/.exec(folded.slice(start, end))?.[0].length ?? 0) : 0;
  let at = start + letters;
  while (at < end && !isIPv6(folded.slice(at, end))) {
    const colon = folded.indexOf(':', at);
    if (colon < 0 || colon >= end) return { start, end };
    at = colon + 1;
  }
  return at < end ? { start: at, end } : { start, end };
}

/** The one way to write an address, so that two ways of it are the same network. What is none stays as it is. */
export function canonicalAddress(written: string): string {
  const small = written.toLowerCase().replace(/^:(?!:)|(?<!:):$/g, '');
  if (!small.includes(':')) {
    const numbers = small.match(/\d{1,3}/g) ?? [];
    return numbers.length < 4 ? small : numbers.slice(-4).map(Number).join('.');
  }
  if (!isIPv6(small)) return small;
  const shortest = new URL(`http://[${small}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(shortest);
  if (!mapped) return shortest;
  return mapped
    .slice(1)
    .flatMap((group) => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255])
    .join('.');
}
