import type { Case } from '@sallyport/case';
import {
  after,
  caseIn,
  collected,
  courses,
  decided,
  eventFor,
  evidence,
  retried,
  type Step,
  vote,
  watched,
} from '@sallyport/case/testing';
import { containPlan, known, ruling, sampleId, sampleInstant } from '@sallyport/evidence/testing';
import { ticketNote } from './ticket-note';

const step = ['action.started', 'action.finished'] as const;
const done: Step[] = [...step, ...step, 'execution.completed'];
const noteOf = (c: Case, ...steps: Step[]) => ticketNote(after(c, ...steps));
const contain = {
  ...courses.contain,
  rulings: { ...courses.contain.rulings, contain: explained() },
  facts: { securityInfoChangedInWindow: 'no' },
};

it('tells a release', () => {
  expect(noteOf(caseIn('executing'), ...done)).toMatchInlineSnapshot(`
   "RELEASED: the risk was dismissed and the account may be used again.

   Policy:
   - Rules sample, version 000000000000
   - contain: deny. No rule permits it.
   - release: permit. The sample permits it. (sample-release)
   - close: deny. No rule permits it.

   Approval:
   - Needed: 1 × SecOps on-call; answered: approved
   - Ada Approver (SecOps on-call): approved

   After approval:
   - Dismiss the user risk in Entra ID Protection: applied (request-id abcdef00-0000-4000-8000-000000000900)
   - Enable the account: applied (request-id abcdef00-0000-4000-8000-000000000900)

   Sallyport case case-988df6cc3e561908d6e9f3746c22fd22, event 13."
  `);
});

it('tells a containment', () => {
  expect(noteOf(caseIn('collected'), (c) => decided(c, contain), ...done)).toMatchInlineSnapshot(`
   "CONTAINED: the user is signed out everywhere and must change the password with MFA.

   Policy:
   - Rules sample, version 000000000000
   - contain: permit. The risk is high. (contain-high-risk)
   - release: deny. No rule permits it.
   - close: deny. No rule permits it.

   At once, as policy demands:
   - Sign the user out everywhere (revoke sessions): applied (request-id abcdef00-0000-4000-8000-000000000900)
   - Scramble the password and force a change with MFA: applied (request-id abcdef00-0000-4000-8000-000000000900)

   Next: ask the user to reset the password at the self-service page, then watch the risk state.

   Sallyport case case-988df6cc3e561908d6e9f3746c22fd22, event 8."
  `);
});

it('does not send the user to self-service where a sign-in method may have been added', () => {
  const note = noteOf(
    caseIn('collected'),
    (c) => decided(c, { ...contain, facts: { securityInfoChangedInWindow: 'unknown' } }),
    ...done,
  );
  expect(note).toContain('Next: it is not known whether a sign-in method was changed. Verify the user');
  expect(note).not.toContain('self-service');
});

it('tells that the user had repaired it already', () => {
  expect(ticketNote(caseIn('settled'))).toMatchInlineSnapshot(`
   "ALREADY REMEDIATED: the user secured the account after the newest detection.

   Policy:
   - Rules sample, version 000000000000
   - contain: deny. No rule permits it.
   - release: deny. No rule permits it.
   - close: permit. No rule permits it.

   Sallyport case case-988df6cc3e561908d6e9f3746c22fd22, event 3."
  `);
});

it('tells that another case governs', () => {
  expect(ticketNote(caseIn('linked'))).toMatchInlineSnapshot(`
   "LINKED: another case looks, or has just looked, at this same risk. Nothing was done for this ticket.
   See case case-0026219aba46f6cff85a3fb92129b163. If it is closed and the user still cannot work, reopen that case’s ticket.

   Sallyport case case-988df6cc3e561908d6e9f3746c22fd22, event 2."
  `);
});

it('tells what is certain and what is not where Graph gave no answer', () => {
  const unknown = (c: Case) =>
    eventFor(c, 'action.finished', { outcome: 'unknown', detail: 'Timeout.', requestId: 'request-7' });
  const note = noteOf(
    caseIn('executing'),
    'action.started',
    unknown,
    'execution.completed',
    'review.opened',
    'notice.posted',
  );
  expect(note).toMatchInlineSnapshot(`
   "PENDING MANUAL REVIEW
   Microsoft Graph gave no clear answer: a step may or may not have taken effect.
   As the ledger says.

   Policy:
   - Rules sample, version 000000000000
   - contain: deny. No rule permits it.
   - release: permit. The sample permits it. (sample-release)
   - close: deny. No rule permits it.

   Approval:
   - Needed: 1 × SecOps on-call; answered: approved
   - Ada Approver (SecOps on-call): approved

   After approval:
   - Dismiss the user risk in Entra ID Protection: unknown (request-id request-7)
   - Enable the account: not attempted

   Next steps:
   1. Look at it.

   Sallyport case case-988df6cc3e561908d6e9f3746c22fd22, event 13."
  `);
});

