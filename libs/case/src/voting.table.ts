/**
 * Who may vote, and what votes add up to: the specification, for auditors to read and to add to. `voting.spec.ts` plays
 * each row against the rules.
 */

/** What the directory says of a person. What is left out is unremarkable: enabled, a member, not at risk. */
export interface Actor {
  roles: string;
  /** Whom the evidence names. */
  is?: 'the subject' | 'the caller' | 'the opener' | 'the manager';
  but?: 'disabled' | 'a guest' | 'at risk' | 'reports to the subject' | 'unreadable' | 'not in the directory';
}

export const actors = {
  Ada: { roles: 'secops' },
  Bo: { roles: 'secops' },
  Bea: { roles: 'secops' },
  Cy: { roles: 'identityOps' },
  Cleo: { roles: 'identityOps' },
  Max: { roles: 'manager', is: 'the manager' },
  MAX: { roles: 'manager', is: 'the manager' },
  Lea: { roles: 'securityLead' },
  /** Holds two roles: fills either slot, never both. */
  Duo: { roles: 'securityLead secops' },
  All: { roles: 'secops identityOps securityLead' },
  /** The manager, who is on call as well. */
  Boss: { roles: 'manager secops', is: 'the manager' },
  /** The manager as the directory names them at the click; the evidence names somebody else. */
  Newcomer: { roles: 'manager' },
  Mover: { roles: 'manager secops' },
  Nobody: { roles: '' },
  Subject: { roles: 'secops manager', is: 'the subject' },
  /** The same person, written as another system would write the id. */
  SUBJECT: { roles: 'secops', is: 'the subject' },
  Caller: { roles: 'secops manager', is: 'the caller' },
  Opener: { roles: 'secops', is: 'the opener' },
  Disabled: { roles: 'secops', but: 'disabled' },
  Guest: { roles: 'secops', but: 'a guest' },
  Risky: { roles: 'secops', but: 'at risk' },
  RiskyNobody: { roles: '', but: 'at risk' },
  RiskyMax: { roles: 'manager', is: 'the manager', but: 'at risk' },
  Report: { roles: 'secops', but: 'reports to the subject' },
  /** The directory is down, or answers half of what is asked. */
  Unread: { roles: 'secops', but: 'unreadable' },
  /** Deleted since the card was posted. */
  Gone: { roles: 'secops', but: 'not in the directory' },
} as const satisfies Record<string, Actor>;
export type ActorName = keyof typeof actors;

export interface Row {
  /** `manager:1 secops:2` */
  quorum: string;
  /**
   * In order: `Ada+` approves, `Ada-` denies, `Ada+@250` clicks 250 minutes after the start (the time to answer ends at
   * 240), `Ada+/old` clicks on a card of an older proposal. `post` is the card reaching Teams: it comes first unless it
   * is written out. `decide`, `void` and `review` are what other stages write.
   */
  clicks: string;
  /** To each in turn: `ok`, `repeated`, the refusal's code, or `-` for what is no click. */
  answers: string;
  /** What the votes say at the end. */
  state: 'open' | 'approved' | 'denied';
  why: string;
}

const both = 'manager:1 secops:1';
const three = 'manager:1 identityOps:1 secops:1';
const bothGroups = 'securityLead:1 secops:1';
const threeGroups = 'securityLead:1 identityOps:1 secops:1';

const row = (quorum: string, clicks: string, answers: string, state: Row['state'], why: string): Row => ({
  quorum,
  clicks,
  answers,
  state,
  why,
});

export const counting: readonly Row[] = [
  row('secops:1', 'Ada+', 'ok', 'approved', 'one slot, one person'),
  row('secops:2', 'Ada+', 'ok', 'open', 'one person is not two'),
  row('secops:2', 'Ada+ Bo+', 'ok ok', 'approved', 'two people of one role'),
  row('secops:3', 'Ada+ Bo+', 'ok ok', 'open', 'two are not three'),
  row('secops:3', 'Ada+ Bo+ Bea+', 'ok ok ok', 'approved', 'three are'),
  row('secops:3', 'Ada+ Bo+ Duo+', 'ok ok ok', 'approved', 'a second role does no harm'),
  row('securityLead:1', 'Lea+', 'ok', 'approved', 'each role counts for itself'),
  row('identityOps:2', 'Cy+ Cleo+', 'ok ok', 'approved', 'in any role'),
  row(both, 'Max+', 'ok', 'open', 'the quorum is AND over roles'),
  row(both, 'Ada+', 'ok', 'open', 'whichever comes first'),
  row(both, 'Max+ Ada+', 'ok ok', 'approved', 'one of each role'),
  row(both, 'Ada+ Max+', 'ok ok', 'approved', 'the order does not matter'),
  row(three, 'Ada+ Max+', 'ok ok', 'open', 'two of three roles'),
  row(three, 'Ada+ Max+ Cy+', 'ok ok ok', 'approved', 'all three'),
];

