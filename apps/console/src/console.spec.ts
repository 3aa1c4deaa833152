import { createHash } from 'node:crypto';
import type { Job } from '@sallyport/evidence';
import { jobIdFor } from '@sallyport/idempotency';
import { Browser, locationOf } from './testing/browser';
import { type RunningConsole, runConsole } from './testing/running-console';

/** Postgres, migrations and a provider come up first, on a machine that others share. */
jest.setTimeout(60_000);

const viewer = { roles: ['Sallyport.Viewer'] };
const operator = { roles: ['Sallyport.Operator'] };
const hourMs = 3_600_000;

let running: RunningConsole;
beforeAll(async () => {
  running = await runConsole();
});
afterEach(() => running.moveClock(0));
afterAll(() => running.close());

async function signedIn(answer: { roles: string[] }): Promise<Browser> {
  const browser = running.browser();
  await browser.signIn(running.provider, answer);
  return browser;
}

describe('somebody who is not signed in', () => {
  it.each(['/queues', '/queues/queue/sallyport-audit', '/queues/static/js/main.js'])(
    'is sent from %s to sign in, and comes back there',
    async (path) => {
      const browser = running.browser();
      const sentAway = await browser.get(path);
      expect(sentAway.status).toBe(302);
      const login = sentAway.headers.get('location') ?? '';
      expect(login).toMatch(/^\/login\?/);
      const back = await browser.signIn(running.provider, viewer, login);
      expect(back.headers.get('location')).toBe(`${running.url}${path}`);
    },
  );

  it('is sent from the front page to sign in', async () => {
    const response = await running.browser().get('/');
    expect([response.status, response.headers.get('location')]).toEqual([302, '/login?return=%2F']);
  });

  it('gets no answer of the API', async () => {
    const response = await running.browser().get('/queues/api/queues');
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 'signedOut' });
  });

  it('changes nothing', async () => {
    const response = await running.browser().change('PUT', '/queues/api/queues/sallyport-audit/promote');
    expect(response.status).toBe(401);
  });

  it.each(['/healthz', '/readyz', '/metrics'])('may ask for %s', async (path) => {
    expect((await running.browser().get(path)).status).toBe(200);
  });
});

describe('signing in', () => {
  it('asks the provider with PKCE, state and nonce, anew each time', async () => {
    const browser = running.browser();
    const [first, second] = [
      locationOf(await browser.get('/login')),
      locationOf(await browser.get('/login')),
    ];
    expect(Object.fromEntries(first.searchParams)).toMatchObject({
      response_type: 'code',
      scope: 'openid profile',
      code_challenge_method: 'S256',
      redirect_uri: `${running.url}/callback`,
    });
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(first.searchParams.get(name)).toMatch(/^[\w-]{40,}$/);
      expect(first.searchParams.get(name)).not.toBe(second.searchParams.get(name));
    }
  });

  it.each([
    ['a forged state', { state: 'forged' }],
    ['a forged nonce', { nonce: 'forged' }],
    ['a token signed by somebody else', { foreignKey: true }],
    ['a token for another client', { audience: 'another-client' }],
    ['a token that has expired', { claims: { exp: 1_700_000_000 } }],
    ['a token of another issuer', { claims: { iss: 'https://elsewhere.example' } }],
  ])('is refused with %s', async (_, forgery) => {
    const browser = running.browser();
    const response = await browser.signIn(running.provider, { ...operator, ...forgery });
    expect(response.status).toBe(400);
    expect((await browser.get('/')).status).toBe(302);
  });

  it('is refused in a browser that did not start it', async () => {
    const back = running.provider.signIn(locationOf(await running.browser().get('/login')), operator);
    const response = await running.browser().get(back.pathname + back.search);
    expect(response.status).toBe(400);
  });

  it('is refused when it took more than ten minutes', async () => {
    const browser = running.browser();
    const back = running.provider.signIn(locationOf(await browser.get('/login')), operator);
    running.moveClock(11 * 60_000);
    expect((await browser.get(back.pathname + back.search)).status).toBe(400);
  });

  it('is answered once: the same callback does not sign in again', async () => {
    const browser = running.browser();
    const back = running.provider.signIn(locationOf(await browser.get('/login')), operator);
    expect((await browser.get(back.pathname + back.search)).status).toBe(302);
    expect((await browser.get(back.pathname + back.search)).status).toBe(400);
  });

  it('tells somebody without a role whom to ask, and ends the session there was', async () => {
    const browser = await signedIn(operator);
    const response = await browser.signIn(running.provider, { roles: ['Another.Role'] });
    expect(response.status).toBe(403);
    expect(await response.text()).toContain('Ask an owner of the Sallyport console');
    expect((await browser.get('/')).status).toBe(302);
  });

  it('never leads to another site', async () => {
    const browser = running.browser();
    const back = await browser.signIn(running.provider, viewer, '/login?return=%2F%2Fevil.example');
    expect(back.headers.get('location')).toBe(`${running.url}/`);
  });

  it('makes a new session each time', async () => {
    const browser = await signedIn(viewer);
    const before = new Map(browser.cookies);
    running.moveClock(1_000);
    await browser.signIn(running.provider, operator);
    expect(browser.cookies.get('sallyport')).not.toBe(before.get('sallyport'));
    expect(await (await browser.get('/')).text()).toContain('Operator');
  });
});

