import { untrusted } from '@sallyport/evidence';
import { known, managerId } from '@sallyport/evidence/testing';
import type { PersonalPart } from '../config';
import { richEvidence } from '../testing/rich-evidence';
import { canonicalAddress } from './network-addresses';
import { Pseudonyms } from './pseudonyms';

const { user } = richEvidence();
const sample = user.state === 'known' ? user.value : null;

/** The pseudonyms of a case about this person. */
function pseudonyms(displayName: string, userPrincipalName: string, maySee: PersonalPart[] = []) {
  const evidence = richEvidence({
    user: known({
      ...sample!,
      displayName: untrusted(displayName),
      userPrincipalName: untrusted(userPrincipalName),
    }),
    manager: known({ id: managerId, displayName: untrusted('Max Manager'), accountEnabled: true }),
  });
  return new Pseudonyms(evidence, maySee);
}
const sam = () => pseudonyms('Sam Subject', 'sam.subject@contoso.example');

it.each([
  ['203.0.113.10', 'network-1'],
  ['from 203.0.113.10.', 'from network-1.'],
  ['ip_203.0.113.10', 'ip_network-1'],
  ['IP203.0.113.10', 'IPnetwork-1'],
  ['203.0.113.10:443 and 203.000.113.010', 'network-1:443 and network-1'],
  ['ec2-203-0-113-10.compute.example', 'ecnetwork-1.compute.example'],
  ['ip-203-0-113-10', 'ip-network-1'],
  ['203[.]0[.]113[.]10', 'network-1'],
  ['203(dot)0(dot)113(dot)10 or 203{.}0{.}113{.}10', 'network-1 or network-1'],
  ['203\\.0\\.113\\.10', 'network-1'],
  ['203_0_113_10', 'network-1'],
  ['203.\u200b0.11\u00ad3.10', 'network-1'],
  ['::ffff:203.0.113.10', 'network-1'],
  ['[::FFFF:cb00:710a]', '[network-1]'],
  ['64:ff9b::203.0.113.10', 'network-1'],
  ['2001:db8::7', 'network-1'],
  ['2001:DB8:0:0::0007 is 2001:db8::7', 'network-1 is network-1'],
  ['ip2001:db8::7,', 'ipnetwork-1,'],
  ['source:2001:db8::7', 'source:network-1'],
  ['[2001:db8::7]:443', '[network-1]:443'],
  ['2001:0db8:0000:0000:0000:0000:0000:0007', 'network-1'],
  ['fe80::1%eth0', 'network-1%eth0'],
  ['00:1b:44:11:3a:b7', 'network-1'],
  ['198.51.100.1, 198.51.100.2, 198.51.100.1', 'network-1, network-2, network-1'],
])('writes the address in %j as %j', (text, expected) => {
  expect(sam().text(text)).toBe(expected);
});

it.each([
  'at 09:12:01 on 2026-11-20',
  '2026-11-20T09:12:01.123Z',
  'Windows 10.0.22631',
  'Edg/131.0.2903.51',
  'std::string, a: b, ::',
  '+1-555-0100-2000',
  '12 of 34, 5.6',
])('leaves %j, which has no address in it', (text) => {
  expect(sam().text(text)).toBe(text);
});

it.each([
  ['Sam Subject', 'sam.subject@contoso.example', 'SAM SUBJECT called', 'the user called'],
  ['Sam Subject', 'sam.subject@contoso.example', 'S\u00adam Subj\u200bect', 'the user'],
  ['Sam Subject', 'sam.subject@contoso.example', 'hi\u200bSam', 'hi\u200bthe user'],
  ['Sam Subject', 'sam.subject@contoso.example', 'Subject, Sam', 'the user, the user'],
  ['Sam Subject', 'sam.subject@contoso.example', 'SamSubject’s laptop', 'the user’s laptop'],
  ['Sam Subject', 'sam.subject@contoso.example', 'sam.subject logged in', 'the user logged in'],
  ['Sam Subject', 'sam.subject@contoso.example', 'sam_subject, sam2', 'the user_the user, the user2'],
  ['Sam Subject', 'sam.subject@contoso.example', 'CONTOSO\\ssubject', 'the user'],
  ['Sam Subject', 'sam.subject@contoso.example', 'ssubject, subjects', 'the user, the user'],
  [
    'Sam Subject',
    'sam.subject@contoso.example',
    'CONTOSO\\svc-7 and FABRIKAM\\jo',
    '[account] and [account]',
  ],
  ['Sam Subject', 'sam.subject@contoso.example', 'S\u0430m is not Samuel', 'S\u0430m is not Samuel'],
  ['Sam Subject', 'sam.subject@contoso.example', 'SAM.SUBJECT@CONTOSO.EXAMPLE', 'the user'],
  ['Sam Subject', 'sam.subject@contoso.example', 'sam.subj\u200bect@contoso.example', 'the user'],
  ['Sam Subject', 'sam.subject@contoso.example', 'jo@fabrikam.example', '[address]'],
  ['Sam Subject', 'sam.subject@contoso.example', 'Max Manager, MAX', 'the manager, the manager'],
  ['Jörg Müller', 'jmueller@contoso.de', 'Muller, MÜLLER, Mu\u0308ller, Mueller', [4, 'the user']],
  ['Joerg Muller', 'jm@contoso.de', 'Müller', 'the user'],
  ['José Nuñez', 'jn@contoso.es', 'Jose\u0301 Nun\u0303ez and jose', 'the user and the user'],
  ['Ren\u00e9e Stra\u00dfer', 'r@contoso.de', 'RENEE STRASSER', 'the user'],
  ['İbrahim Yıldız', 'iy@contoso.example', 'İbrahim, ibrahim, IBRAHIM, Ibrahim YILDIZ', [4, 'the user']],
  ['Søren Ægidius', 'sa@contoso.dk', 'Soren, Soeren, SØREN', [3, 'the user']],
  ['Łukasz O’Brien', 'lo@contoso.example', "Lukasz OBrien, lukasz o'brien, O’Brien", [3, 'the user']],
  ['Νίκος', 'n@contoso.gr', 'ΝΙΚΟΣ, Νικος', 'the user, the user'],
  ['Anna Kiss', 'ak@contoso.hu', 'Annas Laptop, Annának, Kissné', 'the user Laptop, the user, the user'],
  [
    'Anna Kiss',
    'ak@contoso.hu',
    'AnnaLaptop, ANNAS-IPHONE, annakissPC',
    'the user, the user-IPHONE, the user',
  ],
  ['Anna Kiss', 'ak@contoso.hu', 'kissanna, Anna\u200bok, Annát2', 'the user, the user\u200bok, the user2'],
  ['Anna Kiss', 'ak@contoso.hu', 'Banna, ann, kis, Hannah', 'Banna, ann, kis, Hannah'],
  ['Bo Li', 'bl@contoso.cn', 'LIBO-PC and Lib', 'the user-PC and Lib'],
  ['Jörg Müller', 'jm@contoso.de', 'Müllers, MUELLERS, Mu\u0308llerin', [3, 'the user']],
  ['李明', 'lm@contoso.cn', '李明说', 'the user说'],
  ['김철수', 'kc@contoso.kr', '김철수가', 'the user가'],
  ['김 철수', 'kc@contoso.kr', '철수 김치 김철수', 'the user 김치 the user'],
])('knows %s, %s in %j', (displayName, upn, text, expected) => {
  const written = typeof expected === 'string' ? expected : Array(expected[0]).fill(expected[1]).join(', ');
  expect(pseudonyms(displayName, upn).text(text)).toBe(written);
});

