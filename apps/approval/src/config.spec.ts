import { specifyConfig } from '@sallyport/service/testing';
import { approvalConfig } from './config';
import { rightConfig } from './testing/right-config';

specifyConfig('approval', approvalConfig, rightConfig, [
  ['TEAMS_APPROVALS_CHANNEL_ID', 'general'],
  ['SECOPS_GROUP_ID', 'secops'],
  ['APPROVAL_TTL_MINUTES', '4'],
  ['APPROVAL_TTL_MINUTES', '10081'],
  ['APPROVAL_REMINDERS', '4'],
  ['ESCALATION_AFTER_MINUTES', '240'],
  ['ESCALATION_CHANNEL_ID', 'on-call'],
  ['ESCALATION_GROUP_ID', 'on-call'],
  ['APPROVAL_HOURS', 'nine to five'],
  ['APPROVAL_TIME_ZONE', 'Central Europe'],
  ['APPROVAL_HOLIDAYS', '2026-12-25,Christmas'],
  ['APPROVER_GROUPS_PROTECTED', 'no'],
  ['BOT_APP_SECRET', 'short'],
  ['BOT_CLOUD', 'germany'],
  ['BOT_OPENID_METADATA_URL', 'http://login.example/openidconfiguration'],
  ['BOT_OPENID_METADATA_URL', 'no URL'],
  ['BOT_TOKEN_ISSUER', 'http://login.example'],
  ['TEAMS_LIMITS_FACTOR', '0'],
  ['CONSOLE_URL', 'the console'],
]);

it('takes keys over plain http from this machine alone', () => {
  const local = {
    BOT_OPENID_METADATA_URL: 'http://127.0.0.1:1/keys',
    BOT_TOKEN_ISSUER: 'http://localhost:1',
  };
  expect(approvalConfig.parse({ ...rightConfig, ...local })).toMatchObject(local);
});

describe('the bot and the directory are in one cloud', () => {
  it.each([
    ['public', undefined, true],
    ['public', 'https://graph.microsoft.com', true],
    ['public', 'https://graph.microsoft.us', false],
    ['usGovernment', undefined, false],
    ['usGovernment', 'https://graph.microsoft.us', true],
    ['usGovernment', 'https://dod-graph.microsoft.us', true],
    ['usGovernment', 'https://microsoftgraph.chinacloudapi.cn', false],
    ['china', 'https://microsoftgraph.chinacloudapi.cn', true],
    ['china', undefined, false],
    ['china', 'https://localhost:8443', true],
  ])('%s with %p: %p', (BOT_CLOUD, GRAPH_BASE_URL, starts) => {
    const given = { ...rightConfig, BOT_CLOUD, ...(GRAPH_BASE_URL && { GRAPH_BASE_URL }) };
    const parsed = approvalConfig.safeParse(given);
    expect(parsed.success).toBe(starts);
    if (!starts) expect(parsed.error?.issues).toMatchObject([{ path: ['BOT_CLOUD'] }]);
  });
});
