import { html } from './html';

it.each([
  ['a\u202Eb\u200Bc', 'a⟨U+202E⟩b⟨U+200B⟩c'],
  ['S\u{E0103}a\uFE0Fm\u3164\u2800', 'S⟨U+E0103⟩a⟨U+FE0F⟩m⟨U+3164⟩⟨U+2800⟩'],
  ['one\u2028two\r', 'one⟨U+2028⟩two⟨U+000D⟩'],
  ['one\n\ttwo ❤\uFE0F', 'one\n\ttwo ❤\uFE0F'],
])('what no browser draws is shown, and nothing else changes: %j', (text, shown) => {
  expect(html`${text}`.markup).toBe(shown);
});
