import type { Case } from '@sallyport/case';
import { collected, decided, eventFor } from '@sallyport/case/testing';
import { evidence, releasePlan, ruling, sampleInstant, subjectId } from '@sallyport/evidence/testing';
import { createLogger } from '@sallyport/service';
import { ApproverGroups, StageRunner, Voting } from '@sallyport/stage';
import { Registry } from 'prom-client';
import { asked, twoPeople } from '../testing/asked-case';
import { type Browser, locationOf } from '../testing/browser';
import { people, roleGroupIds } from '../testing/directory';
import { type RunningConsole, runConsole } from '../testing/running-console';

jest.setTimeout(60_000);

const minuteMs = 60_000;
let running: RunningConsole;
beforeAll(async () => {
  running = await runConsole();
});
afterEach(() => {
  running.moveClock(0);
  running.directory.reset();
});
afterAll(() => running.close());

async function signedIn(oid: string = people.ada, claims: Record<string, unknown> = {}): Promise<Browser> {
  const browser = running.browser();
  await browser.signIn(running.provider, { roles: ['Sallyport.Viewer'], claims: { oid, ...claims } });
  return browser;
}

type Fields = Record<string, string>;

/** What the form on the case's page would send, had somebody clicked. */
async function formOn(browser: Browser, c: Pick<Case, 'id'>, choice = 'approve'): Promise<Fields> {
  const page = await (await browser.get(`/cases/${c.id}`)).text();
  const hidden = [...page.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
  const fields = hidden.map(([, name = '', value = '']): [string, string] => [name, value]);
  return { ...Object.fromEntries(fields), comment: '', choice };
}
const votes = (c: Pick<Case, 'id'>): string => `/cases/${c.id}/votes`;
const votesIn = async (c: Case) => (await running.rig.caseNow(c)).proposal?.votes ?? [];
/** A link: the policy of the page stops redirects of its form to the provider. */
async function expectWayTo(login: string, response: Response): Promise<void> {
  expect([response.status, response.headers.get('location')]).toEqual([401, null]);
  expect(await response.text()).toContain(`<a class="button" href="${login.replace('&', '&#38;')}">`);
}
async function expectNothing(c: Case): Promise<void> {
  expect((await running.rig.caseNow(c)).seq).toBe(c.seq);
}

describe('a vote on the console', () => {
  it('is in the log before the answer, with who, as what, where and why', async () => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const form = await formOn(browser, c);
    const response = await browser.submit(votes(c), { ...form, comment: 'Spoke to her.\r\nAll fine. ' });
    expect([response.status, response.headers.get('location')]).toEqual([303, `/cases/${c.id}`]);
    expect((await running.rig.eventsOf(c)).at(-1)).toMatchObject({
      type: 'approval.voted',
      channel: 'console',
      proposalDigest: c.proposal?.digest,
      activityId: expect.stringMatching(/^console-[0-9a-f-]{36}$/),
      vote: {
        voterId: people.ada,
        voterName: { untrusted: 'Ada Approver' },
        roles: ['secops'],
        choice: 'approve',
        comment: { untrusted: 'Spoke to her.\nAll fine.' },
      },
    });
  });

  it('and one in Teams make the quorum together, and the next stage is woken', async () => {
    const c = await running.rig.newCase(...asked(twoPeople));
    const clock = () => new Date();
    // The bot's endpoint does nothing else with a click.
    const teams = new Voting(
      new StageRunner(running.rig.log, running.rig.queues, clock, running.rig.logger),
      running.directory.people,
      new ApproverGroups({
        ...{ service: 'spec', groups: {}, requirement: 'warn', protectionOf: running.directory.protectionOf },
        ...{ registry: new Registry(), logger: running.rig.logger },
      }),
      { secops: roleGroupIds.SECOPS_GROUP_ID, identityOps: roleGroupIds.IDENTITY_OPS_GROUP_ID },
      createLogger('spec', 'silent'),
    );
    const proposalPrefix = c.proposal?.digest.slice(0, 24) ?? '';
    const click = { caseId: c.id, proposalPrefix, choice: 'approve', comment: null } as const;
    const first = await teams.vote({ ...click, voterId: people.ivy, channel: 'teams', activityId: 'click' });
    expect(first.kind).toBe('recorded');
    expect((await running.rig.caseNow(c)).phase).toBe('voting');
    const browser = await signedIn();
    await browser.submit(votes(c), await formOn(browser, c));
    const now = await running.rig.caseNow(c);
    expect(now.phase).toBe('tallied');
    expect(now.proposal?.votes.map(({ voterId }) => voterId)).toEqual([people.ivy, people.ada]);
    expect(await running.queues.jobState({ caseId: c.id, stage: 'approval', seq: now.seq })).toBe('waiting');
  });

  it('that denies ends it', async () => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    await browser.submit(votes(c), await formOn(browser, c, 'deny'));
    expect((await running.rig.caseNow(c)).phase).toBe('tallied');
    expect(await votesIn(c)).toMatchObject([{ choice: 'deny' }]);
  });

  it('from two tabs counts once, and both come back to the case', async () => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const [one, two] = [await formOn(browser, c), await formOn(browser, c)];
    const answers = await Promise.all([browser.submit(votes(c), one), browser.submit(votes(c), two)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(await votesIn(c)).toHaveLength(1);
  });

  it('from a second tab that says otherwise is told that it is over', async () => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const [deny, approve] = [await formOn(browser, c, 'deny'), await formOn(browser, c)];
    await browser.submit(votes(c), deny);
    const late = await browser.submit(votes(c), approve);
    expect(late.status).toBe(409);
    expect(await late.text()).toContain('This has been decided already');
    expect(await votesIn(c)).toMatchObject([{ choice: 'deny' }]);
  });

  it('on a case whose log is damaged is told so', async () => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const form = await formOn(browser, c);
    await running.rig.db.query(`UPDATE sallyport.case_head SET hash = repeat('0', 64) WHERE case_id = $1`, [
      c.id,
    ]);
    const response = await browser.submit(votes(c), form);
    expect(response.status).toBe(500);
    expect(await response.text()).toContain('Nobody acts on this case');
  });

  it('sent fifty times at once by one person counts once', async () => {
    const c = await running.rig.newCase(...asked([{ role: 'secops', count: 2 }]));
    const browser = await signedIn();
    const form = await formOn(browser, c);
    const answers = await Promise.all(Array.from({ length: 50 }, () => browser.submit(votes(c), form)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([303]));
    expect(await votesIn(c)).toHaveLength(1);
  });
});

