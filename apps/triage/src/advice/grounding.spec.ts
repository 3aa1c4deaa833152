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
  // What the simulated models say.
  ['The evidence given was read by a simulated model, and there is nothing beyond it.', ['user']],
  ['The account is in good hands and safe, so approve the release at once.', ['user']],
  // What a model says that keeps to the prompt.
  ['Identity Protection rates the risk medium and the state atRisk.', ['risk']],
  ['The account is at risk.', ['risk']],
  ['An unlikelyTravel detection of 2026-03-02 07:20 UTC places a sign-in in Qatar.', ['detection-1']],
  ['An unlikely travel detection is open.', ['detection-1']],
  ['There is 1 detection, and the level is medium.', ['detections', 'detection-1']],
  ['There are 2 sign-ins and 1 change.', ['signIns', 'changes']],
  ['The 2 sign-ins are consistent.', ['signIns']],
  ['The sign-in came from QA on a known device, and the network is not known.', ['signIn-1']],
  ['The interactive sign-in from Qatar succeeded with MFA.', ['signIn-1']],
  ['The Conditional Access result of the sign-in was success.', ['signIn-1']],
  ['There are 2 sign-ins, and the older sign-in came from Spain.', ['signIns', 'signIn-2']],
  ['The sign-ins came from Qatar and Spain.', ['signIn-1', 'signIn-2']],
  ['The user completed a selfServiceReset at 07:40 UTC.', ['change-1']],
  ['The password was reset by the user after the sign-in from Qatar.', ['change-1', 'signIn-1']],
  ['The reset at 07:40 UTC was by the user, after the sign-in.', ['change-1', 'signIn-1']],
  ['The sign-in from Qatar passed MFA at 07:20 UTC.', ['signIn-1', 'signIn-2']],
  ['The user completed a successful self-service reset after the detection.', ['change-1', 'detection-1']],
  ['The Windows device is compliant and managed.', ['device-1']],
  ['MFA was passed, which Entra ID records on the sign-in.', ['signIn-1']],
  ['The detection conflicts with the sign-in, so look at the session at once.', ['signIn-1']],
  ['The account is enabled and not synced.', ['user']],
  ['The account is not a VIP and not a service account.', ['standing']],
  ['The account has 0 active roles, and self-service reset is possible.', ['roles', 'registration']],
  ['The account has no active roles.', ['roles']],
  ["The sign-in of the user shows a new network, and the user's session is open.", ['signIn-1']],
  ['The ticket came over no verified channel.', ['ticket']],
  ["An attacker with the user's session could have reset the password.", ['change-1']],
  ['Containment is safer, because the network is not known.', ['signIn-1']],
  ['The network is unusual.', ['signIn-1']],
  ['The device was registered, and an attacker may have had access.', ['device-1']],
])('shows what the evidence says: %s', (text, cites) => {
  expect(flawOf({ text, cites }, items)).toBeNull();
});