describe('a session', () => {
  it('ends after eight hours, whatever the browser still sends', async () => {
    const browser = await signedIn(viewer);
    running.moveClock(8 * hourMs - 60_000);
    expect((await browser.get('/')).status).toBe(200);
    running.moveClock(8 * hourMs);
    expect((await browser.get('/')).status).toBe(302);
    expect((await browser.get('/queues/api/queues')).status).toBe(401);
  });

  it('is not what its cookie claims, once somebody has changed it', async () => {
    const browser = await signedIn(viewer);
    const session = Buffer.from(browser.cookies.get('sallyport') ?? '', 'base64').toString();
    expect(session).toContain('"role":"viewer"');
    const forged = Buffer.from(session.replace('"viewer"', '"operator"')).toString('base64');
    browser.cookies.set('sallyport', forged);
    expect((await browser.get('/')).status).toBe(302);
  });

  it('is kept from scripts and from cross-site requests', async () => {
    const response = await running.browser().get('/login');
    for (const cookie of response.headers.getSetCookie()) {
      expect(cookie).toMatch(/; path=\/; samesite=lax; httponly$/i);
    }
  });

  it('ends by signing out', async () => {
    const browser = await signedIn(viewer);
    const response = await browser.change('POST', '/logout');
    expect([response.status, response.headers.get('location')]).toEqual([303, '/signed-out']);
    expect((await browser.get('/')).status).toBe(302);
    expect(await (await browser.get('/signed-out')).text()).toContain('You are signed out');
  });
});

describe('the front page', () => {
  it('says who is signed in as what, as text and not as markup', async () => {
    const page = await (await (await signedIn(viewer)).get('/')).text();
    expect(page).toContain('<strong>Ivo &#60;b&#62;Marek&#60;/b&#62;</strong>, Viewer');
  });

  it('counts the jobs of each stage', async () => {
    await running.queues.wake(jobOf('triage', 1));
    const page = await (await (await signedIn(viewer)).get('/')).text();
    const cells = page.slice(page.indexOf('>Triage<')).match(/<td class="count ?\w*">\d+<\/td>/g);
    expect(cells?.slice(0, 4).map((cell) => /\d+/.exec(cell)?.[0])).toEqual(['1', '0', '0', '0']);
  });

  it('allows its own stylesheet and nothing else', async () => {
    const response = await (await signedIn(viewer)).get('/');
    const style = /<style>([^]*)<\/style>/.exec(await response.text())?.[1] ?? '';
    const hash = createHash('sha256').update(style).digest('base64');
    const policy = response.headers.get('content-security-policy');
    expect(policy).toContain(`style-src 'sha256-${hash}'`);
    expect(policy).not.toContain('script-src');
    expect(policy).not.toContain('unsafe');
  });
});

describe('the queues', () => {
  it('are shown to a viewer, read-only', async () => {
    const browser = await signedIn(viewer);
    const page = await browser.get('/queues/');
    expect(await page.text()).toContain('Sallyport queues');
    const listing = await (await browser.get('/queues/api/queues')).json();
    const names = ['Context', 'Policy', 'Triage', 'Approval', 'Executor', 'Audit'];
    expect(listing).toMatchObject({
      queues: names.map((displayName) => ({ displayName, readOnlyMode: true })),
    });
  });

  it('load what they need from here alone', async () => {
    const browser = await signedIn(viewer);
    const page = await browser.get('/queues/');
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self';");
    const scripts = [...(await page.text()).matchAll(/<script defer src="([^"]+)"/g)].map(([, src]) => src);
    expect(scripts.length).toBeGreaterThan(0);
    for (const src of scripts) expect((await browser.get(`/queues/${src}`)).status).toBe(200);
  });

  it.each(everyChange())('refuse a viewer %s %s', async (method, path) => {
    const browser = await signedIn(viewer);
    const job = await failedJob();
    const response = await browser.change(method, path.replace(':job', jobIdFor(job)), undefined, {});
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'readOnly' });
    expect(await running.queues.jobState(job)).toBe('failed');
  });

  it('let an operator retry a failed job', async () => {
    const job = await failedJob();
    const path = `/queues/api/queues/sallyport-audit/${jobIdFor(job)}/retry`;
    expect((await (await signedIn(operator)).change('PUT', path)).status).toBe(204);
    expect(await running.queues.jobState(job)).toBe('waiting');
  });

  it('let an operator retry all failed jobs of a stage', async () => {
    const job = await failedJob();
    const path = '/queues/api/queues/sallyport-audit/retry/failed';
    expect((await (await signedIn(operator)).change('PUT', path)).status).toBe(200);
    expect(await running.queues.jobState(job)).toBe('waiting');
  });

  it.each(['/:job/promote', '/promote'])('let an operator promote delayed jobs by %s', async (path) => {
    const job = await delayedJob();
    const asked = `/queues/api/queues/sallyport-audit${path.replace(':job', jobIdFor(job))}`;
    expect((await (await signedIn(operator)).change('PUT', asked)).ok).toBe(true);
    expect(await running.queues.jobState(job)).toBe('waiting');
  });

  it('let an operator clean a failed job', async () => {
    const job = await failedJob();
    const path = `/queues/api/queues/sallyport-audit/${jobIdFor(job)}/clean`;
    expect((await (await signedIn(operator)).change('PUT', path)).status).toBe(204);
    expect(await running.queues.jobState(job)).toBe('missing');
  });

  it('let an operator clean all delayed jobs of a stage', async () => {
    const job = await delayedJob();
    const path = '/queues/api/queues/sallyport-audit/clean/delayed';
    expect((await (await signedIn(operator)).change('PUT', path)).status).toBe(200);
    expect(await running.queues.jobState(job)).toBe('missing');
  });

  it.each(neverOffered())('offer nobody %s %s', async (method, path) => {
    const browser = await signedIn(operator);
    const job = await failedJob();
    const body = { name: 'audit', data: { userPrincipalName: 'somebody@example.com' }, options: {} };
    const before = await running.queues.counts();
    const response = await browser.change(method, path.replace(':job', jobIdFor(job)), undefined, body);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'notOffered' });
    expect(await running.queues.counts()).toEqual(before);
  });
});

