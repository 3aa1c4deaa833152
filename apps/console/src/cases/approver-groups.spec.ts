import type { Step } from '@sallyport/case/testing';
import { asked } from '../testing/asked-case';
import { people } from '../testing/directory';
import { type RunningConsole, runConsole } from '../testing/running-console';

jest.setTimeout(60_000);

let running: RunningConsole;
beforeAll(async () => {
  running = await runConsole({}, 'unreadable');
});
afterAll(() => running.close());

async function pageOf(...steps: Step[]): Promise<string> {
  const c = await running.rig.newCase(...steps);
  const browser = running.browser();
  await browser.signIn(running.provider, { roles: ['Sallyport.Viewer'], claims: { oid: people.ada } });
  return (await browser.get(`/cases/${c.id}`)).text();
}

describe('a console that may not read how the approver groups are protected', () => {
  it('shows cases and is ready', async () => {
    expect(await pageOf(...asked())).toContain('Sam Subject');
    expect((await fetch(`${running.url}/readyz`)).status).toBe(200);
  });

  it('takes no votes', async () => {
    const page = await pageOf(...asked());
    expect(page).toContain('Your rights could not be checked just now, so no vote can be taken.');
    expect(page).not.toContain('name="choice"');
  });

  it('ends no reviews', async () => {
    const page = await pageOf(...asked(), 'review.opened', 'notice.posted', 'ticket.updated');
    expect(page).toContain('Your rights could not be checked just now');
    expect(page).not.toContain('name="note"');
  });
});