/** An initial is found where it ends the word; where it would only make a name long enough to begin one, it is not. */
const samS = ['Sam S.', 'sam.s@contoso.example'] as const;
const tart = ['Sally Tart', 'st@contoso.example'] as const;
const subject = ['Sam Subject', 'sam.subject@contoso.example'] as const;
it.each([
  [...subject, 'Samsung Galaxy, SAMSUNG', 'Samsung Galaxy, SAMSUNG'],
  [...subject, 'SamS, sams2, SAMS-PC, Sam S.', 'the user, the user2, the user-PC, the user S.'],
  [...subject, 'ssubject, SSUBJECTPC, ssubjects', 'the user, the user, the user'],
  [...subject, 'S. Subject, S Subject, Subject S.', 'S. the user, S the user, the user S.'],
  [...samS, 'Samsung, Sam said so', 'Samsung, the user said so'],
  [...samS, 'Sam S. called, SamS, SAM S., sam.s', 'the user called, the user, the user, the user'],
  [...samS, 'SSam, sam.s@contoso.example', 'the user, the user'],
  ['Samuel S', 'x@contoso.example', 'Samuel said, Samuels, SamuelS', 'the user said, the user, the user'],
  ['S. Smith', 's.smith@contoso.example', 'S. Smith, ssmith, SSMITHPC', 'the user, the user, the user'],
  ['S. Smith', 's.smith@contoso.example', 'S. Smiths, SmithS, Smith', 'the user, the user, the user'],
  ['S Li', 'x@contoso.cn', 'it’s like this, S Li', 'it’s like this, the user'],
  [...tart, 'started, starting; start is hers', 'started, starting; the user is hers'],
  [...tart, 'START-PC, start7, Tarts, sallytart', 'the user-PC, the user7, the user, the user'],
  ['Paul Lane', 'paul.lane@contoso.example', 'planet, airplane, PLANE\\x', 'planet, airplane, [account]'],
  [
    'Anna Kiss',
    'ak@contoso.hu',
    'annak, kissa, akiss, AKISS-PC',
    'the user, the user, the user, the user-PC',
  ],
])('of %s, %s reads %j as %j', (displayName, upn, text, expected) => {
  expect(pseudonyms(displayName, upn).text(text)).toBe(expected);
});

it('replaces what overlaps as one, and leaves the end of neither', () => {
  expect(sam().text('(Sam Subject@contoso.example)')).toBe('(the user)');
  expect(sam().text('203.0.113.10@fabrikam.example')).toBe('[address]');
});

it('replaces only what the model may not see', () => {
  const text = 'Sam from 203.0.113.10';
  expect(pseudonyms('Sam', 's@contoso.example', ['names']).text(text)).toBe('Sam from network-1');
  expect(pseudonyms('Sam', 's@contoso.example', ['addresses']).text(text)).toBe('the user from 203.0.113.10');
  expect(pseudonyms('Sam', 's@contoso.example', ['names', 'addresses']).text(text)).toBe(text);
});

it('gives an address in a text the pseudonym that it has as a fact', () => {
  const names = sam();
  expect(names.network('2001:DB8::0007')).toBe('network-1');
  expect(names.network('::ffff:198.51.100.23')).toBe('network-2');
  expect(names.text('2001:db8:0::7 and ec2-198-51-100-23')).toBe('network-1 and ecnetwork-2');
});

it.each([
  ['not an address', 'not an address'],
  [':::', ':::'],
  ['', ''],
])('takes %j for what it is', (written, canonical) => {
  expect(canonicalAddress(written)).toBe(canonical);
});