it('tells who said no, and what they said', () => {
  const deny = (c: Case) =>
    eventFor(c, 'approval.voted', {
      vote: vote({ choice: 'deny', comment: { untrusted: 'She is on holiday, this was not her.' } }),
    });
  const note = noteOf(caseIn('voting'), deny, 'approval.decided', 'review.opened', 'notice.posted');
  expect(note).toContain(
    '- Ada Approver (SecOps on-call): denied, saying “She is on holiday, this was not her.”',
  );
  expect(note).toMatch(/^PENDING MANUAL REVIEW\nAn approver said no\./);
});

it('tells what is left to do by hand', () => {
  const manual = containPlan({
    steps: ['revokeSessions'],
    manualSteps: [
      { kind: 'forcePasswordChange', reason: 'Synced.', instruction: 'Reset it in Active Directory.' },
    ],
  });
  const note = noteOf(
    caseIn('collected'),
    (c) => decided(c, { ...contain, immediate: manual }),
    ...step,
    'execution.completed',
    'review.opened',
    'notice.posted',
  );
  expect(note).toContain('- By hand: Reset it in Active Directory.');
});

it('tells what was done before it was tried again', () => {
  const note = noteOf(
    caseIn('executing'),
    ...(['action.started', 'action.finished', 'action.started'] as const),
    (c) => eventFor(c, 'action.finished', { outcome: 'refused' }),
    ...(['execution.completed', ...retried, 'evidence.collected'] as const),
    (c) => decided(c, courses.hold),
    'review.opened',
    'notice.posted',
  );
  expect(note).toMatch(/^Earlier, before it was tried again:\n- Dismiss the user risk.*: applied/m);
  const c = after(caseIn('executing'), 'action.started', 'action.finished', 'action.started');
  const refused = after(
    c,
    (now) => eventFor(now, 'action.finished', { outcome: 'refused' }),
    'execution.completed',
  );
  const other = after(
    refused,
    ...retried,
    (now) => ({ ...collected(now), subjectId: sampleId(99) }),
    'review.opened',
    'notice.posted',
  );
  expect(ticketNote(other)).toContain(
    `Earlier, before it was tried again, the release of the user with object id ${c.subjectId}:`,
  );
});

describe('where an approval became void', () => {
  const detail = '1 new risk detection(s) since the approval: [code]x[/code].';
  const gaveUp: Step = (c) => eventFor(c, 'execution.completed', { result: 'void', detail });
  const told = '1 new risk detection(s) since the approval: (code)x(/code).';

  it.each<[string, Step[]]>([
    ['what follows is done', [(c) => decided(c, contain), ...done]],
    ['what follows goes to a person', ['review.opened', 'notice.posted']],
  ])('tells what had changed where %s', (_, steps) => {
    const note = noteOf(caseIn('executing'), gaveUp, 'evidence.collected', ...steps);
    expect(note).toContain(
      `\n\nApproved before and not carried out, because something had changed:\n- ${told}\n`,
    );
  });

  it('does not call approved what was decided with nobody asked', () => {
    const held: Step = (c) => decided(c, courses.hold);
    const note = noteOf(caseIn('containing'), gaveUp, 'evidence.collected', held, 'review.opened');
    expect(note).toContain('\nDecided before and not carried out, because something had changed:\n- 1 new');
  });

  it('tells it once where that is why a person looks', () => {
    const voided = (c: Case) =>
      eventFor(c, 'review.opened', { reason: 'approvalVoid', detail: 'It changed.' });
    const because: Step = (c) =>
      eventFor(c, 'execution.completed', { result: 'void', detail: 'It changed.', handOver: true });
    expect(noteOf(caseIn('executing'), because, voided).split('It changed.')).toHaveLength(2);
  });
});

it('says that Teams could not be told, so that somebody calls', () => {
  const silent = (c: Case) => eventFor(c, 'notice.posted', { messages: [], failure: 'http503' });
  const note = noteOf(caseIn('opened'), 'review.opened', silent);
  expect(note).toContain('Teams could not be told (http503). Please call SecOps on-call.');
});

it.each([
  ['[code]<script>alert(1)</script>[/code]', '(code)<script>alert(1)</script>(/code)'],
  ['［code］full width［/code］', '(code)full width(/code)'],
  ['one\nline [code]', 'one�line (code)'],
  ['right\u202eto left, nothing\u200bthere', 'right�to left, nothing�there'],
  [`${'x'.repeat(298)}😀😀`, `${'x'.repeat(298)}�…`],
])('shows the comment %j as plain text on one line', (untrusted, shown) => {
  const voted = (c: Case) => eventFor(c, 'approval.voted', { vote: vote({ comment: { untrusted } }) });
  expect(noteOf(caseIn('voting'), voted)).toContain(`saying “${shown}”`);
});

