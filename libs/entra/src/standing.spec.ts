import { EvidenceReader } from './evidence-reader';
import { graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';
import type { StandingList } from './standing';
import { extensionAttributeOf, matchesUpn, upnPatternOf } from './standing-list';

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const group = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const listed = (over: Partial<StandingList> = {}): StandingList => ({
  groups: [],
  upnPatterns: [],
  attributes: [],
  ...over,
});
const page = (...value: unknown[]): Scripted => ({ status: 200, body: { value } });
const memberGroups = `POST /users/${ines}/checkMemberGroups`;
const account = `GET /users/${ines}`;

let server: Awaited<ReturnType<typeof graphServer>>;
afterEach(() => server.stop());
async function standing(routes: Record<string, Scripted | Scripted[]>, lists: Record<string, StandingList>) {
  server = await graphServer(routes);
  const reader = new EvidenceReader(server.client, ['case-1'], stillRuntime());
  const given = { breakGlass: listed(), serviceAccount: listed(), vip: listed(), ...lists };
  return reader.standing(ines, given);
}

describe('standing by group', () => {
  it('asks for at most twenty groups per call, and not for the account', async () => {
    const lists = {
      breakGlass: listed({ groups: [group(1)] }),
      vip: listed({ groups: Array.from({ length: 24 }, (_, n) => group(n + 2)) }),
    };
    const reading = await standing({ [memberGroups]: [page(), page(group(25).toUpperCase())] }, lists);
    expect(reading).toMatchObject({
      state: 'known',
      value: { breakGlass: false, serviceAccount: false, vip: true },
    });
    expect(server.received.map(({ body }) => (body as { groupIds: string[] }).groupIds.length)).toEqual([
      20, 5,
    ]);
  });

  it('is unknown where no break-glass list is configured', async () => {
    const reading = await standing({}, { vip: listed({ groups: [group(1)] }) });
    expect(reading).toMatchObject({ state: 'unknown', reason: 'notConfigured' });
  });
});

describe('standing by name and attribute', () => {
  const lists = {
    breakGlass: listed({ groups: [group(1)], upnPatterns: [upnPatternOf('bg-*@contoso.example')] }),
    serviceAccount: listed({ upnPatterns: [upnPatternOf('svc-*')] }),
    vip: listed({ attributes: [extensionAttributeOf('extensionAttribute7=VIP')] }),
  };
  const attributes = { extensionAttribute7: null };
  const row = (over: object) => ({
    status: 200,
    body: {
      userPrincipalName: 'ines@contoso.example',
      onPremisesExtensionAttributes: attributes,
      ...over,
    },
  });

  it.each<[string, Scripted, unknown]>([
    ['nothing matches', row({}), [false, false, false]],
    ['the name matches', row({ userPrincipalName: 'BG-1@Contoso.example' }), [true, false, false]],
    ['a service name matches', row({ userPrincipalName: 'svc-backup@x.example' }), [false, true, false]],
    [
      'the attribute matches',
      row({ onPremisesExtensionAttributes: { extensionAttribute7: ' vip ' } }),
      [false, false, true],
    ],
    [
      'the attribute has another value',
      row({ onPremisesExtensionAttributes: { extensionAttribute7: 'VIPER' } }),
      [false, false, false],
    ],
    ['there is no name', row({ userPrincipalName: null }), 'invalid'],
    ['the name is empty', row({ userPrincipalName: '' }), 'invalid'],
    ['the attributes are not shown', row({ onPremisesExtensionAttributes: undefined }), 'hidden'],
    ['the attributes are null', row({ onPremisesExtensionAttributes: null }), 'hidden'],
    ['the one attribute is not shown', row({ onPremisesExtensionAttributes: {} }), 'hidden'],
    ['the account is gone', graphError(404, 'Request_ResourceNotFound'), 'notFound'],
    ['the account is forbidden', graphError(403, 'Authorization_RequestDenied'), 'forbidden'],
  ])('where %s', async (_what, answer, expected) => {
    const reading = await standing({ [memberGroups]: page(), [account]: answer }, lists);
    const { value } = reading.state === 'known' ? reading : { value: null };
    expect(value ? [value.breakGlass, value.serviceAccount, value.vip] : reading).toEqual(
      value ? expected : expect.objectContaining({ state: 'unknown', reason: expected }),
    );
  });

  it('is unknown where the attribute is, though another criterion of the list matches', async () => {
    const both = listed({ groups: [group(1)], attributes: lists.vip.attributes });
    const answer = row({ onPremisesExtensionAttributes: null });
    const routes = { [memberGroups]: page(group(1)), [account]: answer };
    expect(await standing(routes, { breakGlass: both })).toMatchObject({ state: 'unknown' });
  });
});

describe('a pattern', () => {
  beforeEach(async () => void (server = await graphServer({})));

  it.each<[string, string, boolean]>([
    ['svc-*', 'svc-backup@contoso.example', true],
    ['svc-*', 'my-svc-backup@contoso.example', false],
    ['*@service.contoso.example', 'a@SERVICE.contoso.example', true],
    ['*@service.contoso.example', 'a@service.contoso.example.evil.example', false],
    ['break.glass@contoso.example', 'Break.Glass@contoso.example', true],
    ['break.glass@contoso.example', 'breakXglass@contoso.example', false],
    ['a*b*c', 'abc', true],
    ['a*b*c', 'a-c-b', false],
    ['ab*ba', 'aba', false],
    ['*ext#*', 'a_b.example#EXT#@contoso.example', true],
    ['a**b', 'a-b', true],
  ])('%s on %s: %p', (pattern, name, expected) => {
    expect(matchesUpn(upnPatternOf(pattern), name)).toBe(expected);
  });

  it.each(['*', '*@*', '', 'svc-.*(a|b)', 'svc [x]', 'svc?', `a${'b'.repeat(400)}`])(
    'is refused as %j',
    (text) => {
      expect(() => upnPatternOf(text)).toThrow(RangeError);
    },
  );

  it.each([
    'extensionAttribute16=x',
    'extensionAttribute0=x',
    'department=x',
    'extensionAttribute7',
    'extensionAttribute7= ',
  ])('of an attribute is refused as %j', (text) => {
    expect(() => extensionAttributeOf(text)).toThrow(RangeError);
  });
});
