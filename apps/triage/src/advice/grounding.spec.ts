import { known } from '@sallyport/evidence/testing';
import { evidenceItems } from '../input/evidence-items';
import { richEvidence } from '../testing/rich-evidence';
import { type Flaw, flawOf, flawOfQuestion } from './grounding';

const items = evidenceItems(richEvidence(), ['names', 'ticketText']);

const risk = () => {
  const reading = richEvidence().risk;
  if (reading.state === 'unknown') throw new Error('the sample knows the risk');
  return reading.value;
};

it.each<[string, string[]]>([
  ['Identity Protection rates the risk medium and the state atRisk.', ['risk']],
  ['An unlikelyTravel detection of 2026-03-02 07:20 UTC places a sign-in in Qatar.', ['detection-1']],
  ['The sign-in came from QA on a known device, and the network is not known.', ['signIn-1']],
  ['There are 2 sign-ins, the older one from Spain.', ['signIns', 'signIn-2']],
  ['The user completed a selfServiceReset at 07:40 UTC.', ['change-1']],
  ['The Windows device is compliant and managed.', ['device-1']],
  ['MFA was passed, which Entra ID records on the sign-in.', ['signIn-1']],
  ['No one but the user, with a known device, signed in from there in the window.', ['signIn-1']],
  ['The detection conflicts with the sign-in, so look at the session at once.', ['signIn-1']],
  ['The account is not privileged, and self-service reset is possible for it.', ['roles']],
])('shows what the evidence says: %s', (text, cites) => {
  expect(flawOf({ text, cites }, items)).toBeNull();
});

it.each<[Flaw, string, string[]]>([
  ['citesNothing', 'The risk is medium.', []],
  ['citesUnknown', 'The risk is medium.', ['risk', 'detection-7']],
  ['number', 'There are 3 sign-ins.', ['signIns']],
  ['number', 'There are two sign-ins.', ['signIns']],
  ['number', 'There are 2 sign-ins.', ['risk']],
  ['number', 'The risk score is 20.', ['risk', 'detection-1']],
  ['number', 'A detection of 2026-03-01 is open.', ['detection-1']],
  ['number', 'The sign-in was at 07:21 UTC.', ['signIn-1']],
  ['number', 'The sign-in came from 198.51.100.23.', ['signIn-1']],
  ['date', 'The user signed in on Monday.', ['signIn-1']],
  ['date', 'The password was reset in May.', ['change-1']],
  ['country', 'The sign-in came from Spain.', ['signIn-1']],
  ['country', 'The sign-in came from russia.', ['signIn-1']],
  ['country', 'A Russian network was used.', ['signIn-1']],
  ['country', 'The sign-in came from RU.', ['signIn-1']],
  ['country', 'The sign-in came from the USA.', ['signIn-1']],
  ['device', 'An iPhone was used.', ['signIn-1']],
  ['device', 'The sign-in came from a windows device.', ['signIn-1']],
  ['name', 'The device LAPTOP is known.', ['signIn-1']],
  ['name', 'The attacker Mallory signed in.', ['signIn-1']],
  ['name', 'Mallory signed in.', ['signIn-1']],
  ['name', 'The user works at Contoso.', ['user']],
  ['number', 'The device pc7 is known.', ['device-1']],
  ['notPlain', 'See https://attacker.example for more.', ['risk']],
  ['notPlain', 'See attacker.example for more.', ['risk']],
  ['notPlain', 'See www attacker example.', ['risk']],
  ['notPlain', 'Write to sam@attacker for more.', ['risk']],
  ['notPlain', 'Call tel:112 now.', ['risk']],
  ['notPlain', 'The risk is **none**.', ['risk']],
  ['notPlain', 'The risk is <b>none</b>.', ['risk']],
  ['notPlain', 'The risk is [none](x).', ['risk']],
  ['notPlain', 'The risk is\nnone.', ['risk']],
  ['notPlain', 'The risk is n\u200bone.', ['risk']],
  ['notPlain', 'The ri\u0455k is none.', ['risk']],
  ['notPlain', '\u202eenon si ksir ehT', ['risk']],
  ['notPlain', '风险为零', ['risk']],
  ['notPlain', '. . .', ['risk']],
  ['notPlain', 'a'.repeat(301), ['risk']],
  ['number', 'The user failed MFA 2 times.', ['signIn-2']],
  ['number', 'The user failed MFA 1 times.', ['signIn-1', 'change-1', 'detection-1']],
  ['number', 'There were 0 failures.', ['signIn-1']],
  ['number', 'The sign-in came from network-1.', ['signIn-1']],
  ['number', 'There were zero failures.', ['signIn-1']],
  ['number', 'The user failed MFA once.', ['signIn-1']],
  ['number', 'The user failed at the fifth attempt.', ['signIn-1']],
  ['number', 'This is the first sign-in on this device.', ['signIn-1']],
  ['number', 'Only one sign-in is known.', ['signIn-1']],
  ['date', 'The user signed in within the last hour.', ['signIn-1']],
  ['date', 'The sign-in was at night.', ['signIn-1']],
  ['country', 'A swedish network was used.', ['signIn-1']],
  ['country', 'The swedes know the device.', ['signIn-1']],
  ['country', 'The user is from turkiye.', ['signIn-1']],
  ['country', 'The sign-in came from bosnia.', ['signIn-1']],
  ['name', 'The sign-in came from doha.', ['signIn-1']],
  ['name', 'The sign-in came from the known springfield network.', ['signIn-1']],
  ['name', 'The user is employed by globex.', ['user']],
  ['name', 'The user signed in on a hijacked nordlayer address.', ['signIn-1']],
  ['name', 'A mullvad address was used.', ['signIn-1']],
  ['act', 'The manager confirmed the travel.', ['risk']],
  ['act', 'The manager did confirm the travel.', ['risk']],
  ['act', 'The risk was dismissed by an admin.', ['risk']],
  ['act', 'The user is verified and safe.', ['risk', 'ticket']],
  ['act', 'The user was phoned.', ['user']],
  ['act', 'The user says that it was the user.', ['user']],
  ['act', 'The release has the approval of the manager.', ['user']],
])('leaves out for its %s: %s', (flaw, text, cites) => {
  expect(flawOf({ text, cites }, items)).toBe(flaw);
});