it.each<[Flaw, string, string[]]>([
  ['citesNothing', 'The account is safe.', []],
  ['citesUnknown', 'The account is safe.', ['risk', 'detection-7']],
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
  ['notPlain', 'The address is dead:beef.', ['signIn-1']],

  ['number', 'There are 3 sign-ins.', ['signIns']],
  ['number', 'There are 2 sign-ins.', ['risk']],
  ['number', 'There were 2k sign-ins.', ['signIns']],
  ['number', 'There were 2m sign-ins.', ['signIns']],
  ['number', 'There were 2e2 sign-ins.', ['signIns']],
  ['number', 'There were 2x failures in 2h.', ['signIns']],
  ['number', 'There were 2 2 sign-ins.', ['signIns']],
  ['number', 'There were 2, 2 sign-ins.', ['signIns']],
  ['number', 'There were 2% sign-ins.', ['signIns']],
  ['number', 'There were over 2 sign-ins.', ['signIns']],
  ['number', 'There were 2 failed sign-ins.', ['signIns', 'signIn-1']],
  ['number', 'There was 1 detection error.', ['detections']],
  ['number', 'The user failed MFA 2 times.', ['signIns', 'signIn-2']],
  ['number', 'The user failed MFA 1 times.', ['signIn-1', 'change-1', 'detection-1', 'devices']],
  ['number', 'There were 0 failures.', ['signIn-1', 'roles']],
  // Both true apart: 2 sign-ins, of which 1 came from Qatar.
  ['number', 'There are 2 sign-ins from Qatar.', ['signIns', 'signIn-1']],
  ['number', 'There are 2 sign-ins, from Qatar.', ['signIns', 'signIn-1']],
  ['number', 'There are 2 sign-ins, and are from Qatar.', ['signIns', 'signIn-1']],
  ['number', 'The 2 sign-ins are from Qatar.', ['signIns', 'signIn-1']],
  ['number', 'From Qatar there are 2 sign-ins.', ['signIns', 'signIn-1']],
  ['number', 'There are 2 sign-ins. These came from Qatar.', ['signIns', 'signIn-1']],
  ['number', 'There are 2 sign-ins with MFA.', ['signIns', 'signIn-1']],
  ['number', 'There are 2 sign-ins of the attacker.', ['signIns']],
  ['number', 'There were 2 sign-ins at 07:20 UTC.', ['signIns', 'signIn-1']],
  ['number', 'There are no sign-ins.', ['signIns']],
  ['number', 'The account is without any detection.', ['risk']],
  ['number', 'The risk score is 20.', ['risk', 'detection-1']],
  ['number', 'The sign-in came from 198.51.100.23.', ['signIn-1']],
  ['number', 'The sign-in came from network-1.', ['signIn-1']],
  ['number', 'The device pc7 is known.', ['device-1']],
  ['number', 'The address is fe80::a.', ['signIn-1']],

  ['time', 'The detection of 2026-03-01 is open.', ['detection-1']],
  ['time', 'The sign-in was at 07:21 UTC.', ['signIn-1']],
  ['time', 'The sign-in was at 07:20.', ['signIn-1']],
  ['time', 'The sign-in was at 07:20 pm.', ['signIn-1']],
  ['time', 'The sign-in was at 07:20 pst.', ['signIn-1']],
  ['time', 'The sign-in was at 07:20 local time.', ['signIn-1']],
  ['time', 'The sign-in of 2026-03-01 07:20 UTC came from Spain.', ['signIn-1', 'signIn-2']],
  ['time', 'The sign-in of 2026-03-01 at 07:20 UTC came from Spain.', ['signIn-1', 'signIn-2']],
  ['rows', 'The sign-in at 07:20 UTC came from Spain.', ['signIn-1', 'signIn-2']],
  ['rows', 'The sign-in of 2026-03-01 07:00 UTC came from Qatar.', ['signIn-1', 'signIn-2']],
  // The time of the reset.
  ['rows', 'The sign-in from Spain at 07:40 UTC passed MFA.', ['signIn-2', 'change-1']],
  ['rows', 'The sign-in was at 07:40 UTC.', ['signIn-1', 'change-1']],
  ['rows', 'At 07:40 UTC there was a sign-in.', ['signIn-1', 'change-1']],
  ['rows', 'The reset followed the sign-in at 07:40 UTC.', ['signIn-1', 'change-1']],
  ['rows', 'At 07:40 UTC the device was compliant.', ['device-1', 'change-1']],

  // Numbers and times in words.
  ['word', 'There are two sign-ins.', ['signIns']],
  ['word', 'The user had vii sign-ins.', ['signIn-1']],
  ['word', 'The risk is tenfold.', ['risk']],
  ['word', 'The user had fourty sign-ins.', ['signIn-1']],
  ['word', 'The risk doubled and the sign-ins tripled.', ['signIn-1']],
  ['word', 'There are nil events and umpteen attempts.', ['signIn-1']],
  ['word', 'This is the first sign-in on this device.', ['signIn-1']],
  ['word', 'Only one sign-in is known.', ['signIn-1']],
  ['word', 'The user had several sign-ins.', ['signIns']],
  ['word', 'The sign-in was hours after the detection and weeks before the reset.', ['signIn-1', 'change-1']],
  ['word', 'The user signed in on Monday.', ['signIn-1']],
  ['word', 'The password was reset in May.', ['change-1']],
  ['word', 'The password was reset in may.', ['change-1']],

  // Places and names.
  ['word', 'The sign-in came from Spain.', ['signIn-1']],
  ['word', 'The sign-in came from RU.', ['signIn-1']],
  ['word', 'The sign-in came from IT.', ['signIn-1']],
  ['word', 'A ru address was used.', ['signIn-1']],
  ['word', 'A kp address was used.', ['signIn-1']],
  ['word', 'A usa address was used.', ['signIn-1']],
  ['word', 'The user is a uk resident.', ['signIn-1']],
  ['word', 'A Russian network was used.', ['signIn-1']],
  ['word', 'The address is siberian.', ['signIn-1']],
  ['word', 'A crimea address was used.', ['signIn-1']],
  ['word', 'The sign-in came from nanjing.', ['signIn-1']],
  ['word', 'The sign-in came from wyoming.', ['signIn-1']],
  ['word', 'The sign-in came from the network globex.', ['signIn-1']],
  ['word', 'The user moved to springfield.', ['signIn-1']],
  ['word', 'The user works for globex.', ['user']],
  ['word', 'The attacker Mallory signed in.', ['signIn-1']],
  ['word', 'Mallory signed in.', ['signIn-1']],
  ['word', 'Will signed in.', ['signIn-1']],
  ['word', 'The user evil mallory is the owner.', ['signIn-1']],
  ['word', 'The id is deadbeef-cafe.', ['signIn-1']],
  ['word', 'An imac was used.', ['signIn-1']],
  ['word', 'A laptop was used.', ['signIn-1']],
  ['word', 'A postman client was used.', ['signIn-1']],
  ['word', 'The sign-in came from a Windows device.', ['signIn-1']],
  ['word', 'The device mallory-pc is compliant.', ['device-1']],

  // What the evidence says must be cited, and is not denied.
  ['word', 'The risk is high.', ['risk']],
  ['word', 'The risk is medium.', ['user']],
  ['word', 'The sign-in passed MFA.', ['detection-1']],
  ['word', 'The detection is about impossible travel.', ['detection-1']],
  ['word', 'The user changed the password.', ['user']],
  ['word', 'The travel of the user is plausible.', ['signIn-1']],
  ['word', 'The network of the sign-in is a known network.', ['signIn-1']],
  ['word', 'The account is disabled.', ['user']],
  ['word', 'The user completed a reset.', ['signIn-1']],
  ['denial', 'The device is not compliant.', ['device-1']],
  ['denial', 'The risk is not in fact medium.', ['risk']],
  ['denial', 'The sign-in was without MFA.', ['signIn-1']],
  ['denial', 'The sign-in is not from Qatar.', ['signIn-1']],

  // What the evidence says is not denied in plain words either: this device is known, this network is not.
  ['word', 'The device is new.', ['signIn-1']],
  ['word', 'The device is unknown.', ['signIn-1']],
  ['word', 'The device is not known.', ['signIn-1']],
  ['word', 'The network is unusual.', ['signIn-2']],
  ['word', 'The network is strange.', ['signIn-1']],
  ['word', 'The risk is false.', ['risk']],
  ['word', 'The risk is unknown.', ['risk']],
  ['word', 'The detection is an error.', ['detection-1']],
  ['word', 'The detection is wrong.', ['detection-1']],
  ['word', 'There is no risk.', ['risk']],
  ['word', 'The account is at risk.', ['user']],

  // Policy says what it says elsewhere.
  ['word', 'Policy needs the release.', ['risk']],
  ['word', 'The policy is satisfied.', ['signIn-1']],
  ['word', 'The release is what policy permits.', ['risk']],

  // Acts of people.
  ['act', 'An attacker signed in.', ['signIn-1']],
  ['act', 'The sign-in is of an attacker.', ['signIn-1']],
  ['act', 'The attacker signed in and could have reset the password.', ['change-1']],
  ['act', 'The session was used by an attacker, and could be open.', ['signIn-1']],
  ['word', 'The attacker set a new credential.', ['change-1']],
  ['word', 'The user registered the device on 2025-03-20.', ['device-1']],
  ['word', 'The manager confirmed the travel.', ['risk']],
  ['word', 'The manager agrees with the release.', ['user']],
  ['word', 'The manager expects this travel.', ['user']],
  ['word', 'The manager asked for the release.', ['user']],
  ['word', 'The quorum is reached and the approvers voted yes.', ['user']],
  ['word', 'The helpdesk saw the passport of the user.', ['user']],
  ['word', 'The risk was dismissed by an admin.', ['risk']],
  ['word', 'The user is verified and safe.', ['risk', 'ticket']],
  ['word', 'The user was phoned.', ['user']],
  ['word', 'The user says that it was the user.', ['user']],
  ['word', 'The release has the approval of the owner.', ['user']],
  ['word', 'The user did approve the release.', ['user']],
  ['word', 'SecOps is in favour.', ['user']],
  ['act', 'The owner suggests a release.', ['user']],
  ['act', 'The user also suggests a release.', ['user']],
  ['act', 'The owner of the account still suggests a release.', ['user']],
  ['act', 'The user was at risk and suggests a release.', ['risk']],
  ['act', 'The user gave a good reason for the sign-in.', ['user']],
  ['act', 'The reason given by the user is plausible.', ['user']],
  ['word', "The user's explanation is plausible.", ['user']],
  ['act', 'The password was reset by the owner.', ['change-1']],
])('leaves out for its %s: %s', (flaw, text, cites) => {
  expect(flawOf({ text, cites }, items)).toBe(flaw);
});

