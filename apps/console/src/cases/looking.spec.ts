import { caseIn, eventFor } from '@sallyport/case/testing';
import { callerId, evidence, sampleId, subjectId, unknown } from '@sallyport/evidence/testing';
import { advising, asked, saying } from '../testing/asked-case';
import type { Browser } from '../testing/browser';
import { people } from '../testing/directory';
import { type RunningConsole, runConsole } from '../testing/running-console';

jest.setTimeout(60_000);

let running: RunningConsole;
beforeAll(async () => {
  running = await runConsole();
});
afterEach(() => {
  running.moveClock(0);
  running.directory.reset();
});
afterAll(() => running.close());

async function signedIn(oid: string | null = people.ada): Promise<Browser> {
  const browser = running.browser();
  await browser.signIn(running.provider, {
    roles: ['Sallyport.Viewer'],
    claims: { ...(oid !== null && { oid }) },
  });
  return browser;
}
const pageAt = async (path: string, browser?: Browser) =>
  (await (browser ?? (await signedIn())).get(path)).text();
const pageOf = (c: { id: string }, browser?: Browser) => pageAt(`/cases/${c.id}`, browser);

describe('somebody who is not signed in', () => {
  it.each(['/cases', `/cases/${caseIn('voting').id}`])(
    'is sent from %s to sign in and back',
    async (path) => {
      const response = await running.browser().get(path);
      expect(response.status).toBe(302);
      expect(response.headers.get('location')).toBe(`/login?return=${encodeURIComponent(path)}`);
    },
  );
});

describe('the list', () => {
  it('has the cases that wait for a decision and those in manual review, and no others', async () => {
    const waiting = await running.rig.newCase(...asked());
    const review = await running.rig.newCase('review.opened', 'notice.posted', 'ticket.updated');
    const other = await running.rig.newCase('evidence.collected');
    const page = await pageAt('/cases');
    const [, decision = '', manual = ''] = page.split(/<h2>(?:Waiting for a decision|In manual review)/);
    expect(decision).toContain(`/cases/${waiting.id}"`);
    expect(decision).toContain('SecOps on-call, Identity Operations');
    expect(decision).toContain('3 h 59 min');
    expect(decision).not.toContain(review.id);
    expect(manual).toContain(`/cases/${review.id}"`);
    expect(page).not.toContain(other.id);
  });

  it('tells of a damaged case and still shows the others', async () => {
    const damaged = await running.rig.newCase(...asked());
    const sound = await running.rig.newCase(...asked());
    await running.rig.db.query(`UPDATE sallyport.case_head SET hash = repeat('0', 64) WHERE case_id = $1`, [
      damaged.id,
    ]);
    const page = await pageAt('/cases');
    expect(page).toContain(`/cases/${sound.id}"`);
    expect(page).toMatch(new RegExp(`/cases/${damaged.id}"[^]*Its log is damaged`));
    const response = await (await signedIn()).get(`/cases/${damaged.id}`);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('Nobody acts on this case');
  });
});

describe('a case', () => {
  it.each(['case-00000000000000000000000000000000', 'case-1', 'CASE', '%00', '..%2F..'])(
    'that does not exist is a page that says so: %s',
    async (id) => {
      const response = await (await signedIn()).get(`/cases/${id}`);
      expect(response.status).toBe(404);
      expect(await response.text()).toContain('There is no such case');
    },
  );

  it('says what is asked, what each answer does, who has answered, why, and what is unknown', async () => {
    const vote = { voterId: people.ivy, voterName: { untrusted: 'Ivy' }, roles: ['identityOps' as const] };
    const c = await running.rig.newCase(
      ...asked(undefined, { ...evidence(), devices: unknown() }),
      (before) => eventFor(before, 'approval.voted', { vote: { ...vote, choice: 'approve', comment: null } }),
    );
    const page = (await pageOf(c)).replaceAll(/\s+/g, ' ');
    for (const words of [
      'Waiting for a decision',
      'Shall this account be released?',
      'What Approve does',
      '<li>Dismiss the user risk in Entra ID Protection</li>',
      '<li>Enable the account</li>',
      'What Deny does',
      '<strong>SecOps on-call</strong>: 0 of 1',
      '<strong>Identity Operations</strong>: 1 of 1',
      '3 h 59 min left',
      'The devices: the source did not answer',
      'The sample permits it.',
      'Advice, not a decision',
      'Written by a fixed template. It takes no part in the decision.',
      '<bdi>Ivy</bdi></strong> (Identity Operations) said <strong>yes</strong> in Teams',
    ])
      expect(page).toContain(words);
  });

  it('in manual review says why and what to do, and offers no vote', async () => {
    const c = await running.rig.newCase(...asked(), 'review.opened', 'notice.posted', 'ticket.updated');
    const page = await pageOf(c);
    expect(page).toContain('A service gave up after all its attempts.');
    expect(page).toContain('Look at it.');
    expect(page).not.toContain('name="choice"');
    expect(page).toContain('End this review');
  });

  it('whose time is over offers no vote', async () => {
    const c = await running.rig.newCase(...asked());
    running.moveClock(4 * 3_600_000 + 1_000);
    const page = await pageOf(c);
    expect(page).toContain('Not decided in time');
    expect(page).not.toContain('name="choice"');
  });

  it('shows every event, whatever has happened to it', async () => {
    const c = await running.rig.newCase(
      ...asked([{ role: 'secops', count: 1 }]),
      (before) =>
        eventFor(before, 'vote.refused', { voterId: people.stranger, refusal: 'noRole', channel: 'console' }),
      'approval.voted',
      'approval.decided',
      (before) => ({ ...eventFor(before, 'action.started'), sentAs: sampleId(77) }),
      'action.answered',
      'action.finished',
    );
    const events = await running.rig.eventsOf(c);
    const page = await pageOf(c);
    for (const { type } of events) expect(page).toContain(`<code>${type}</code>`);
    expect(page.match(/<span class="when">/g)).toHaveLength(events.length);
    expect(page).toContain(`One call for several cases, client-request-id <code>${sampleId(77)}</code>.`);
  });
});