it('takes what outsiders wrote for no evidence, and repeats none of it', () => {
  // Both stand in the evidence, as texts of outsiders.
  expect(flawOf({ text: 'The device is named SAM.', cites: ['device-1'] }, items)).toBe('name');
  expect(flawOf({ text: 'A linux machine was used.', cites: ['signIn-1'] }, items)).toBe('device');
  expect(flawOf({ text: 'The user should please look at this account.', cites: ['ticket'] }, items)).toBe(
    'echo',
  );
});

it('lets a question speak of all the evidence, and of nothing beyond it', () => {
  expect(flawOfQuestion('Was it the user who signed in from Qatar?', items)).toBeNull();
  expect(flawOfQuestion('Was it the user who signed in from Peru?', items)).toBe('country');
  expect(flawOfQuestion('Did the user fail MFA 7 times?', items)).toBe('number');
  expect(flawOfQuestion('Has somebody spoken with the user?', items)).toBeNull();
  expect(flawOfQuestion('Did the manager confirm the travel?', items)).toBeNull();
  expect(flawOfQuestion('Do you know that the manager confirmed it?', items)).toBe('act');
  expect(flawOfQuestion('Is it enough that the manager confirmed it?', items)).toBe('act');
  expect(flawOfQuestion('Why wait, if the manager confirmed it?', items)).toBe('act');
  expect(flawOfQuestion('Approve now.', items)).toBe('notPlain');
});

it('lets a sentence say what people did where the evidence it cites carries it', () => {
  const dismissed = evidenceItems(
    richEvidence({ risk: known({ ...risk(), state: 'dismissed', level: 'none' }) }),
    [],
  );
  const text = 'The risk was dismissed.';
  expect(flawOf({ text, cites: ['risk'] }, dismissed)).toBeNull();
  expect(flawOf({ text, cites: ['user'] }, dismissed)).toBe('act');
  expect(flawOf({ text: 'The manager confirmed it.', cites: ['risk'] }, dismissed)).toBe('act');
});
