import fc from 'fast-check';
import { canonicalJson } from './canonical-json';
import { digestOf } from './digest';

/** The number whose IEEE 754 bits are these 16 hex digits. */
const double = (bits: string): number => Buffer.from(bits, 'hex').readDoubleBE();

/** RFC 8785, appendix B: bits and canonical form. */
const numbers: [bits: string, form: string][] = [
  ['0000000000000000', '0'],
  ['8000000000000000', '0'],
  ['0000000000000001', '5e-324'],
  ['8000000000000001', '-5e-324'],
  ['7fefffffffffffff', '1.7976931348623157e+308'],
  ['ffefffffffffffff', '-1.7976931348623157e+308'],
  ['4340000000000000', '9007199254740992'],
  ['c340000000000000', '-9007199254740992'],
  ['4430000000000000', '295147905179352830000'],
  ['44b52d02c7e14af5', '9.999999999999997e+22'],
  ['44b52d02c7e14af6', '1e+23'],
  ['44b52d02c7e14af7', '1.0000000000000001e+23'],
  ['444b1ae4d6e2ef4e', '999999999999999700000'],
  ['444b1ae4d6e2ef4f', '999999999999999900000'],
  ['444b1ae4d6e2ef50', '1e+21'],
  ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
  ['3eb0c6f7a0b5ed8d', '0.000001'],
  ['41b3de4355555553', '333333333.3333332'],
  ['41b3de4355555554', '333333333.33333325'],
  ['41b3de4355555555', '333333333.3333333'],
  ['41b3de4355555556', '333333333.3333334'],
  ['41b3de4355555557', '333333333.33333343'],
  ['becbf647612f3696', '-0.0000033333333333333333'],
  ['43143ff3c1cb0959', '1424953923781206.2'],
];

describe('canonical JSON, with the vectors of RFC 8785', () => {
  it.each(numbers)('writes the number %s as %s', (bits, form) => {
    expect(canonicalJson(double(bits))).toBe(form);
  });

  it('writes the sample of section 3.2.2', () => {
    const value: unknown = JSON.parse(
      String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
        "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`,
    );
    expect(canonicalJson(value)).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
        String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('sorts properties by UTF-16 units, as section 3.2.3 does', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\u{1f600}', '\u0080', '\u00f6'];
    const sorted = Object.keys(
      JSON.parse(canonicalJson(Object.fromEntries(names.map((name) => [`k${name}`, 0])))) as object,
    );
    expect(sorted).toEqual(
      ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\u{1f600}', '\ufb33'].map((n) => `k${n}`),
    );
    expect(canonicalJson({ '10': 0, '9': 0, a: 0, B: 0 })).toBe('{"10":0,"9":0,"B":0,"a":0}');
  });

  it('escapes what must be escaped, in the short form where there is one, and nothing else', () => {
    expect(canonicalJson('\b\t\n\f\r"\\')).toBe(String.raw`"\b\t\n\f\r\"\\"`);
    expect(canonicalJson('\u0000\u001f\u007f\u2028/é')).toBe(`"${String.raw`\u0000\u001f`}\u007f\u2028/é"`);
  });
});

describe('canonical JSON of our data', () => {
  it('leaves out properties that are undefined, like JSON does', () => {
    expect(canonicalJson({ a: undefined, b: null })).toBe('{"b":null}');
  });

  it('reads objects of other realms and without a prototype', () => {
    const bare: unknown = Object.assign(Object.create(null) as object, {
      b: 1,
      a: structuredClone({ c: [2] }),
    });
    expect(canonicalJson(bare)).toBe('{"a":{"c":[2]},"b":1}');
  });

  it('is the same for equal data, whatever the order of its properties', () => {
    const reversed = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map(reversed)
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(
              Object.entries(value)
                .reverse()
                .map(([key, member]) => [key, reversed(member)]),
            )
          : value;
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value));
        expect(digestOf(JSON.parse(canonicalJson(value)))).toBe(digestOf(value));
      }),
    );
  });

  it('is different for different data: nothing is lost on the way back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
    expect(canonicalJson(['1'])).not.toBe(canonicalJson([1]));
    expect(canonicalJson(['a,b'])).not.toBe(canonicalJson(['a', 'b']));
    expect(canonicalJson({})).not.toBe(canonicalJson([]));
  });

  it('is right for more kinds of objects than it remembers, and again', () => {
    const kinds = Array.from({ length: 100 }, (_, at) => ({
      [`b${at}`]: at,
      a: 'a',
      [`c${at % 3}`]: undefined,
    }));
    for (const turn of [1, 2])
      for (const [at, kind] of kinds.entries())
        expect([turn, canonicalJson(kind)]).toEqual([turn, `{"a":"a","b${at}":${at}}`]);
  });

  it('tells objects apart that have the same properties in another order, or leave out the first', () => {
    expect(canonicalJson({ b: 1, a: '2' })).toBe('{"a":"2","b":1}');
    expect(canonicalJson({ a: '2', b: 1 })).toBe('{"a":"2","b":1}');
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonicalJson({ b: undefined, a: 'é' })).toBe('{"a":"é"}');
    expect(canonicalJson({ a: undefined, b: undefined })).toBe('{}');
    const many = Object.fromEntries(Array.from({ length: 70 }, (_, at) => [`k${69 - at}`, at]));
    expect(JSON.parse(canonicalJson(many))).toEqual(many);
  });

  it.each<[what: string, value: unknown]>([
    ['NaN', double('7fffffffffffffff')],
    ['Infinity', double('7ff0000000000000')],
    ['minus infinity', [-Infinity]],
    ['undefined', undefined],
    ['undefined in an array', [undefined]],
    ['a hole in an array', new Array<number>(1)],
    ['a function', { a: () => 1 }],
    ['a symbol', [Symbol('s')]],
    ['a bigint', 1n],
    ['a Date, which would read as {}', { at: new Date(0) }],
    ['a Map, which would read as {}', new Map([['a', 1]])],
    ['a Buffer', Buffer.from('a')],
    ['a lone high surrogate', '\ud83d'],
    ['a lone low surrogate in a property name', { '\ude00': 1 }],
  ])('refuses %s', (_what, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });
});

describe('the digest', () => {
  it('is the SHA-256 of the UTF-8 text', () => {
    // printf '{"a":"é"}' | sha256sum
    expect(digestOf({ a: 'é' })).toBe('b3a092a6af48807fa9482b2ee140105575daa26d5b24b3c0e60a7e2dee6683b1');
    expect(digestOf({})).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});