describe('a change that another site asks for', () => {
  it.each([
    ['nothing tells where it comes from', {}],
    ['it comes from another site', { 'sec-fetch-site': 'cross-site' }],
    ['it comes from a sibling domain', { 'sec-fetch-site': 'same-site' }],
    ['it has another origin', { origin: 'https://evil.example' }],
    ['it has no origin to show', { origin: 'null' }],
    ['its two proofs disagree', { 'sec-fetch-site': 'same-origin', origin: 'https://evil.example' }],
  ])('is refused when %s', async (_, headers: Record<string, string>) => {
    const browser = await signedIn(operator);
    const job = await failedJob();
    const path = `/queues/api/queues/sallyport-audit/${jobIdFor(job)}/clean`;
    const response = await browser.change('PUT', path, headers);
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({ code: 'crossSite' });
    expect(await running.queues.jobState(job)).toBe('failed');
    expect((await browser.change('POST', '/logout', headers)).status).toBe(403);
    expect((await browser.get('/')).status).toBe(200);
  });

  it.each([[{ 'sec-fetch-site': 'same-origin' }], [undefined]])(
    'is taken from the console itself with either proof: %j',
    async (headers) => {
      const browser = await signedIn(operator);
      const proof = headers ?? { origin: running.url };
      expect((await browser.change('POST', '/logout', proof)).status).toBe(303);
    },
  );
});

let seq = 100;
const nextSeq = (): number => (seq += 1);

function jobOf(stage: Job['stage'], at: number): Job {
  return { caseId: `case-${'0'.repeat(32)}`, stage, seq: at };
}

/** A job of the audit stage that has failed for good. */
async function failedJob(): Promise<Job> {
  const job = jobOf('audit', nextSeq());
  await running.fail(job);
  return job;
}

/** Waits for an hour, and since a minute: Bull Board cleans nothing younger than five seconds. */
async function delayedJob(): Promise<Job> {
  const job = jobOf('audit', nextSeq());
  const timestamp = Date.now() - 60_000;
  await running.queues.queue('audit').add('audit', job, { jobId: jobIdFor(job), delay: hourMs, timestamp });
  return job;
}

function everyChange(): [method: string, path: string][] {
  return [...offered(), ...neverOffered()];
}

function offered(): [method: string, path: string][] {
  return [
    ['PUT', '/queues/api/queues/sallyport-audit/:job/retry'],
    ['PUT', '/queues/api/queues/sallyport-audit/:job/promote'],
    ['PUT', '/queues/api/queues/sallyport-audit/:job/clean'],
    ['PUT', '/queues/api/queues/sallyport-audit/retry/failed'],
    ['PUT', '/queues/api/queues/sallyport-audit/promote'],
    ['PUT', '/queues/api/queues/sallyport-audit/clean/failed'],
  ];
}

function neverOffered(): [method: string, path: string][] {
  return [
    ['POST', '/queues/api/queues/sallyport-audit/add'],
    ['PATCH', '/queues/api/queues/sallyport-audit/:job/update-data'],
    ['PATCH', '/queues/api/queues/sallyport-audit/:job/delay'],
    ['PATCH', '/queues/api/queues/sallyport-audit/:job/priority'],
    ['PUT', '/queues/api/queues/sallyport-audit/pause'],
    ['PUT', '/queues/api/queues/pause'],
    ['PUT', '/queues/api/queues/sallyport-audit/empty'],
    ['PUT', '/queues/api/queues/sallyport-audit/obliterate'],
    ['PUT', '/queues/api/queues/sallyport-audit/concurrency'],
    ['PUT', '/queues/API/queues/sallyport-audit/empty'],
    ['DELETE', '/queues/api/queues/sallyport-audit/:job/clean'],
  ];
}
