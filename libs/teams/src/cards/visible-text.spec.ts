import { visibleText } from './visible-text';

it.each([
  ['Ines Varga', 'Ines Varga'],
  ['Zoë 李 नमस्ते 👍', 'Zoë 李 नमस्ते 👍'],
  ['gpj.\u202Eexe', 'gpj.⟨U+202E⟩exe'],
  ['a\u2066b\u2069', 'a⟨U+2066⟩b⟨U+2069⟩'],
  ['ad\u200Bmin', 'ad⟨U+200B⟩min'],
  ['\uFEFF\u00AD', '⟨U+FEFF⟩⟨U+00AD⟩'],
  ['\u0000\u001B[31m', '⟨U+0000⟩⟨U+001B⟩[31m'],
  ['a\u{E0041}b', 'a⟨U+E0041⟩b'],
  ['S\u{E0103}a\u{E01EF}m\uFE00\uFE0E', 'S⟨U+E0103⟩a⟨U+E01EF⟩m⟨U+FE00⟩⟨U+FE0E⟩'],
  ['❤\uFE0F ✂\uFE0E ❤\uFE0F\uFE0F', '❤\uFE0F ✂\uFE0E ❤\uFE0F⟨U+FE0F⟩'],
  ['\u034F\u115F\u3164\u180B\u2800', '⟨U+034F⟩⟨U+115F⟩⟨U+3164⟩⟨U+180B⟩⟨U+2800⟩'],
  ['half \uD83D pair', 'half ⟨U+D83D⟩ pair'],
  ['one\r\ntwo\tthree', 'one ⏎ two three'],
  ['{{DATE(2026-11-20T09:00:00Z)}} {{{', '{ {DATE(2026-11-20T09:00:00Z)}} { { {'],
  ['https://evil.example www.evil.example', 'https:⁄⁄evil.example www·evil.example'],
])('%j is shown as %j', (text, shown) => {
  expect(visibleText(text, 100)).toBe(shown);
});

it('is cut visibly, to the length asked for, and never inside a character', () => {
  expect(visibleText('abcdef', 4)).toBe('abc…');
  expect(visibleText('ab👍cd', 4)).toBe('ab…');
  expect(visibleText('abcd', 4)).toBe('abcd');
  const long = visibleText('\u202E'.repeat(1_000), 50);
  expect(long.length).toBeLessThanOrEqual(50);
  expect(long.endsWith('…')).toBe(true);
});