export const distinctPeople: readonly Row[] = [
  row('secops:2', 'Ada+ Ada+', 'ok repeated', 'open', 'a second click changes nothing'),
  row('secops:2', 'Ada+ Ada+ Ada+ Bo+', 'ok repeated repeated ok', 'approved', 'nor does a third'),
  row(bothGroups, 'Duo+', 'ok', 'open', 'one person fills one slot'),
  row(bothGroups, 'Duo+ Duo+', 'ok repeated', 'open', 'also when clicking again for the other role'),
  row(bothGroups, 'Duo+ Ada+', 'ok ok', 'approved', 'Duo moves over to the other slot'),
  row(bothGroups, 'Duo+ Lea+', 'ok ok', 'approved', 'Duo moves over to the secops slot'),
  row(bothGroups, 'Ada+ Duo+', 'ok ok', 'approved', 'Duo takes what is left'),
  row(threeGroups, 'All+', 'ok', 'open', 'who holds every role is one person'),
  row(threeGroups, 'All+ Duo+', 'ok ok', 'open', 'and two people are two'),
  row(threeGroups, 'All+ Duo+ Ada+', 'ok ok ok', 'approved', 'three people who can share the slots'),
  row(threeGroups, 'All+ Ada+ Lea+', 'ok ok ok', 'approved', 'All ends up as identityOps'),
  row('securityLead:1 secops:1 identityOps:1', 'Cy+ Duo+ Lea+', 'ok ok ok', 'approved', 'roles in any order'),
  row(both, 'Ada+ Bo+', 'ok slotsFull', 'open', 'secops has answered, the manager has not'),
  row(both, 'Ada+ Bo+ Max+', 'ok slotsFull ok', 'approved', 'a full role does not hinder another'),
  row('secops:2', 'Ada+ Bo+ Bea+', 'ok ok decided', 'approved', 'no third vote where two were asked for'),
];

export const managersAlone: readonly Row[] = [
  row(
    'manager:1',
    'Max+',
    'ok',
    'open',
    'to know a person is not to judge the risk: managers alone approve nothing',
  ),
  row('manager:2', 'Max+', 'ok', 'open', 'however many are asked for'),
  row('manager:1', 'Max-', 'ok', 'denied', 'but a manager may say that it was not this person'),
  row(both, 'Max-', 'ok', 'denied', 'at once'),
  row(both, 'Ada+ Max-', 'ok ok', 'denied', 'also after SecOps agreed'),
  row(both, 'Ada+ Bo+ Bea+', 'ok slotsFull slotsFull', 'open', 'and nobody stands in for the manager'),
  row(both, 'Ada+ Newcomer+', 'ok noRole', 'open', 'also not whoever has become it since policy judged'),
  row(both, 'Newcomer-', 'noRole', 'open', 'who cannot deny either'),
  row(both, 'Ada+ Mover+', 'ok slotsFull', 'open', 'with another role, that one alone counts'),
  row(both, 'Mover+ Max+', 'ok ok', 'approved', 'and leaves the slot to the manager of the evidence'),
  row(both, 'Ada+ MAX+', 'ok ok', 'approved', 'whose id may be written in capitals'),
  row(both, 'Boss+ Ada+', 'ok ok', 'approved', 'a manager on call moves over to their own slot'),
  row(both, 'Boss+', 'ok', 'open', 'and fills one'),
];

export const denying: readonly Row[] = [
  row('secops:1', 'Ada-', 'ok', 'denied', 'a denial wins at once'),
  row('secops:2', 'Ada+ Bo-', 'ok ok', 'denied', 'a denial beats an approval'),
  row('secops:2', 'Bo- Ada+', 'ok decided', 'denied', 'and cannot be outvoted'),
  row('secops:2', 'Ada+ Ada-', 'ok ok', 'denied', 'who approved may still say no'),
  row('secops:2', 'Ada- Ada-', 'ok repeated', 'denied', 'to say no twice is to say no'),
  row('secops:2', 'Ada- Ada+', 'ok decided', 'denied', 'who said no cannot take it back'),
  row(both, 'Ada+ Bo-', 'ok ok', 'denied', 'a denial needs no free slot'),
  row('secops:1', 'Ada+ Bo-', 'ok decided', 'approved', 'too late to deny: it is decided'),
  row('secops:1', 'Ada+ Ada-', 'ok decided', 'approved', 'also for who approved'),
  row('secops:1', 'Ada+ Ada+', 'ok repeated', 'approved', 'a second click after the decision'),
];

