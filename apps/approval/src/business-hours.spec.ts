import { afterWorkingMinutes, type BusinessHours, isTimeZone, parseHours } from './business-hours';

const budapest = (over: Partial<BusinessHours> = {}): BusinessHours => ({
  timeZone: 'Europe/Budapest',
  days: new Set([1, 2, 3, 4, 5]),
  opensAtMinutes: 8 * 60,
  closesAtMinutes: 18 * 60,
  holidays: new Set(),
  ...over,
});
const after = (hours: BusinessHours | null, from: string, minutes: number) =>
  afterWorkingMinutes(hours, new Date(from), minutes).toISOString().slice(0, 16);

/** Budapest is an hour ahead of UTC in winter and two in summer; 2026-11-20 is a Friday. */
it.each([
  ['within a day', '2026-11-20T08:00Z', 60, '2026-11-20T09:00'],
  ['up to the minute of closing', '2026-11-20T16:00Z', 60, '2026-11-20T17:00'],
  ['over a weekend', '2026-11-20T16:30Z', 60, '2026-11-23T07:30'],
  ['from before opening', '2026-11-20T03:00Z', 60, '2026-11-20T08:00'],
  ['from after closing', '2026-11-19T20:00Z', 60, '2026-11-20T08:00'],
  ['from a Sunday', '2026-11-22T12:00Z', 30, '2026-11-23T07:30'],
  ['several days', '2026-11-16T07:00Z', 25 * 60, '2026-11-18T12:00'],
  ['over the end of summer time', '2026-10-23T15:00Z', 120, '2026-10-26T08:00'],
  ['over its begin', '2026-03-27T16:00Z', 120, '2026-03-30T07:00'],
])('counts working time only: %s', (_, from, minutes, end) => {
  expect(after(budapest(), from, minutes)).toBe(end);
});

it('counts around the clock where there are no hours', () => {
  expect(after(null, '2026-11-20T23:30Z', 240)).toBe('2026-11-21T03:30');
});

it('leaves out holidays', () => {
  const hours = budapest({ holidays: new Set(['2026-11-23']) });
  expect(after(hours, '2026-11-20T16:30Z', 60)).toBe('2026-11-24T07:30');
});

it('knows where on earth it is', () => {
  const auckland = budapest({ timeZone: 'Pacific/Auckland' });
  // Sunday evening in UTC is Monday morning there, 13 hours ahead in November.
  expect(after(auckland, '2026-11-22T20:00Z', 60)).toBe('2026-11-22T21:00');
  const honolulu = budapest({ timeZone: 'Pacific/Honolulu' });
  expect(after(honolulu, '2026-11-21T02:00Z', 60)).toBe('2026-11-21T03:00');
  expect(after(honolulu, '2026-11-21T05:00Z', 60)).toBe('2026-11-23T19:00');
});

it('never waits longer than a month, however short the hours', () => {
  const rare = budapest({ days: new Set([7]), opensAtMinutes: 600, closesAtMinutes: 601 });
  expect(after(rare, '2026-11-20T08:00Z', 600)).toBe('2026-12-21T08:00');
});

it.each(['Mon-Fri 08:00-18:00', 'Mon-Sun 00:00-24:00', 'Tue-Tue 09:30-10:00'])('reads %s', (text) => {
  expect(parseHours(text)?.days.has(2)).toBe(true);
});

it.each([
  'Mon-Fri',
  'Fri-Mon 08:00-18:00',
  'Mon-Fri 18:00-08:00',
  'Mon-Fri 08:00-24:30',
  'Mon-Fry 08:00-18:00',
  '8-18',
])('does not read %s', (text) => {
  expect(parseHours(text)).toBeNull();
});

it.each([
  ['Europe/Budapest', true],
  ['UTC', true],
  ['Europe/Sallyport', false],
])('%s is a time zone: %p', (name, is) => {
  expect(isTimeZone(name)).toBe(is);
});