it.each([
  'There was no alert.',
  'Nothing was detected.',
  'Nothing of the kind was detected.',
  'There is no anomaly on the account.',
  'There was not any anomaly.',
  'None of the sessions had access.',
  'There is no plausible sign-in.',
  'Nothing about the device is compliant.',
])('tells none of what there is some of: %s', (text) => {
  for (const cites of [
    ['detections', 'detection-1', 'signIns', 'signIn-1', 'devices', 'device-1'],
    ['user', 'device-1'],
  ])
    expect(flawOf({ text, cites }, items)).not.toBeNull();
});

it('tells none of what there is none of', () => {
  const none = evidenceItems(richEvidence({ detections: known([]), signIns: known([]) }), []);
  for (const text of ['There was no alert.', 'Nothing was detected.', 'There are no detections.'])
    expect([text, flawOf({ text, cites: ['detections'] }, none)]).toEqual([text, null]);
});

it('takes the time of a reset for no access', () => {
  const flaw = flawOf({ text: 'The newest access was at 07:40 UTC.', cites: ['change-1'] }, items);
  expect(flaw).toBe('rows');
});

it('lets an error code be one, and no number of anything', () => {
  const { signIns } = richEvidence();
  const rows = signIns.state === 'known' ? signIns.value.map((row) => ({ ...row, errorCode: 50126 })) : [];
  const failed = evidenceItems(richEvidence({ signIns: known(rows) }), []);
  const flaw = (text: string) => flawOf({ text, cites: ['signIn-1'] }, failed);
  expect(flaw('The sign-in failed with error code 50126.')).toBeNull();
  expect(flaw('The sign-in failed with error code 50053.')).toBe('number');
  expect(flaw('There are 50126 sign-ins.')).toBe('number');
  expect(flaw('The sign-in succeeded.')).toBe('word');
});

