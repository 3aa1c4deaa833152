const english = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/** Other names in common use, and adjectives that `Intl` does not know. Source: ISO 3166-1 and everyday English. */
const alsoCalled: Readonly<Record<string, readonly string[]>> = {
  AE: ['Emirates', 'UAE', 'Emirati', 'Dubai'],
  AU: ['Australian'],
  BR: ['Brazilian'],
  BY: ['Belarusian'],
  CA: ['Canadian'],
  CH: ['Swiss'],
  CN: ['Chinese'],
  CZ: ['Czech Republic', 'Czech'],
  DE: ['German'],
  ES: ['Spanish'],
  FR: ['French'],
  GB: ['UK', 'Britain', 'England', 'Scotland', 'Wales', 'British', 'English'],
  IN: ['Indian'],
  IR: ['Iranian'],
  IT: ['Italian'],
  JP: ['Japanese'],
  KP: ['North Korean'],
  KR: ['South Korean', 'Korea', 'Korean'],
  MX: ['Mexican'],
  NG: ['Nigerian'],
  NL: ['Holland', 'Dutch'],
  PK: ['Pakistani'],
  PL: ['Polish'],
  PT: ['Portuguese'],
  QA: ['Qatari'],
  RU: ['Russian'],
  SY: ['Syrian'],
  TR: ['Turkey', 'Turkish'],
  UA: ['Ukrainian'],
  US: ['USA', 'America', 'American'],
  VN: ['Vietnamese'],
};

/** Countries by lower-case name, and by their code in capitals. */
const codes = new Map<string, string>();
const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
for (const code of letters.flatMap((first) => letters.map((second) => `${first}${second}`))) {
  const name = english.of(code);
  if (!name) continue;
  codes.set(code, code);
  for (const called of [name, ...(alsoCalled[code] ?? [])]) codes.set(called.toLowerCase(), code);
}

/** Abbreviations that would read as a country: "Entra ID" is no Indonesia, nor "Azure AD" Andorra. */
const notCountries = /\b(?:Entra ID|Azure AD|IT department|IT team)\b/g;

/** ISO codes of the countries that a text names, by code, name or adjective. */
export function countriesIn(text: string): Set<string> {
  const plain = text.replace(notCountries, ' ');
  const found = new Set<string>();
  for (const [code] of plain.matchAll(/\b[A-Z]{2,3}\b/g)) {
    const country = codes.get(code) ?? codes.get(code.toLowerCase());
    if (country) found.add(country);
  }
  const words = ` ${plain.toLowerCase().replace(/[^a-z]+/g, ' ')} `;
  for (const [name, code] of codes) {
    // A two-letter word in lower case is a word.
    const spoken = name.replace(/[^a-z]+/g, ' ').trim();
    if (name === name.toLowerCase() && spoken.length > 3 && words.includes(` ${spoken} `)) found.add(code);
  }
  return found;
}