describe('nothing is decided', () => {
  it.each(['GET', 'HEAD', 'OPTIONS'])('by %s, whatever the address says', async (method) => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const query = new URLSearchParams(await formOn(browser, c)).toString();
    for (const path of [`/cases/${c.id}`, votes(c), '/cases']) {
      for (const headers of [{}, { 'sec-purpose': 'prefetch' }, { purpose: 'preview' }]) {
        await browser.change(method, `${path}?${query}`, headers);
      }
    }
    await expectNothing(c);
  });

  it('without signing in; one is shown the way to sign in and back to the case, and has to choose again', async () => {
    const c = await running.rig.newCase(...asked());
    const form = await formOn(await signedIn(), c);
    const response = await running.browser().submit(votes(c), form);
    const login = `/login?return=${encodeURIComponent(`/cases/${c.id}`)}`;
    await expectWayTo(login, response);
    await expectNothing(c);
  });

  it.each<[string, (form: Fields) => Fields | [string, string][], number]>([
    ['without a form token', ({ formToken: _, ...rest }) => rest, 400],
    ['with an empty form token', (form) => ({ ...form, formToken: '' }), 403],
    ['with a wrong form token', (form) => ({ ...form, formToken: 'x'.repeat(43) }), 403],
    ['with two form tokens', (form) => [...Object.entries(form), ['formToken', 'x']], 400],
    ['without a proposal', ({ proposal: _, ...rest }) => rest, 400],
    [
      'with the beginning of a proposal',
      (form) => ({ ...form, proposal: form['proposal']?.slice(0, 24) ?? '' }),
      400,
    ],
    ['with another choice', (form) => ({ ...form, choice: 'release' }), 400],
    ['with two choices', (form) => [...Object.entries(form), ['choice', 'deny']], 400],
    ['with a field that is not ours', (form) => ({ ...form, voterId: people.ivy }), 400],
    ['with a comment that is too long', (form) => ({ ...form, comment: 'x'.repeat(5_000) }), 400],
    ['with a body that is too big', (form) => ({ ...form, comment: 'x'.repeat(20_000) }), 413],
  ])('%s', async (_, forge, status) => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const response = await browser.submit(votes(c), forge(await formOn(browser, c)));
    expect(response.status).toBe(status);
    await expectNothing(c);
  });

  it('with the form of another case', async () => {
    const c = await running.rig.newCase(...asked());
    const other = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const { formToken = '' } = await formOn(browser, other);
    const response = await browser.submit(votes(c), { ...(await formOn(browser, c)), formToken });
    expect(response.status).toBe(403);
    await expectNothing(c);
  });

  it('with the form of another sign-in, be it of the same person', async () => {
    const c = await running.rig.newCase(...asked());
    for (const other of [await signedIn(people.ivy), await signedIn()]) {
      const response = await (await signedIn()).submit(votes(c), await formOn(other, c));
      expect(response.status).toBe(403);
      expect(await response.text()).toContain('another sign-in');
    }
    await expectNothing(c);
  });

  it.each<[string, Record<string, string>]>([
    ['from another site', { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' }],
    ['from a sibling domain', { 'sec-fetch-site': 'same-site' }],
    ['from nowhere', {}],
  ])('%s, even with the right form', async (_, headers) => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const response = await browser.submit(votes(c), await formOn(browser, c), headers);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'crossSite' });
    await expectNothing(c);
  });

  it('as JSON', async () => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const response = await browser.change('POST', votes(c), undefined, await formOn(browser, c));
    expect(response.status).toBe(400);
    await expectNothing(c);
  });

  it('on a case that does not exist, or where nobody was asked', async () => {
    const c = await running.rig.newCase('evidence.collected');
    const waiting = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const form = await formOn(browser, waiting);
    for (const path of ['/cases/case-1/votes', `/cases/case-${'0'.repeat(32)}/votes`, votes(c)]) {
      expect((await browser.submit(path, form)).status).toBeGreaterThanOrEqual(403);
    }
    await expectNothing(c);
  });
});

