import { riskLevels } from '@sallyport/evidence';
import { graphInstantOrNull, instantOf, knownOrUnknown } from './graph-values';

describe('times of Graph', () => {
  it.each<[string, string | null, string]>([
    ['2026-11-20T09:14:27.1180000Z', '2026-11-20T09:14:27.118Z', 'seven digits'],
    ['2026-11-20T09:14:27.9999999Z', '2026-11-20T09:14:27.999Z', 'cut, never rounded into the next second'],
    ['2026-11-20T09:14:27Z', '2026-11-20T09:14:27.000Z', 'no fraction'],
    ['2026-11-20T09:14:27.5Z', '2026-11-20T09:14:27.500Z', 'one digit'],
    ['2026-11-20T10:14:27+01:00', '2026-11-20T09:14:27.000Z', 'another zone'],
    ['2026-11-20T10:00:00', null, 'no zone, as in innerError.date'],
    ['2026-13-20T10:00:00Z', null, 'no such month'],
    ['yesterday', null, 'no time'],
  ])('%s becomes %s (%s)', (text, instant) => {
    expect(instantOf(text)).toBe(instant);
  });

  it('reads the empty date of .NET, null and absence as never', () => {
    const never = ['0001-01-01T00:00:00Z', null, undefined].map((value) => graphInstantOrNull.parse(value));
    expect(never).toEqual([null, null, null]);
  });
});

it.each([
  ['medium', 'medium'],
  ['hidden', 'hidden'],
  ['unknownFutureValue', 'unknown'],
  ['catastrophic', 'unknown'],
  ['toString', 'unknown'],
  [null, 'unknown'],
  [undefined, 'unknown'],
])('the risk level %p is read as %s', (sent, read) => {
  expect(knownOrUnknown(riskLevels).parse(sent)).toBe(read);
});
