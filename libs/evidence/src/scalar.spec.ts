import {
  digestSchema,
  instantSchema,
  objectIdSchema,
  showUnseen,
  sysIdSchema,
  untrusted,
  untrustedMaxLength,
  untrustedSchema,
} from './scalar';
import { sampleId, sampleInstant } from './testing/samples';

describe('an instant', () => {
  it.each(['2026-03-02T08:00:00.000Z', '2024-02-29T23:59:59.999Z', sampleInstant(90)])(
    'may be %s',
    (text) => {
      expect(instantSchema.parse(text)).toBe(text);
      expect(new Date(text).toISOString()).toBe(text);
    },
  );

  // One moment has one spelling, or digests and string comparison of times would lie.
  it.each([
    ['seconds only, as Graph sends them', '2026-03-02T08:00:00Z'],
    ['seven digits, as Graph sends them too', '2026-03-02T08:00:00.0000000Z'],
    ['an offset', '2026-03-02T09:00:00.000+01:00'],
    ['no zone', '2026-03-02T08:00:00.000'],
    ['small letters', '2026-03-02t08:00:00.000z'],
    ['a space, as ServiceNow sends it', '2026-03-02 08:00:00'],
    ['a day that does not exist', '2026-02-30T08:00:00.000Z'],
    ['hour 24', '2026-03-02T24:00:00.000Z'],
    ['a leap second', '2026-03-02T23:59:60.000Z'],
    ['a date', '2026-03-02'],
    ['a number', 1_772_438_400_000],
    ['a line break after it', '2026-03-02T08:00:00.000Z\n'],
  ])('is not %s', (_what, text) => {
    expect(instantSchema.safeParse(text).success).toBe(false);
  });

  it('sorts as text as it does in time', () => {
    const times = [-100_000, -1, 0, 59, 60, 1_440, 600_000].map(sampleInstant);
    expect([...times].reverse().sort()).toEqual(times);
  });
});

describe('an object id', () => {
  it('is kept in lower case, so that one person has one id', () => {
    expect(objectIdSchema.parse('ABCDEF00-0000-0000-0000-00000000000F')).toBe(
      'abcdef00-0000-0000-0000-00000000000f',
    );
  });

  it.each([
    '',
    'sam@contoso.example',
    sampleId(1).replaceAll('-', ''),
    `{${sampleId(1)}}`,
    `${sampleId(1)}\n`,
  ])('is not %j', (text) => {
    expect(objectIdSchema.safeParse(text).success).toBe(false);
  });
});

describe('digests and sys_ids', () => {
  it.each([
    [digestSchema, 64],
    [sysIdSchema, 32],
  ])('have one length and small letters', (schema, length) => {
    expect(schema.safeParse('a'.repeat(length)).success).toBe(true);
    for (const text of [
      'A'.repeat(length),
      'a'.repeat(length - 1),
      'g'.repeat(length),
      `${'a'.repeat(length)}\n`,
    ]) {
      expect(schema.safeParse(text).success).toBe(false);
    }
  });
});

describe('untrusted text', () => {
  it('is never a plain string', () => {
    expect(untrustedSchema.safeParse('text').success).toBe(false);
    expect(untrustedSchema.parse(untrusted('text'))).toEqual({ untrusted: 'text' });
    expect(String(untrusted('text'))).not.toContain('text');
  });

  it('is cut where it is too long, visibly', () => {
    const whole = 'x'.repeat(untrustedMaxLength);
    expect(untrusted(whole).untrusted).toBe(whole);
    const cut = untrusted(`${whole}x`).untrusted;
    expect(cut).toHaveLength(untrustedMaxLength);
    expect(cut.endsWith('x…')).toBe(true);
    expect(untrustedSchema.safeParse({ untrusted: `${whole}x` }).success).toBe(false);
  });
});

describe('what nobody can see', () => {
  it.each([
    ['a control', 'a\u0007b\u0085', 'a⟨U+0007⟩b⟨U+0085⟩'],
    ['a direction', '\u202Eb\u2066\u200F', '⟨U+202E⟩b⟨U+2066⟩⟨U+200F⟩'],
    ['no width', 'a\u200Bb\u00AD\uFEFF', 'a⟨U+200B⟩b⟨U+00AD⟩⟨U+FEFF⟩'],
    ['a tag', '\u{E0041}', '⟨U+E0041⟩'],
    ['private use', '\uE000\u{10FFFF}', '⟨U+E000⟩⟨U+10FFFF⟩'],
    ['no character', '\u0378', '⟨U+0378⟩'],
    ['half a pair', '\uD800b', '⟨U+D800⟩b'],
    ['a break', 'a\nb\tc\u2028d\u2029', 'a⟨U+000A⟩b⟨U+0009⟩c⟨U+2028⟩d⟨U+2029⟩'],
    ['a variation selector', 'a\uFE0F\u{E0103}\u180B', 'a⟨U+FE0F⟩⟨U+E0103⟩⟨U+180B⟩'],
    ['a filler', '\u115F\u3164\u2800\u034F', '⟨U+115F⟩⟨U+3164⟩⟨U+2800⟩⟨U+034F⟩'],
  ])('is shown: %s', (_, text, shown) => {
    expect(showUnseen(text)).toBe(shown);
  });

  it.each(['Zoë 李 नमस्ते 👍', 'a b\u00A0c\u3000d', '❤\uFE0F ✂\uFE0E', 'e\u0301'])('is not in %j', (text) => {
    expect(showUnseen(text)).toBe(text);
  });

  it('is how an emoji is drawn only once', () => {
    expect(showUnseen('❤\uFE0F\uFE0F')).toBe('❤\uFE0F⟨U+FE0F⟩');
  });
});
