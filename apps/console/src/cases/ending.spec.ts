import type { Case } from '@sallyport/case';
import { eventFor, type Step } from '@sallyport/case/testing';
import { callerId, sampleId, subjectId } from '@sallyport/evidence/testing';
import { asked } from '../testing/asked-case';
import type { Browser } from '../testing/browser';
import { people } from '../testing/directory';
import { type RunningConsole, runConsole } from '../testing/running-console';
import { FormTokens } from '../form-token';
import type { SignedIn } from '../sessions';
import { endingFrom } from './ending';

jest.setTimeout(60_000);

let running: RunningConsole;
beforeAll(async () => {
  running = await runConsole({ REVIEW_ROLES: 'secops' });
});
afterEach(() => {
  running.moveClock(0);
  running.directory.reset();
});
afterAll(() => running.close());

const review: readonly Step[] = ['review.opened', 'notice.posted', 'ticket.updated'];
/** A release of which one step is in doubt and the next was not attempted. */
const inDoubt: readonly Step[] = [
  ...asked([{ role: 'secops', count: 1 }]),
  ...(['approval.voted', 'approval.decided', 'action.started'] as const),
  (c) => eventFor(c, 'action.finished', { outcome: 'unknown' }),
  'execution.completed',
  ...review,
];
const fresh = (): Promise<Case> => running.rig.newCase(...inDoubt);

async function signedIn(oid: string = people.ada, claims: Record<string, unknown> = {}): Promise<Browser> {
  const browser = running.browser();
  await browser.signIn(running.provider, { roles: ['Sallyport.Viewer'], claims: { oid, ...claims } });
  return browser;
}
const pageOf = async (browser: Browser, c: Case) => (await browser.get(`/cases/${c.id}`)).text();

type Fields = Record<string, string>;
/** What one of the three forms on the page would send. */
async function formOn(browser: Browser, c: Case, resolution: string, more: Fields = {}): Promise<Fields> {
  const page = await pageOf(browser, c);
  const [form = ''] = page.split('<form').filter((part) => part.includes(`value="${resolution}"`));
  const hidden = [...form.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)"/g)];
  const fields = hidden.map(([, name = '', value = '']): [string, string] => [name, value]);
  return { ...Object.fromEntries(fields), note: 'Looked at it.', ...more };
}
const path = (c: Pick<Case, 'id'>): string => `/cases/${c.id}/review`;
const bothSaid: Fields = { 'step.proposed.dismissRisk': 'done', 'step.proposed.enableAccount': 'notDone' };
const eventTypes = async (c: Case) => (await running.rig.eventsOf(c)).map(({ type }) => type);

async function expectNothing(c: Case): Promise<void> {
  expect((await running.rig.caseNow(c)).seq).toBe(c.seq);
}