it('neutralises [code] in a name too', () => {
  const named = (c: Case) =>
    eventFor(c, 'approval.voted', { vote: vote({ voterName: { untrusted: '[code]<b>Ada</b>[/code]' } }) });
  const note = noteOf(caseIn('voting'), named);
  expect(note).not.toMatch(/\[\/?code\]/i);
});

it('holds no text of the ticket, and nothing of the user but what people decided about', () => {
  const notes = [noteOf(caseIn('executing'), ...done), ticketNote(caseIn('inReview'))].join('\n');
  for (const hidden of ['Please look at this account', 'sam@contoso.example', 'Sam Subject']) {
    expect(notes).not.toContain(hidden);
  }
});

function explained() {
  const rules = [{ id: 'contain-high-risk', effect: 'permit' as const, reason: 'The risk is high.' }];
  return ruling({ effect: 'permit', immediate: true, rules });
}

it.each([
  ['listed', evidence({ owner: 'Payments, ext. 12' }), 'Owner: Payments, ext. 12'],
  ['not listed', evidence(), 'Owner: not listed. Manager in the directory: Max Manager'],
  ['not known', evidence({ manager: known(null) }), 'Owner: unknown'],
])('names the owner of a service account who is %s', (_, found, line) => {
  const facts = { isServiceAccount: 'yes' };
  const note = noteOf(
    caseIn('opened'),
    (c) => collected(c, found),
    (c) => decided(c, { ...courses.hold, facts }),
    'review.opened',
    'notice.posted',
  );
  expect(note).toContain(line);
});

describe('a release that is watched', () => {
  const applied = [...step, ...step];
  const half = after(
    caseIn('executing'),
    ...(['action.started', 'action.finished', 'action.started'] as const),
    (c) => eventFor(c, 'action.finished', { outcome: 'refused' }),
    (c) =>
      eventFor(c, 'execution.completed', { result: 'incomplete', watchUntil: sampleInstant(c.seq + 60) }),
  );
  const watching = after(caseIn('executing'), ...applied, watched);
  const contained = after(
    watching,
    ...(['ticket.updated', 'watch.alarmed', 'evidence.collected'] as const),
    (c) => decided(c, contain),
    ...done,
    'notice.posted',
  );

  it('is told with the time until which the ticket stays open', () => {
    const [headline, next] = ticketNote(watching).split('\n');
    expect(headline).toMatch(/^RELEASED, watched until 2026-03-02 \d\d:\d\d UTC: /);
    expect(next).toContain('The ticket stays open until then.');
  });
  it('is told as what it is where something is left for a person', () => {
    expect(ticketNote(half)).toMatch(/^RISK DISMISSED, watched until .*: not everything is done/);
    const manual = { kind: 'forcePasswordChange', reason: 'synced', instruction: 'Change it.' } as const;
    const { immediate } = contained;
    if (!immediate) throw new Error('it was not contained');
    const before = { ...immediate, plan: containPlan({ manualSteps: [manual] }) };
    expect(ticketNote({ ...watching, immediate: before })).toMatch(/^RISK DISMISSED, watched until /);
  });
  it('and stayed quiet, says so when it is resolved', () => {
    const note = noteOf(watching, 'ticket.updated', 'watch.ended');
    expect(note).toMatch(/^RELEASED: .*\nWatched until .*: no new risk has shown\.\n/);
  });
  it('and is at risk again, tells what was found and what was done', () => {
    const note = ticketNote(contained);
    expect(note).toMatch(
      /^AT RISK AGAIN: new risk has shown after the release\.\n1 new risk detection\(s\): maliciousIPAddress\.\n/,
    );
    expect(note).toContain('Sign the user out everywhere (revoke sessions): applied');
    expect(noteOf(contained, 'ticket.updated')).toMatch(
      /^CONTAINED: .*\nThe account was released on .* and came under risk again: 1 new/,
    );
  });
  it('and is at risk again half done, tells what was done and what nobody is to do now', () => {
    const again = after(half, 'ticket.updated', 'watch.alarmed', 'evidence.collected');
    const note = noteOf(again, 'policy.decided', 'notice.posted');
    expect(note).toMatch(/^AT RISK AGAIN: new risk has shown after the risk was dismissed\.\n/);
    expect(note).toMatch(
      /\nEarlier, before new risk showed \(do nothing more of it before SecOps has agreed\):\n- Dismiss .*: applied.*\n- Enable the account: refused/,
    );
    const closes = ['ticket.updated'] as const;
    const closed = after(again, (c) => decided(c, courses.close), 'notice.posted', ...closes);
    expect(ticketNote(closed)).toMatch(
      /\nThe risk was dismissed on .*, and the account came under risk again: /,
    );
  });
  it('says whom to call where Teams could not be told', () => {
    const untold = {
      ...contained,
      watch: contained.watch && { ...contained.watch, noticeFailure: 'http403' },
    };
    expect(ticketNote(untold)).toContain('Teams could not be told (http403). Please call SecOps on-call.');
  });
});
