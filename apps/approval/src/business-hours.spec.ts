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

/** A night shift, from 22:00 on five evenings; 2026-11-20 is a Friday, and the clocks of Budapest an hour ahead. */
it.each([
  ['within an evening', '2026-11-19T21:30Z', 60, '2026-11-19T22:30'],
  ['past midnight', '2026-11-19T22:30Z', 60, '2026-11-19T23:30'],
  ['from after midnight', '2026-11-20T02:00Z', 60, '2026-11-20T03:00'],
  ['up to the morning, and on in the evening', '2026-11-20T04:30Z', 60, '2026-11-20T21:30'],
  ['into the Saturday that the Friday ends on', '2026-11-20T23:30Z', 60, '2026-11-21T00:30'],
  ['not on Saturday evening', '2026-11-21T04:30Z', 60, '2026-11-23T21:30'],
  ['not in the night to Monday', '2026-11-22T23:00Z', 30, '2026-11-23T21:30'],
])('counts hours past midnight for the day on which they begin: %s', (_, from, minutes, end) => {
  const night = parseHours('Mon-Fri 22:00-06:00');
  expect(after(budapest(night ?? {}), from, minutes)).toBe(end);
});

/** 2026-03-29: 02:00 becomes 03:00. 2026-10-25: 03:00 becomes 02:00. Both are Sundays, at 01:00 UTC. */
it.each([
  ['a night that is an hour shorter', 'Sat-Sat 22:00-06:00', '2026-03-28T21:00Z', 7 * 60, '2026-03-29T04:00'],
  ['and has no eighth hour', 'Sat-Sat 22:00-06:00', '2026-03-28T21:00Z', 7 * 60 + 1, '2026-04-04T20:01'],
  ['a night that is an hour longer', 'Sat-Sat 22:00-06:00', '2026-10-24T20:00Z', 9 * 60, '2026-10-25T05:00'],
  ['an opening that the clocks skip', 'Sun-Sun 02:30-06:00', '2026-03-29T00:00Z', 60, '2026-03-29T02:30'],
  ['a closing that the clocks skip', 'Sun-Sun 01:00-02:30', '2026-03-29T00:00Z', 60, '2026-03-29T01:00'],
  ['an opening that they show twice', 'Sun-Sun 02:30-06:00', '2026-10-25T00:00Z', 60, '2026-10-25T02:30'],
  ['a day without the hour', 'Sun-Sun 00:00-24:00', '2026-03-28T23:00Z', 23 * 60, '2026-03-29T22:00'],
  ['a day with one more', 'Sun-Sun 00:00-24:00', '2026-10-24T22:00Z', 25 * 60, '2026-10-25T23:00'],
])('counts what really passes where the clocks change: %s', (_, text, from, minutes, end) => {
  expect(after(budapest(parseHours(text) ?? {}), from, minutes)).toBe(end);
});

it.each<[string, number[], number, number]>([
  ['Mon-Fri 08:00-18:00', [1, 2, 3, 4, 5], 480, 1_080],
  ['Mon-Sun 00:00-24:00', [1, 2, 3, 4, 5, 6, 7], 0, 1_440],
  ['Tue-Tue 09:30-10:00', [2], 570, 600],
  ['Sun-Thu 08:00-16:00', [7, 1, 2, 3, 4], 480, 960],
  ['Mon-Fri 22:00-06:00', [1, 2, 3, 4, 5], 1_320, 1_800],
  ['Fri-Mon 20:00-00:00', [5, 6, 7, 1], 1_200, 1_440],
])('reads %s', (text, days, opensAtMinutes, closesAtMinutes) => {
  expect(parseHours(text)).toEqual({ days: new Set(days), opensAtMinutes, closesAtMinutes });
});

it.each([
  'Mon-Fri',
  'Mon-Fri 08:00-08:00',
  'Mon-Fri 24:00-08:00',
  'Mon-Fri 08:00-24:30',
  'Mon-Fri 08:00-25:00',
  'Mon-Fri 08:60-18:00',
  'Mon-Fry 08:00-18:00',
  'Mon,Wed 08:00-18:00',
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