describe('a page that is older than the case', () => {
  it('cannot vote on a proposal that it did not show', async () => {
    const steps = asked([{ role: 'secops', count: 1 }]);
    const c = await running.rig.newCase(...steps);
    const browser = await signedIn();
    const stale = await formOn(browser, c);
    // Approved, found void before it was carried out, and asked anew on fresh evidence.
    await running.rig.extend(c.id, 'approval.voted', 'approval.decided', (before) =>
      eventFor(before, 'execution.completed', { result: 'void', detail: 'The risk has changed.' }),
    );
    const [, , ...again] = steps;
    const quorum = [{ role: 'secops' as const, count: 1 }];
    const rulings = { contain: ruling(), release: ruling({ effect: 'permit', quorum }), close: ruling() };
    const anew = await running.rig.extend(
      c.id,
      (before) => collected(before, { ...evidence(), collectedAt: sampleInstant(30) }),
      (before) => decided(before, { rulings, proposed: releasePlan() }),
      ...again,
    );
    const response = await browser.submit(votes(c), stale);
    expect(response.status).toBe(409);
    expect(await response.text()).toContain('The case has changed since this page was made');
    expect(await votesIn(anew)).toEqual([]);
    await browser.submit(votes(c), await formOn(browser, c));
    expect(await votesIn(anew)).toHaveLength(1);
  });
});

