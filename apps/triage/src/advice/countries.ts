const english = new Intl.DisplayNames(['en'], { type: 'region', fallback: 'none' });

/**
 * By code: other names in common use, and what the people and things of a country are called, none of which `Intl`
 * knows. Source: ISO 3166-1 and everyday English.
 */
const alsoCalled: ReadonlyMap<string, readonly string[]> = new Map(
  `AD: Andorran ; AE: Emirates,UAE,Emirati,Dubai,Abu Dhabi ; AF: Afghan,Afghani ; AG:
   Antigua,Barbuda,Antiguan,Barbudan ; AI: Anguillan ; AL: Albanian ; AM: Armenian ; AO: Angolan ; AR:
   Argentine,Argentinian,Argentinean ; AT: Austrian ; AU: Australian,Aussie ; AW: Aruban ; AZ: Azerbaijani,Azeri ;
   BA: Bosnia,Herzegovina,Bosnian,Herzegovinian ; BB: Barbadian,Bajan ; BD: Bangladeshi ; BE:
   Belgian,Flemish,Walloon ; BF: Burkinabe ; BG: Bulgarian ; BH: Bahraini ; BI: Burundian ; BJ: Beninese ; BM:
   Bermudian,Bermudan ; BN: Bruneian ; BO: Bolivian ; BR: Brazilian,Brasil ; BS: Bahamian,Bahamas ; BT: Bhutanese ;
   BW: Botswanan,Motswana ; BY: Belarusian,Belorussian ; BZ: Belizean ; CA: Canadian ; CD: Congo
   Kinshasa,Congolese,Democratic Republic of the Congo,DR Congo ; CF: Central African ; CG: Congo,Republic of the
   Congo ; CH: Swiss,Swiss Confederation ; CI: Ivory Coast,Ivorian ; CL: Chilean ; CM: Cameroonian ; CN:
   Chinese,PRC ; CO: Colombian ; CR: Costa Rican ; CU: Cuban ; CV: Cape Verdean,Cabo Verde ; CY: Cypriot ; CZ:
   Czech Republic,Czech ; DE: German ; DJ: Djiboutian ; DK: Danish,Dane ; DM: Dominican Commonwealth ; DO:
   Dominican ; DZ: Algerian ; EC: Ecuadorian,Ecuadorean ; EE: Estonian ; EG: Egyptian ; ER: Eritrean ; ES:
   Spanish,Spaniard,Catalan,Basque ; ET: Ethiopian ; FI: Finnish,Finn ; FJ: Fijian ; FM: Micronesian ; FO: Faroese
   ; FR: French,Frenchman ; GA: Gabonese ; GB: UK,Britain,England,Scotland,Wales,Northern
   Ireland,British,English,Scottish,Welsh,Briton,Northern Irish ; GD: Grenadian ; GE: Georgian ; GH: Ghanaian ; GI:
   Gibraltarian ; GL: Greenlandic,Greenlander ; GM: Gambian ; GN: Guinean ; GQ: Equatoguinean ; GR: Greek,Hellenic
   ; GT: Guatemalan ; GW: Bissau Guinean ; GY: Guyanese ; HK: Hong Kong,Hongkong,Hongkonger ; HN: Honduran ; HR:
   Croatian,Croat ; HT: Haitian ; HU: Hungarian,Magyar ; ID: Indonesian,Bali,Balinese ; IE: Irish ; IL: Israeli ;
   IM: Manx ; IN: Indian ; IQ: Iraqi ; IR: Iranian,Persian ; IS: Icelandic,Icelander ; IT: Italian,Sicilian ; JM:
   Jamaican ; JO: Jordanian ; JP: Japanese ; KE: Kenyan ; KG: Kyrgyz,Kirghiz ; KH: Cambodian,Khmer ; KI: Kiribati ;
   KM: Comorian ; KN: Kittitian,Nevisian ; KP: North Korean ; KR: South Korean,Korea,Korean ; KW: Kuwaiti ; KY:
   Caymanian,Cayman ; KZ: Kazakh,Kazakhstani ; LA: Laotian ; LB: Lebanese ; LC: Saint Lucian ; LI: Liechtensteiner
   ; LK: Sri Lankan ; LR: Liberian ; LS: Basotho ; LT: Lithuanian ; LU: Luxembourgish,Luxembourger ; LV: Latvian ;
   LY: Libyan ; MA: Moroccan ; MC: Monegasque ; MD: Moldovan ; ME: Montenegrin ; MG: Malagasy,Madagascan ; MH:
   Marshallese ; MK: Macedonian,Macedonia ; ML: Malian ; MM: Burmese,Burma ; MN: Mongolian,Mongol ; MO:
   Macanese,Macau,Macao ; MR: Mauritanian ; MT: Maltese ; MU: Mauritian ; MV: Maldivian ; MW: Malawian ; MX:
   Mexican ; MY: Malaysian,Malay ; MZ: Mozambican ; NA: Namibian ; NE: Nigerien ; NG: Nigerian ; NI: Nicaraguan ;
   NL: Holland,Dutch ; NO: Norwegian ; NP: Nepali,Nepalese ; NR: Nauruan ; NZ: Kiwi ; OM: Omani ; PA: Panamanian ;
   PE: Peruvian ; PG: Papuan ; PH: Filipino,Filipina,Philippine ; PK: Pakistani ; PL: Polish,Pole ; PR: Puerto
   Rican ; PS: Palestinian,Palestine ; PT: Portuguese ; PW: Palauan ; PY: Paraguayan ; QA: Qatari ; RO: Romanian ;
   RS: Serbian,Serb ; RU: Russian ; RW: Rwandan ; SA: Saudi,Saudi Arabian ; SB: Solomon Islander ; SC: Seychellois
   ; SD: Sudanese ; SE: Swedish,Swede ; SG: Singaporean ; SI: Slovenian,Slovene ; SK: Slovak,Slovakian ; SL: Sierra
   Leonean ; SM: Sammarinese ; SN: Senegalese ; SO: Somali,Somalian ; SR: Surinamese ; SS: South Sudanese ; ST:
   Santomean ; SV: Salvadoran,Salvadorian ; SY: Syrian ; SZ: Swazi,Swaziland ; TD: Chadian ; TG: Togolese ; TH:
   Thai ; TJ: Tajik,Tajikistani ; TL: Timorese,East Timor ; TM: Turkmen ; TN: Tunisian ; TO: Tongan ; TR:
   Turkey,Turkish,Turk ; TT: Trinidad,Tobago,Trinidadian ; TV: Tuvaluan ; TW: Taiwanese ; TZ: Tanzanian ; UA:
   Ukrainian ; UG: Ugandan ; US: USA,America,American,United States of America ; UY: Uruguayan ; UZ:
   Uzbek,Uzbekistani ; VA: Vatican,Holy See ; VC: Vincentian ; VE: Venezuelan ; VN: Vietnamese,Vietnam ; VU:
   Vanuatuan ; WS: Samoan ; XK: Kosovar,Kosovan ; YE: Yemeni ; ZA: South African ; ZM: Zambian ; ZW: Zimbabwean`
    .split(';')
    .map((row) => row.replace(/\s+/g, ' ').trim().split(': '))
    .map(([code = '', names = '']) => [code, names.split(',')]),
);

/** Countries by lower-case name, and by their code in capitals. */
const codes = new Map<string, string>();
const letters = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ');
for (const code of letters.flatMap((first) => letters.map((second) => `${first}${second}`))) {
  const name = english.of(code);
  if (!name) continue;
  codes.set(code, code);
  for (const called of [name, ...(alsoCalled.get(code) ?? [])]) codes.set(plainly(called), code);
}

/** In lower case and without accents: `Türkiye` is also `turkiye`. */
function plainly(name: string): string {
  return name.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
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
  const words = ` ${plainly(plain).replace(/[^a-z]+/g, ' ')} `;
  for (const [name, code] of codes) {
    // A two-letter word in lower case is a word.
    const spoken = name.replace(/[^a-z]+/g, ' ').trim();
    if (name !== name.toLowerCase() || spoken.length <= 3) continue;
    if (words.includes(` ${spoken} `) || words.includes(` ${spoken}s `)) found.add(code);
  }
  return found;
}
