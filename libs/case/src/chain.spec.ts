import { type CaseEvent, caseEventSchema } from '@sallyport/evidence';
import fc from 'fast-check';
import { chainStart, findChainFault, type Link, linkHash } from './chain';
import { foldCase } from './fold';
import { logIn, opened } from './testing/a-case';

const caseId = opened().caseId;

function chainOf(log: readonly CaseEvent[], id = caseId): Link[] {
  let previous = chainStart;
  return log.map((event, at) => {
    previous = linkHash(id, at + 1, previous, event);
    return { seq: at + 1, event, hash: previous };
  });
}
const headOf = (links: readonly Link[]) => ({ seq: links.length, hash: links.at(-1)?.hash ?? chainStart });

const links = chainOf(logIn('executing'));
const head = headOf(links);
const anyPosition = fc.nat({ max: links.length - 1 });
const renumbered = (changed: readonly Link[]) => changed.map((link, at) => ({ ...link, seq: at + 1 }));

type Path = readonly (string | number)[];

/** The way to every value in `value`, leaves and branches. */
function pathsIn(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [path];
  const keys: Path = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  const inside = keys.flatMap((key) => pathsIn(Reflect.get(value, key), [...path, key]));
  return path.length > 0 ? [path, ...inside] : inside;
}

/** A copy of `event` in which the value at `path` is another one. */
function tampered(event: CaseEvent, path: Path, how: 'change' | 'remove' | 'add'): CaseEvent {
  const copy = JSON.parse(JSON.stringify(event)) as CaseEvent;
  const holder = path.slice(0, -1).reduce<object>((at, key) => Reflect.get(at, key) as object, copy);
  const key = path.at(-1)!;
  if (how === 'remove' && !Array.isArray(holder)) Reflect.deleteProperty(holder, key);
  else if (how === 'add' && !Array.isArray(holder)) Reflect.set(holder, `${key}-added`, null);
  else Reflect.set(holder, key, another(Reflect.get(holder, key)));
  return copy;
}

function another(value: unknown): unknown {
  if (typeof value === 'string') return `${value} `;
  if (typeof value === 'number') return value + 1;
  if (typeof value === 'boolean') return !value;
  return value === null ? false : null;
}

describe('an intact chain', () => {
  it('has no fault', () => {
    expect(findChainFault(caseId, links, head)).toBeNull();
  });

  it('survives storage: key order and spacing do not matter', () => {
    const stored = links.map((link) => ({
      ...link,
      event: caseEventSchema.parse(
        Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(link.event)) as object).reverse()),
      ),
    }));
    expect(findChainFault(caseId, stored, head)).toBeNull();
    expect(foldCase(stored.map((link) => link.event))).toEqual(foldCase(logIn('executing')));
  });

  it('may be empty, where the head says so', () => {
    expect(findChainFault(caseId, [], { seq: 0, hash: chainStart })).toBeNull();
    expect(findChainFault(caseId, [], head)).toMatchObject({ seq: 1 });
  });

  it('has the hashes that an outsider computes from the documented form', () => {
    expect(linkHash(caseId, 1, chainStart, opened())).toBe(links[0]?.hash);
    expect(links[0]?.hash).toMatch(/^[0-9a-f]{64}$/);
  });
});

describe('any single change is found', () => {
  it('of any value at any depth of any event', () => {
    const places = links.flatMap((link, at) => pathsIn(link.event).map((path) => ({ at, path })));
    for (const { at, path } of places) {
      for (const how of ['change', 'remove', 'add'] as const) {
        const event = tampered(links[at]!.event, path, how);
        const changed = links.with(at, { ...links[at]!, event });
        expect(findChainFault(caseId, changed, head)).toMatchObject({ seq: at + 1 });
      }
    }
    expect(places.length).toBeGreaterThan(100);
  });

  it('of a hash', () => {
    fc.assert(
      fc.property(anyPosition, fc.nat({ max: 63 }), (at, digit) => {
        const { hash } = links[at]!;
        const flipped = `${hash.slice(0, digit)}${hash[digit] === '0' ? '1' : '0'}${hash.slice(digit + 1)}`;
        const changed = links.with(at, { ...links[at]!, hash: flipped });
        expect(findChainFault(caseId, changed, head)).not.toBeNull();
      }),
    );
  });

  it('of the order, also where the numbers are put right again', () => {
    fc.assert(
      fc.property(anyPosition, anyPosition, (a, b) => {
        fc.pre(a !== b);
        const swapped = links.with(a, links[b]!).with(b, links[a]!);
        expect(findChainFault(caseId, swapped, head)).toMatchObject({ seq: Math.min(a, b) + 1 });
        expect(findChainFault(caseId, renumbered(swapped), head)).not.toBeNull();
      }),
    );
  });

  it('by an event that is left out', () => {
    fc.assert(
      fc.property(anyPosition, (at) => {
        const dropped = links.toSpliced(at, 1);
        expect(findChainFault(caseId, dropped, head)).toMatchObject({ seq: at + 1 });
        expect(findChainFault(caseId, renumbered(dropped), head)).toMatchObject({ seq: at + 1 });
      }),
    );
  });

  it('by an event that is put in', () => {
    fc.assert(
      fc.property(fc.nat({ max: links.length }), anyPosition, (at, copied) => {
        const inserted = links.toSpliced(at, 0, links[copied]!);
        expect(findChainFault(caseId, inserted, head)).not.toBeNull();
        expect(findChainFault(caseId, renumbered(inserted), head)).not.toBeNull();
      }),
    );
  });

  it('by a tail that is cut off', () => {
    fc.assert(
      fc.property(anyPosition, (length) => {
        expect(findChainFault(caseId, links.slice(0, length), head)).toMatchObject({ seq: length + 1 });
      }),
    );
  });

  it('even where every later hash was computed again, because the head has the old one', () => {
    fc.assert(
      fc.property(anyPosition, (at) => {
        const log = links.map((link) => link.event);
        const forged = chainOf(log.with(at, tampered(log[at]!, ['at'], 'change')));
        expect(findChainFault(caseId, forged, head)).not.toBeNull();
      }),
    );
  });

  it('of a number, in a link or in the head', () => {
    const misnumbered = links.with(2, { ...links[2]!, seq: 4 });
    expect(findChainFault(caseId, misnumbered, head)).toMatchObject({ seq: 3 });
    expect(findChainFault(caseId, links, { ...head, seq: head.seq + 1 })).toMatchObject({
      seq: head.seq + 1,
    });
  });

  it('because the hash fixes the case, the position, everything before, and the event', () => {
    const hashes = [
      linkHash(caseId, 1, chainStart, opened()),
      linkHash(opened('another').caseId, 1, chainStart, opened()),
      linkHash(caseId, 2, chainStart, opened()),
      linkHash(caseId, 1, links[0]!.hash, opened()),
      linkHash(caseId, 1, chainStart, opened('another')),
    ];
    expect(new Set(hashes).size).toBe(hashes.length);
  });

  it('by a chain that belongs to another case', () => {
    const other = opened('another').caseId;
    expect(findChainFault(other, links, head)).toMatchObject({ seq: 1 });
    expect(findChainFault(caseId, chainOf(logIn('executing'), other), head)).toMatchObject({ seq: 1 });
  });
});
