import { graphCall } from './graph-call';
import { graphClientWith, loginOf } from './graph-client';
import { graphCloudOf } from './graph-cloud';

// The table of https://learn.microsoft.com/graph/deployments, and the scopes of https://learn.microsoft.com/graph/sdks/national-clouds
it.each([
  [undefined, 'public', 'https://login.microsoftonline.com', 'https://graph.microsoft.com/.default'],
  [
    'https://graph.microsoft.com',
    'public',
    'https://login.microsoftonline.com',
    'https://graph.microsoft.com/.default',
  ],
  [
    'https://graph.microsoft.us/',
    'usGovernment',
    'https://login.microsoftonline.us',
    'https://graph.microsoft.us/.default',
  ],
  [
    'https://dod-graph.microsoft.us',
    'usGovernment',
    'https://login.microsoftonline.us',
    'https://dod-graph.microsoft.us/.default',
  ],
  [
    'https://microsoftgraph.chinacloudapi.cn',
    'china',
    'https://login.chinacloudapi.cn',
    'https://microsoftgraph.chinacloudapi.cn/.default',
  ],
])(
  'a client for %s asks the login service of its cloud for that Graph',
  async (baseUrl, name, host, scope) => {
    expect(graphCloudOf(baseUrl)).toEqual({ name, authorityHost: host });
    expect(loginOf(baseUrl === undefined ? {} : { baseUrl })).toEqual({ authorityHost: host });
    const asked: unknown[] = [];
    const credential = {
      getToken: async (scopes: string | string[]) => {
        asked.push(scopes);
        return null;
      },
    };
    const client = graphClientWith(credential, baseUrl === undefined ? {} : { baseUrl });
    const call = { method: 'GET', path: '/users', clientRequestId: 'x' } as const;
    await expect(graphCall(client, call)).rejects.toMatchObject({ code: 'tokenUnavailable', sent: false });
    expect(asked).toEqual([scope]);
  },
);

it('a Graph that is not Microsoft’s belongs to no cloud', () => {
  expect(graphCloudOf('https://graph.microsoft.us.example')).toBeNull();
  expect(graphCloudOf('https://simulator:8443')).toBeNull();
});
