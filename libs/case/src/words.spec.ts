import { noteFailureWords, timeLeft } from './words';

const now = new Date('2026-03-02T08:00:00.000Z');

it.each([
  ['2026-03-02T07:59:59.999Z', null],
  ['2026-03-02T08:00:00.000Z', null],
  ['2026-03-02T08:00:59.999Z', 'less than a minute'],
  ['2026-03-02T08:01:00.000Z', '1 min'],
  ['2026-03-02T09:00:00.000Z', '1 h 0 min'],
  ['2026-03-02T12:30:59.000Z', '4 h 30 min'],
  ['2026-03-05T08:05:00.000Z', '3 d 5 min'],
])('until %s there is left: %s', (then, words) => {
  expect(timeLeft(then, now)).toBe(words);
});

it.each([
  ['timeout', true],
  ['connection', true],
  ['notJson', true],
  ['http408', true],
  ['http503', true],
  ['recordShape', true],
  ['stalled', true],
  ['http403', false],
  ['http404', false],
  ['fieldIgnored-state', false],
])('a note that failed with %s may be there all the same: %s', (code, open) => {
  const words = noteFailureWords(code);
  expect(words.startsWith(code)).toBe(true);
  expect(words.includes('may be there or not')).toBe(open);
});