describe('ending a review on the console', () => {
  it('offers to try again, and nothing else, before it is known whom the case is about', async () => {
    const c = await running.rig.newCase(...review);
    const browser = await signedIn();
    const page = await pageOf(browser, c);
    const offered = [...page.matchAll(/name="resolution" value="(\w+)"/g)].map(
      ([, resolution]) => resolution,
    );
    expect(offered).toEqual(['retry']);
    const form = await formOn(browser, c, 'retry');
    const response = await browser.submit(path(c), { ...form, resolution: 'close' });
    expect(response.status).toBe(409);
    await expectNothing(c);
  });

  it.each<[string, Fields, object]>([
    ['close', {}, { resolution: 'close', steps: [] }],
    ['doneByHand', bothSaid, { resolution: 'doneByHand' }],
    ['retry', {}, { resolution: 'retry', steps: [] }],
    [
      'retry',
      { 'step.proposed.dismissRisk': 'notDone' },
      { steps: [{ slot: 'proposed', step: 'dismissRisk', done: false }] },
    ],
  ])('%s: with who, how and why in the log before the answer', async (resolution, more, expected) => {
    const c = await fresh();
    const browser = await signedIn();
    const response = await browser.submit(path(c), await formOn(browser, c, resolution, more));
    expect([response.status, response.headers.get('location')]).toEqual([303, `/cases/${c.id}`]);
    expect((await running.rig.eventsOf(c)).at(-1)).toMatchObject({
      type: 'review.resolved',
      personId: people.ada,
      personName: { untrusted: 'Ada Approver' },
      roles: ['secops'],
      note: { untrusted: 'Looked at it.' },
      ...expected,
    });
    const now = await running.rig.caseNow(c);
    expect(await running.queues.jobState({ caseId: c.id, stage: 'approval', seq: now.seq })).toBe('waiting');
    expect(await pageOf(browser, c)).toMatch(/Ended by <bdi>Ada Approver/);
  });

  it('by two people at once is one’s, and the other is told whose', async () => {
    const c = await fresh();
    running.directory.world.people[people.ivy] = { displayName: 'Ivy', groups: adasGroups() };
    const [ada, ivy] = [await signedIn(), await signedIn(people.ivy)];
    const forms = [await formOn(ada, c, 'retry'), await formOn(ivy, c, 'close')] as const;
    const answers = await Promise.all([ada.submit(path(c), forms[0]), ivy.submit(path(c), forms[1])]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 409]);
    const loser = answers.find(({ status }) => status === 409);
    expect(await loser?.text()).toMatch(/<bdi>(Ada Approver|Ivy)<\/bdi> has ended this review already/);
    expect((await eventTypes(c)).filter((type) => type === 'review.resolved')).toHaveLength(1);
  });

  it('by a retry is not possible while another case looks at the same user', async () => {
    const c = await fresh();
    await running.rig.newCase('evidence.collected');
    const browser = await signedIn();
    const response = await browser.submit(path(c), await formOn(browser, c, 'retry'));
    expect(response.status).toBe(409);
    expect(await response.text()).toContain('Another open case looks at this user now');
    await expectNothing(c);
    expect((await browser.submit(path(c), await formOn(browser, c, 'close'))).status).toBe(303);
  });

  it('twice by the same form is once', async () => {
    const c = await fresh();
    const browser = await signedIn();
    const form = await formOn(browser, c, 'close');
    const answers = await Promise.all([browser.submit(path(c), form), browser.submit(path(c), form)]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect((await eventTypes(c)).filter((type) => type === 'review.resolved')).toHaveLength(1);
  });
});

const adasGroups = (): readonly string[] => running.directory.world.people[people.ada]?.groups ?? [];