describe('rights are asked of the directory at the click', () => {
  it.each<[string, (id: string) => void, string]>([
    ['has left the group', (id) => change(id, { groups: [] }), 'None of the roles'],
    ['was disabled', (id) => change(id, { accountEnabled: false }), 'Your account is disabled'],
    ['became a guest', (id) => change(id, { userType: 'Guest' }), 'Guests cannot approve'],
    ['came to be at risk', (id) => atRisk(id), 'flagged as risky'],
    ['reports to the subject by now', (id) => change(id, { managerId: subjectId }), 'you report to'],
    ['cannot be looked up', () => (running.directory.world.up = false), 'could not be checked'],
  ])('whoever %s since the page was made does not vote', async (_, happens, words) => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const form = await formOn(browser, c);
    happens(people.ada);
    const response = await browser.submit(votes(c), form);
    expect(response.status).toBe(409);
    expect(await response.text()).toContain(words);
    expect(await votesIn(c)).toEqual([]);
  });

  it('and being an operator of the console is no right', async () => {
    const c = await running.rig.newCase(...asked());
    const form = await formOn(await signedIn(), c);
    const browser = running.browser();
    const claims = { oid: people.stranger };
    await browser.signIn(running.provider, { roles: ['Sallyport.Operator'], claims });
    expect(await formOn(browser, c)).not.toHaveProperty('formToken');
    expect((await browser.submit(votes(c), form)).status).toBe(403);
    expect(await votesIn(c)).toEqual([]);
  });

  /** A reading of risk holds for five seconds. */
  function atRisk(id: string): void {
    change(id, { atRisk: true });
    running.directory.world.aheadMs += 5_001;
  }

  function change(id: string, to: object): void {
    const person = running.directory.world.people[id];
    if (person) Object.assign(person, to);
  }
});

describe('a vote needs a sign-in of the last fifteen minutes', () => {
  const again = (c: Case): string => `/login?again&return=${encodeURIComponent(`/cases/${c.id}`)}`;

  it('and one that is older is shown the way to sign in again, back to the case, and votes then', async () => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn();
    const form = await formOn(browser, c);
    running.moveClock(16 * minuteMs);
    const response = await browser.submit(votes(c), form);
    await expectWayTo(again(c), response);
    await expectNothing(c);

    const page = await (await browser.get(`/cases/${c.id}`)).text();
    expect(page).toContain('Sign in again to vote');
    expect(page).not.toContain('name="choice"');

    const away = locationOf(await browser.get(again(c)));
    expect(Object.fromEntries(away.searchParams)).toMatchObject({ prompt: 'login', max_age: '900' });
    const provenAt = { auth_time: Math.floor(Date.now() / 1_000) + 16 * 60 };
    const answer = { roles: ['Sallyport.Viewer'], claims: { oid: people.ada, ...provenAt } };
    const back = await browser.signIn(running.provider, answer, again(c));
    expect(back.headers.get('location')).toBe(`${running.url}/cases/${c.id}`);
    // What was chosen before is not carried out by coming back.
    await expectNothing(c);
    await browser.submit(votes(c), await formOn(browser, c));
    expect(await votesIn(c)).toHaveLength(1);
  });

  it.each([
    ['was proven long ago, though the console was entered just now', { auth_time: 5 }],
    ['says nothing of when', { auth_time: undefined }],
    ['was proven in the future', { auth_time: Math.floor(Date.now() / 1_000) + 3_600 }],
  ])('and not one that %s', async (_, claims) => {
    const c = await running.rig.newCase(...asked());
    const browser = await signedIn(people.ada, claims);
    const page = await (await browser.get(`/cases/${c.id}`)).text();
    expect(page).toContain('Sign in again to vote');
    expect(page).not.toContain('formToken');
  });
});