describe('text from outside', () => {
  const hostile = `\u202Egnp</bdi><script>alert(1)</script><img src=x onerror=alert(1)> "' \`\${1}\` & javascript:x`;

  it('is inert wherever it stands, on every page', async () => {
    const c = await running.rig.newCase(...asked(undefined, saying(hostile), advising(hostile)), (before) =>
      eventFor(before, 'approval.voted', {
        vote: {
          ...{ voterId: people.ivy, voterName: { untrusted: hostile }, roles: ['identityOps'] },
          ...{ choice: 'approve', comment: { untrusted: hostile } },
        },
      }),
    );
    for (const path of ['/cases', `/cases/${c.id}`]) {
      const page = await pageAt(path);
      expect(page).toContain('&#60;script&#62;alert(1)');
      expect(page).not.toMatch(/<(script|img)/);
      expect(page).not.toContain('\u202E');
      expect(page).toContain('⟨U+202E⟩');
    }
  });

  it('of the sign-in and of a refused comment is inert too', async () => {
    const browser = running.browser();
    await browser.signIn(running.provider, {
      roles: ['Sallyport.Viewer'],
      claims: { oid: people.ada, name: hostile },
    });
    expect(await pageAt('/cases', browser)).not.toMatch(/<(script|img)/);
  });

  it('is allowed nothing by the policy of the page', async () => {
    const c = await running.rig.newCase(...asked());
    const policy = (await (await signedIn()).get(`/cases/${c.id}`)).headers.get('content-security-policy');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/script-src|unsafe/);
  });
});

describe('the buttons', () => {
  it('are there for somebody who may vote', async () => {
    const page = await pageOf(await running.rig.newCase(...asked()));
    expect(page.match(/name="choice" value="(approve|deny)"/g)).toHaveLength(2);
  });

  it.each([
    ['holds none of the roles', people.stranger, 'None of the roles asked for is yours'],
    ['is the subject', subjectId, 'This case is about you'],
    ['asked for it', callerId, 'You asked for this'],
    ['is a guest', people.guest, 'Guests cannot approve'],
    ['has a disabled account', people.disabled, 'Your account is disabled'],
    ['reports to the subject', people.report, 'somebody you report to'],
    ['is not in the directory', sampleId(99), 'The directory does not know your account'],
    ['signed in without a directory id', null, 'does not say who you are in the directory'],
  ])('are not there for somebody who %s', async (_, oid, words) => {
    const page = await pageOf(await running.rig.newCase(...asked()), await signedIn(oid));
    expect(page).toContain(words);
    expect(page).not.toContain('name="choice"');
  });

  it('cost nothing of the one call per second that Identity Protection has for the whole tenant', async () => {
    const c = await running.rig.newCase(...asked());
    for (const id of [people.ada, people.risky, people.stranger]) await pageOf(c, await signedIn(id));
    const { asked: paths } = running.directory.world;
    expect(paths.filter((path) => path.endsWith('/checkMemberGroups'))).toHaveLength(3);
    expect(paths.filter((path) => path.includes('/identityProtection/'))).toEqual([]);
  });

  it('cost the directory one reading for a page that is opened again and again', async () => {
    const c = await running.rig.newCase(...asked());
    const inReview = await running.rig.newCase(
      ...asked(),
      'review.opened',
      'notice.posted',
      'ticket.updated',
    );
    const browser = await signedIn();
    for (const one of [c, inReview]) {
      running.directory.world.asked = [];
      await Promise.all(Array.from({ length: 10 }, () => pageOf(one, browser)));
      const { asked: paths } = running.directory.world;
      expect(paths.filter((path) => path.endsWith('/checkMemberGroups'))).toHaveLength(1);
    }
  });

  it('are not there while the directory cannot be asked, and the page is', async () => {
    const c = await running.rig.newCase(...asked());
    running.directory.world.up = false;
    const page = await pageOf(c);
    expect(page).toContain('Your rights could not be checked');
    expect(page).not.toContain('name="choice"');
  });

  it('offer only to deny to somebody who has approved', async () => {
    const vote = { voterId: people.ada, voterName: { untrusted: 'Ada' }, roles: ['secops' as const] };
    const c = await running.rig.newCase(...asked(), (before) =>
      eventFor(before, 'approval.voted', { vote: { ...vote, choice: 'approve', comment: null } }),
    );
    const page = await pageOf(c);
    expect(page).toContain('You have approved.');
    expect(page).toContain('value="deny"');
    expect(page).not.toContain('value="approve"');
  });
});