describe('a review is not ended', () => {
  it.each<[why: string, person: () => string, refusal: string, words: RegExp]>([
    ['the user', () => subjectId, 'subject', /This case is about you/],
    ['whoever asked for it', () => callerId, 'requester', /You asked for this/],
    ['somebody in no role', () => people.stranger, 'noRole', /None of the roles/],
    ['somebody in another role', () => people.ivy, 'noRole', /None of the roles/],
    ['somebody at risk', () => people.risky, 'atRisk', /flagged as risky/],
    ['somebody who reports to the user', () => people.report, 'reportsToSubject', /somebody you report to/],
    ['a guest', () => people.guest, 'guest', /Guests/],
    [
      'somebody who is not in the directory any more',
      () => sampleId(99),
      'unknownPerson',
      /The directory does not know your account any more, or not yet, so nothing was changed/,
    ],
  ])('by %s, which is written down', async (_, person, refusal, words) => {
    const c = await fresh();
    const browser = await signedIn(person());
    // The page serves them no form; they send one all the same.
    const form = await formOn(await signedIn(), c, 'close');
    const formToken = tokenOf(browser, c);
    const response = await browser.submit(path(c), { ...form, formToken });
    expect(response.status).toBe(409);
    expect(await response.text()).toMatch(words);
    expect((await running.rig.eventsOf(c)).at(-1)).toMatchObject({ type: 'resolution.refused', refusal });
    await browser.submit(path(c), { ...form, formToken });
    expect((await running.rig.caseNow(c)).seq).toBe(c.seq + 1);
  });

  it.each<[why: string, Fields, words: RegExp]>([
    ['without a word', { note: '  ' }, /Say in a few words/],
    ['with a step left out', { 'step.proposed.enableAccount': '' }, /could not be read/],
  ])('%s', async (_, more, words) => {
    const c = await fresh();
    const browser = await signedIn();
    const form = await formOn(browser, c, 'doneByHand', { ...bothSaid, ...more });
    expect(await (await browser.submit(path(c), form)).text()).toMatch(words);
    await expectNothing(c);
  });

  it('where nobody can say who somebody is', async () => {
    const c = await fresh();
    const browser = await signedIn();
    const form = await formOn(browser, c, 'close');
    running.directory.world.up = false;
    const response = await browser.submit(path(c), form);
    expect(await response.text()).toContain('could not be checked just now');
    await expectNothing(c);
  });

  it('but not for how many reviews somebody has ended within a minute', async () => {
    const browser = await signedIn(people.bea);
    for (let ended = 0; ended <= 20; ended += 1) {
      const c = await running.rig.newCase(...review);
      const response = await browser.submit(path(c), await formOn(browser, c, 'retry'));
      expect([ended, response.status]).toEqual([ended, 303]);
    }
  });

  it('from a sign-in that is not recent, or over', async () => {
    const c = await fresh();
    const browser = await signedIn();
    const form = await formOn(browser, c, 'close');
    running.moveClock(16 * 60_000);
    expect((await browser.submit(path(c), form)).status).toBe(401);
    expect(await pageOf(browser, c)).toContain('To end this review, first sign in again');
    expect((await running.browser().submit(path(c), form)).status).toBe(401);
    await expectNothing(c);
  });

  it('by a form of another sign-in, another case, another site, or as JSON', async () => {
    const c = await fresh();
    const browser = await signedIn();
    const form = await formOn(browser, c, 'close');
    const others = await formOn(await signedIn(), c, 'close');
    expect((await browser.submit(path(c), { ...form, formToken: others['formToken'] ?? '' })).status).toBe(
      403,
    );
    const foreign = { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' };
    expect((await browser.submit(path(c), form, foreign)).status).toBe(403);
    expect((await browser.change('POST', path(c), undefined, form)).status).toBe(400);
    await expectNothing(c);
  });

  it('by looking, or by the page of a review that is over', async () => {
    const c = await fresh();
    const browser = await signedIn();
    const form = await formOn(browser, c, 'close');
    expect((await browser.get(path(c))).status).toBe(404);
    await expectNothing(c);
    const again = await running.rig.extend(
      c.id,
      (now) =>
        eventFor(now, 'review.resolved', { steps: [{ slot: 'proposed', step: 'dismissRisk', done: false }] }),
      ...(['notice.posted', 'ticket.updated'] as const),
      (now) => eventFor(now, 'action.finished', { outcome: 'unknown' }),
      ...review,
    );
    const response = await browser.submit(path(c), form);
    expect(await response.text()).toContain('moved on to another review');
    expect((await running.rig.caseNow(c)).seq).toBe(again.seq);
  });
});

it('a case about nobody in particular can be ended too, once its ticket was read', async () => {
  const c = await running.rig.newCase(
    (now) => eventFor(now, 'evidence.collected', { subjectId: null }),
    ...review,
  );
  const browser = await signedIn();
  const response = await browser.submit(path(c), await formOn(browser, c, 'close'));
  expect(response.status).toBe(303);
});

describe('the form of an ending', () => {
  const right = { formToken: 't', review: '12', resolution: 'close', note: 'a\r\nb ' };
  it('is read as it is sent', () => {
    expect(endingFrom({ ...right, ...bothSaid })).toEqual({
      ...{ formToken: 't', review: 12, resolution: 'close', note: 'a\nb' },
      steps: [
        { slot: 'proposed', step: 'dismissRisk', done: true },
        { slot: 'proposed', step: 'enableAccount', done: false },
      ],
    });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['another field', { ...right, more: '1' }],
    ['a doubled field', { ...right, note: ['a', 'b'] }],
    ['a doubled step', { ...right, 'step.proposed.dismissRisk': ['done', 'notDone'] }],
    ['a step that nobody knows', { ...right, 'step.proposed.pray': 'done' }],
    ['another way to end', { ...right, resolution: 'forget' }],
    ['a review without a number', { ...right, review: '-1' }],
    ['a note that is too long', { ...right, note: 'x'.repeat(1_001) }],
  ])('is not read with %s', (_, body) => {
    expect(endingFrom(body)).toBeNull();
  });
});

/** The page serves this person no form: the token that one would carry. */
function tokenOf(browser: Browser, c: Case): string {
  const cookie = decodeURIComponent(browser.cookies.get('sallyport') ?? '');
  const session: { signedIn: SignedIn } = JSON.parse(Buffer.from(cookie, 'base64').toString());
  return new FormTokens({ SESSION_SECRET: running.sessionSecret }).issue(session.signedIn, path(c));
}
