import { Registry } from 'prom-client';
import { z } from 'zod';
import { limiterMetrics, registerGraphMetrics } from './graph-metrics';
import { graphEnv, ownRights, standingEnv, standingLists, toldStandingEnv } from './outside-env';

const standing = z.object(standingEnv);
const group = 'abcdef00-0000-4000-8000-000000000001';
const parse = (given: Record<string, string> = {}) =>
  standing.parse({ BREAK_GLASS_GROUP_IDS: group, ...given });

describe('the federated domains', () => {
  it.each([
    [undefined, undefined],
    ['none', []],
    ['Partner.Example, other.example', ['partner.example', 'other.example']],
  ])('%p are %j: not told is not "none"', (text, domains) => {
    expect(parse(text === undefined ? {} : { FEDERATED_DOMAINS: text }).FEDERATED_DOMAINS).toEqual(domains);
  });
});

describe('the lists of accounts', () => {
  it('are by group, and where it is told by name and by attribute', () => {
    const told = {
      BREAK_GLASS_UPN_PATTERNS: 'BG-*@contoso.example, emergency@contoso.example',
      VIP_ATTRIBUTES: 'extensionAttribute7=Board, extensionattribute12=a=b',
    };
    expect(standingLists(parse(told))).toEqual({
      breakGlass: {
        groups: [group],
        upnPatterns: [['bg-', '@contoso.example'], ['emergency@contoso.example']],
        attributes: [],
      },
      serviceAccount: { groups: [], upnPatterns: [], attributes: [] },
      vip: {
        groups: [],
        upnPatterns: [],
        attributes: [
          { name: 'extensionAttribute7', value: 'Board' },
          { name: 'extensionAttribute12', value: 'a=b' },
        ],
      },
    });
  });

  it.each([
    { SERVICE_ACCOUNT_UPN_PATTERNS: 'svc-*,^admin.+$' },
    { VIP_UPN_PATTERNS: '*' },
    { BREAK_GLASS_ATTRIBUTES: 'extensionAttribute16=x' },
    { VIP_ATTRIBUTES: 'jobTitle=CEO' },
  ])('%j are refused', (told) => {
    const parsed = standing.safeParse({ BREAK_GLASS_GROUP_IDS: group, ...told });
    expect(parsed.error?.issues[0]?.message).toMatch(/^must be/);
  });
});

describe('the groups of service accounts and VIPs', () => {
  const told = z.object(toldStandingEnv);
  it('are none only where that is said', () => {
    const none = { SERVICE_ACCOUNT_GROUP_IDS: 'none', VIP_GROUP_IDS: 'none' };
    expect(told.parse({ BREAK_GLASS_GROUP_IDS: group, ...none })).toMatchObject({
      SERVICE_ACCOUNT_GROUP_IDS: [],
      VIP_GROUP_IDS: [],
    });
    const silent = told.safeParse({ BREAK_GLASS_GROUP_IDS: group });
    expect(silent.error?.issues.map(({ path }) => path[0])).toEqual(Object.keys(none));
  });

  it.each(['', 'nobody', `${group},none`])('%p is refused', (text) => {
    const parsed = told.safeParse({
      BREAK_GLASS_GROUP_IDS: group,
      SERVICE_ACCOUNT_GROUP_IDS: text,
      VIP_GROUP_IDS: group,
    });
    expect(parsed.error?.issues[0]?.message).toMatch(/or the word none$/);
  });
});

describe("the executor's rights", () => {
  it('are not known where nobody told them', () => {
    expect(ownRights(parse())).toEqual({ steps: null, directoryRole: null });
  });

  it('are the steps and the directory role as told', () => {
    const told = { EXECUTOR_STEPS: 'revokeSessions,dismissRisk', EXECUTOR_DIRECTORY_ROLE: 'none' };
    expect(ownRights(parse(told))).toEqual({
      steps: ['revokeSessions', 'dismissRisk'],
      directoryRole: 'none',
    });
  });

  it.each([{ EXECUTOR_STEPS: 'deleteUser' }, { EXECUTOR_DIRECTORY_ROLE: 'king' }])(
    '%j are refused',
    (told) => {
      expect(standing.safeParse({ BREAK_GLASS_GROUP_IDS: group, ...told }).success).toBe(false);
    },
  );
});

it.each(['0', '-1', '101', 'many'])('a budget of %s times the documented one is refused', (factor) => {
  expect(graphEnv.GRAPH_BUDGET_FACTOR.safeParse(factor).success).toBe(false);
});

it("shows in a service's metrics what its calls to Graph wait for", async () => {
  const registry = new Registry();
  registerGraphMetrics(registry);
  limiterMetrics.waited('identityProtection', 'containment', 1_500);
  limiterMetrics.gaveUp('reports', 'read');
  limiterMetrics.throttled('reports');
  limiterMetrics.alone('directory');
  const text = await registry.metrics();
  for (const line of [
    'sallyport_graph_budget_wait_seconds_sum{budget="identityProtection",priority="containment"} 1.5',
    'sallyport_graph_budget_gave_up_total{budget="reports",priority="read"} 1',
    'sallyport_graph_throttled_total{budget="reports"} 1',
    'sallyport_graph_budget_alone_total{budget="directory"} 1',
  ]) {
    expect(text).toContain(line);
  }
});