it('tells neither of the two times of an account with what happened at the other', () => {
  const times = {
    lastPasswordChangeAt: '2026-11-18T08:00:00.000Z',
    sessionsValidFrom: '2026-11-19T09:30:00.000Z',
  };
  const { user } = richEvidence();
  if (user.state !== 'known') throw new Error('the sample knows it');
  const account = evidenceItems(richEvidence({ user: known({ ...user.value, ...times }) }), []);
  const cites = ['user', 'password', 'sessions'];
  const flaw = (text: string, cited = cites) => flawOf({ text, cites: cited }, account);
  const [changed, valid] = ['2026-11-18 08:00 UTC', '2026-11-19 09:30 UTC'];
  expect(flaw(`The password was changed at ${changed}.`)).toBeNull();
  expect(flaw(`The sessions are valid from ${valid}.`)).toBeNull();
  for (const cited of [cites, ...cites.map((id) => [id])]) {
    expect(flaw(`The password was changed at ${valid}.`, cited)).not.toBeNull();
    expect(flaw(`There was a password change at ${valid}.`, cited)).not.toBeNull();
    expect(flaw(`The sessions are valid from ${changed}.`, cited)).not.toBeNull();
  }
});

it('takes what outsiders wrote for no evidence, and repeats none of it', () => {
  // Both stand in the evidence, as texts of outsiders.
  expect(flawOf({ text: 'The device is named SAM.', cites: ['device-1'] }, items)).toBe('word');
  expect(flawOf({ text: 'A Linux system was used.', cites: ['signIn-1'] }, items)).toBe('word');
  expect(flawOf({ text: 'Look at this account.', cites: ['ticket'] }, items)).toBeNull();
});