export const excluded: readonly Row[] = [
  row('secops:1', 'Subject+', 'subject', 'open', 'nobody approves their own release'),
  row('secops:1', 'Subject-', 'subject', 'open', 'nor denies it'),
  row('manager:1 secops:1', 'Subject+ Ada+ Max+', 'subject ok ok', 'approved', 'others go on'),
  row('secops:1', 'SUBJECT+', 'subject', 'open', 'an id in capitals is the same person'),
  row('secops:1', 'Caller+', 'requester', 'open', 'who asked does not approve'),
  row('secops:1', 'Caller-', 'requester', 'open', 'nor deny'),
  row('secops:1', 'Opener+', 'requester', 'open', 'who wrote the ticket for the caller asked as well'),
  row('secops:1', 'Disabled+', 'accountDisabled', 'open', 'a disabled account has no voice'),
  row('secops:1', 'Disabled-', 'accountDisabled', 'open', 'not even to deny'),
  row('secops:1', 'Guest+', 'guest', 'open', 'guests do not approve'),
  row('secops:1', 'Risky+', 'atRisk', 'open', 'a risky account may be in other hands'),
  row(both, 'RiskyMax+ Ada+', 'atRisk ok', 'open', "a manager's as well"),
  row(
    'secops:1',
    'RiskyNobody+',
    'noRole',
    'open',
    'whose risk is not asked for where no vote depends on it',
  ),
  row('secops:2', 'Ada+ Risky+', 'ok atRisk', 'open', 'and it stops the vote that would decide'),
  row('secops:1', 'Risky-', 'atRisk', 'open', 'nor does a risky account deny'),
  row('secops:1', 'Report+', 'reportsToSubject', 'open', 'nobody decides about who decides about them'),
  row('secops:1', 'Report-', 'reportsToSubject', 'open', 'either way'),
  row('secops:1', 'Unread+', 'unverified', 'open', 'nobody is believed whom the directory does not know now'),
  row('secops:1', 'Unread-', 'unverified', 'open', 'also not to deny'),
  row(
    'secops:1',
    'Gone+',
    'unknownPerson',
    'open',
    'a deleted account has no voice, and no time gives it one',
  ),
  row('secops:1', 'Gone-', 'unknownPerson', 'open', 'not even to deny'),
  row('secops:2', 'Ada+ Gone+ Bo+', 'ok unknownPerson ok', 'approved', 'and fills no slot'),
  row('secops:1', 'Gone+@300', 'expired', 'open', 'what the log says comes first'),
  row('secops:1', 'Nobody+', 'noRole', 'open', 'a role is needed'),
  row('secops:1', 'Nobody-', 'noRole', 'open', 'also to deny'),
  row('secops:1', 'Cy+', 'noRole', 'open', 'a role that was not asked for is none'),
  row('secops:1', 'Cy-', 'noRole', 'open', 'and cannot deny either'),
  row('secops:1', 'Max+', 'noRole', 'open', 'a manager who is not asked is nobody'),
  row('securityLead:1', 'Ada+ Lea+', 'noRole ok', 'approved', 'a refusal leaves the question open'),
  row(
    'secops:2',
    'Subject+ Caller+ Opener+ Disabled+ Guest+ Risky+ Report+ Unread+ Nobody+ Ada+',
    'subject requester requester accountDisabled guest atRisk reportsToSubject unverified noRole ok',
    'open',
    'nine who may not and one who may are one',
  ),
];

export const timing: readonly Row[] = [
  row('secops:1', 'Ada+@239', 'ok', 'approved', 'a minute before the end is in time'),
  row('secops:1', 'Ada+@240', 'expired', 'open', 'at the end it is too late'),
  row('secops:1', 'Ada-@240', 'expired', 'open', 'to deny, too: the case goes to a person anyway'),
  row('secops:2', 'Ada+ Bo+@300', 'ok expired', 'open', 'half a quorum in time is none'),
  row('secops:2', 'Ada+ Ada+@300', 'ok repeated', 'open', 'a late second click is still the same answer'),
  row('secops:1', 'decide Ada+', '- expired', 'open', 'silence was written down as what it is'),
  row('secops:1', 'Ada+ post Ada+', 'notReady - ok', 'approved', 'first every copy of the card is posted'),
  row('secops:1', 'Ada- post Ada-', 'notReady - ok', 'denied', 'then anybody may answer'),
  row('secops:1', 'Ada+/old', 'staleProposal', 'open', 'a card of an older proposal decides nothing'),
  row('secops:1', 'Ada-/old Ada-', 'staleProposal ok', 'denied', 'the present one does'),
  row('secops:2', 'Ada+ Bo+/old', 'ok staleProposal', 'open', 'an old card does not complete a quorum'),
  row('secops:1', 'review Ada+', '- staleProposal', 'open', 'a person has taken the case'),
  row(
    'secops:1',
    'Ada+ decide Bo-',
    'ok - decided',
    'approved',
    'what is being carried out cannot be denied',
  ),
  row('secops:1', 'Ada- decide Bo+', 'ok - decided', 'denied', 'nor can a denial be approved'),
  row('secops:1', 'decide review Ada+', '- - expired', 'open', 'nor what has gone to review'),
  row('secops:1', 'Subject+@300', 'expired', 'open', 'the time is over for everybody'),
];

/** A vote counts for one decision on one state of the world. */
export const voided: readonly Row[] = [
  row(
    'secops:1',
    'Ada+ decide void Ada+',
    'ok - - staleProposal',
    'open',
    'a void approval is asked for anew',
  ),
  row('secops:1', 'Ada+ decide void Bo-', 'ok - - staleProposal', 'open', 'by a new card, to everybody'),
];

export const table: Readonly<Record<string, readonly Row[]>> = {
  'how votes count': counting,
  'one person, one slot': distinctPeople,
  'a manager confirms who somebody is': managersAlone,
  'a denial wins': denying,
  'who may not vote': excluded,
  'when votes count': timing,
  'what a vote is for': voided,
};
