import type { Case } from '@sallyport/case';
import { grouped } from '@sallyport/case/testing';
import { people } from '../testing/directory';
import { type RunningConsole, runConsole } from '../testing/running-console';

jest.setTimeout(60_000);

let running: RunningConsole;
beforeAll(async () => {
  running = await runConsole();
});
afterAll(() => running.close());

const reviewed = ['review.opened', 'notice.posted', 'ticket.updated'] as const;
const inGroup = (kind: string, leadCaseId?: string): Promise<Case> =>
  running.rig.newCase('evidence.collected', (c) => grouped(c, leadCaseId, kind), ...reviewed);
async function pageOf(c: Case): Promise<string> {
  const browser = running.browser();
  await browser.signIn(running.provider, { roles: ['Sallyport.Viewer'], claims: { oid: people.ada } });
  return (await browser.get(`/cases/${c.id}`)).text();
}

it('lists the members of a group with links on the page of its lead', async () => {
  const lead = await inGroup('several');
  const members = [await inGroup('several', lead.id), await inGroup('several', lead.id)];
  const other = await inGroup('another kind');
  const page = await pageOf(lead);
  expect(page).toContain('This case leads 3 cases so far');
  for (const member of members) expect(page).toContain(`<a href="/cases/${member.id}">`);
  expect(page).not.toContain(other.id);
});

it('leads from a member to its lead', async () => {
  const lead = await inGroup('two');
  const page = await pageOf(await inGroup('two', lead.id));
  expect(page).toMatch(new RegExp(`Decided with <a href="/cases/${lead.id}">INC0010001</a>`));
});

it('says nothing of groups where there is none', async () => {
  const page = await pageOf(await running.rig.newCase('evidence.collected', 'policy.decided', ...reviewed));
  expect(page).not.toContain('Group case');
  expect(page).not.toContain('Part of a group');
});