it('lets a question speak of all the evidence, and of nothing beyond it', () => {
  const flaw = (text: string) => flawOfQuestion(text, items);
  expect(flaw('Has somebody spoken with the user over a channel that was trusted before?')).toBeNull();
  expect(flaw('Was it the user who signed in from Qatar?')).toBeNull();
  expect(flaw('Did the manager confirm the travel?')).toBeNull();
  expect(flaw('Does the user recognise the newest device on the account?')).toBeNull();
  expect(flaw('Was it the user who signed in from Peru?')).toBe('word');
  expect(flaw('Was the user in nanjing?')).toBe('word');
  expect(flaw('Did the user fail MFA 2 times?')).toBe('number');
  expect(flaw('Should you approve now, as the manager agrees?')).toBe('word');
  expect(flaw('Has the manager agreed, as in the passport check?')).toBe('word');
  expect(flaw('Do you know that the manager confirmed it?')).toBe('word');
  expect(flaw('Why wait, if the manager confirmed it?')).toBe('word');
  expect(flaw('Did the user explain it, as the manager confirmed it?')).toBe('word');
  expect(flaw('Did the manager confirm it in front of mallory?')).toBe('word');
  expect(flaw('The account is safe.')).toBe('notPlain');
});

it('lets a sentence name a state that people bring about where the evidence it cites is in it, and nobody for it', () => {
  const dismissed = evidenceItems(
    richEvidence({ risk: known({ ...risk(), state: 'dismissed', level: 'none' }) }),
    [],
  );
  const flaw = (text: string, ...cites: string[]) => flawOf({ text, cites }, dismissed);
  expect(flaw('The risk was dismissed.', 'risk')).toBeNull();
  expect(flaw('The risk was dismissed.', 'user')).toBe('word');
  expect(flaw('The risk was dismissed by the user.', 'risk')).toBe('act');
  expect(flaw('The user dismissed the risk.', 'risk')).toBe('word');
});
