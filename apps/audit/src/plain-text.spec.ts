import { untrusted } from '@sallyport/evidence';
import { plainText } from './plain-text';

it.each([
  ['two\nlines\u2028and more', 'two�lines�and more'],
  ['\u202Eevil\u200B', '�evil�'],
  ['[code]<b>[/code]', '(code)<b>(/code)'],
  // Text can be hidden in variation selectors, one byte in each.
  ['a\u{E0100}\u{E01EF}\uFE00\uFE0F', 'a����'],
  ['x\u115F\u3164\u034F\u180B\u2800y', 'x�����y'],
  ['\uE000 \u{10FFFF}', '� �'],
  ['❤\uFE0F ✂\uFE0E ❤\uFE0F\uFE0F', '❤\uFE0F ✂\uFE0E ❤\uFE0F�'],
  ['Zoë Müller 张伟', 'Zoë Müller 张伟'],
])('%j is written as %j', (text, written) => {
  expect(plainText(untrusted(text))).toBe(written);
});

it('half a pair of surrogates is no text', () => {
  expect(plainText(untrusted('a\uD800b'))).toBe('a�b');
});
