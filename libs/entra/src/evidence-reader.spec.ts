import { earlierCallsMax, evidenceSchema } from '@sallyport/evidence';
import { clientRequestId } from '@sallyport/idempotency';
import { EvidenceReader } from './evidence-reader';
import { GraphAsker } from './graph-asker';
import { graphError, graphServer, stillRuntime, type Scripted } from './graph-server.fixture';
import { readBounds } from './retry';

const ines = '3f1b6a52-7c0d-4e7e-9a0f-2b1f0d5c9e11';
const beth = '9b2e6a7f-2f50-4a37-9a3e-8f1f6d1f0001';
const group = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const since = '2026-11-13T00:00:00.000Z';
const page = (...value: unknown[]): Scripted => ({ status: 200, body: { value } });
const risky = {
  id: ines,
  isDeleted: false,
  isProcessing: false,
  riskLevel: 'high',
  riskState: 'atRisk',
  riskDetail: 'none',
  riskLastUpdatedDateTime: '2026-11-20T09:14:27.1180000Z',
};

type Server = Awaited<ReturnType<typeof graphServer>>;
let server: Server;
let runtime = stillRuntime();
const reading = async (routes: Record<string, Scripted | Scripted[]>) => {
  server = await graphServer(routes);
  runtime = stillRuntime();
  return new EvidenceReader(server.client, ['case-1', 2], runtime);
};
afterEach(() => server.stop());

describe('risk', () => {
  const path = `GET /identityProtection/riskyUsers/${ines}`;
  it('is known with its source: the call, both request ids and the time', async () => {
    const reader = await reading({ [path]: { status: 200, body: risky } });
    const expectedId = clientRequestId('case-1', 2, 'risk', 0);
    const risk = await reader.risk(ines);
    expect(risk).toEqual({
      state: 'known',
      value: expect.objectContaining({ level: 'high', state: 'atRisk' }),
      source: {
        call: 'GET /identityProtection/riskyUsers/{id}',
        requestId: `server-${expectedId.slice(0, 8)}`,
        clientRequestId: expectedId,
        readAt: '2026-11-20T10:00:00.000Z',
      },
    });
    expect(evidenceSchema.shape.risk.parse(risk)).toEqual(risk);
    expect(server.received[0]?.headers.prefer).toBe('include-unknown-enum-members');
  });

  it('and registration of somebody else are not taken for the user’s', async () => {
    const registration = `GET /reports/authenticationMethods/userRegistrationDetails/${ines}`;
    const flags = { isMfaRegistered: true, isSsprCapable: true, isPasswordlessCapable: true };
    const reader = await reading({
      [path]: { status: 200, body: { ...risky, id: beth } },
      [registration]: { status: 200, body: { id: beth, ...flags } },
    });
    const unknown = { state: 'unknown', reason: 'invalid' };
    expect(await reader.risk(ines)).toMatchObject(unknown);
    expect(await reader.registration(ines)).toMatchObject(unknown);
  });

  it('is none where Graph has never seen risk (404)', async () => {
    const reader = await reading({ [path]: graphError(404, 'ResourceNotFound') });
    expect(await reader.risk(ines)).toMatchObject({
      state: 'known',
      value: { level: 'none', state: 'none' },
    });
  });

  it.each<[Scripted, string, number]>([
    [{ html: 'no such page', status: 404 }, 'invalid', 1],
    [{ html: '<h1>Maintenance</h1>', status: 200 }, 'unavailable', 4],
    [{ status: 200, body: { ...risky, isProcessing: undefined } }, 'invalid', 1],
    [{ status: 200, body: null }, 'invalid', 1],
    [graphError(403, 'Authentication_RequestFromNonPremiumTenantOrB2CTenant'), 'forbidden', 1],
    [graphError(401, 'InvalidAuthenticationToken'), 'forbidden', 1],
    [graphError(429, 'TooManyRequests'), 'unavailable', 4],
    [graphError(503, 'ServiceUnavailable'), 'unavailable', 4],
    [graphError(504, 'GatewayTimeout'), 'unavailable', 4],
    ['reset', 'unavailable', 4],
    [graphError(429, 'TooManyRequests', { 'retry-after': '600' }), 'unavailable', 1],
  ])('is unknown after %j: %s after %i calls', async (scripted, reason, calls) => {
    const reader = await reading({ [path]: scripted });
    expect(await reader.risk(ines)).toMatchObject({ state: 'unknown', reason });
    expect(server.received).toHaveLength(calls);
    expect(runtime.slept).toHaveLength(calls - 1);
  });

  it('is known when a throttled call succeeds later, each attempt with an id of its own, and all are kept', async () => {
    const reader = await reading({
      [path]: [graphError(429, 'TooManyRequests'), 'reset', { status: 200, body: risky }],
    });
    const risk = await reader.risk(ines);
    expect(risk.state).toBe('known');
    const [first, second, third] = server.received.map(({ headers }) => headers['client-request-id']);
    expect(new Set([first, second, third]).size).toBe(3);
    expect(risk.source).toMatchObject({ clientRequestId: third, earlierClientRequestIds: [first, second] });
    expect(evidenceSchema.shape.risk.parse(risk)).toEqual(risk);
    expect(runtime.slept).toEqual([500, 1_000]);
  });

  it('waits as long as Retry-After says', async () => {
    const reader = await reading({
      [path]: [graphError(429, 'TooManyRequests', { 'retry-after': '3' }), { status: 200, body: risky }],
    });
    await reader.risk(ines);
    expect(runtime.slept[0]).toBeGreaterThanOrEqual(3_000);
  });
});

describe('collections', () => {
  const path = '/identityProtection/riskDetections';
  const detection = (id: string) => ({
    id,
    userId: ines,
    riskEventType: 'unlikelyTravel',
    riskLevel: 'medium',
    riskState: 'atRisk',
    detectedDateTime: '2026-11-20T09:12:01Z',
  });
  const nextLinkTo = (link: (origin: string) => string, rows: unknown[] = []) => {
    const body = { value: rows, '@odata.nextLink': '' };
    return { scripted: { status: 200, body }, arm: () => (body['@odata.nextLink'] = link(server.origin)) };
  };

  it('follow the next link of an empty page and drop repeated rows', async () => {
    const first = nextLinkTo((origin) => `${origin}/v1.0${path}?$skiptoken=a%2Bb`);
    const reader = await reading({
      [`GET ${path}?$skiptoken=a+b`]: page(detection('1'), detection('1')),
      [`GET ${path}`]: first.scripted,
    });
    first.arm();
    expect(await reader.detections(ines, since)).toMatchObject({ state: 'known', value: [{ id: '1' }] });
    expect(server.received[0]?.url).toContain(
      `$filter=userId eq '${ines}' and detectedDateTime ge 2026-11-13T00:00:00Z`,
    );
  });

  it.each([
    ['a longer name', (origin: string) => `${origin}.evil.example/v1.0${path}`],
    ['a host within the path', (origin: string) => `${origin}/v1.0/https://evil.example/v1.0${path}`],
    ['a host within the query', (origin: string) => `${origin}/v1.0${path}?$filter=https://evil.example/`],
    ['a user in front', (origin: string) => `${origin}/v1.0/`.replace('//', '//evil@')],
    ['another version', (origin: string) => `${origin}/beta${path}`],
    ['another version by dots', (origin: string) => `${origin}/v1.0/users/../../beta/users`],
    ['another version by hidden dots', (origin: string) => `${origin}/v1.0/users/%2e%2E/..\\..\\beta/users`],
  ])('never follow a link elsewhere with our token: %s', async (_, link) => {
    const first = nextLinkTo(link, [detection('1')]);
    const reader = await reading({ [`GET ${path}`]: first.scripted });
    first.arm();
    expect(await reader.detections(ines, since)).toMatchObject({
      state: 'unknown',
      reason: 'invalid',
      detail: expect.stringContaining('foreignNextLink'),
    });
    expect(server.received).toHaveLength(1);
  });

  it('end after ten pages, as unknown rather than as a part', async () => {
    const endless = nextLinkTo((origin) => `${origin}/v1.0${path}`, [detection('1')]);
    const reader = await reading({ [`GET ${path}`]: endless.scripted });
    endless.arm();
    expect(await reader.detections(ines, since)).toMatchObject({ state: 'unknown', reason: 'invalid' });
    expect(server.received).toHaveLength(10);
  });

  it('of detections fall back to the documented time filter where userId is refused', async () => {
    const reader = await reading({
      [`GET ${path}`]: [graphError(400, 'Request_UnsupportedQuery'), page(detection('1'))],
    });
    expect(await reader.detections(ines, since)).toMatchObject({ state: 'known', value: [{ id: '1' }] });
    expect(server.received[1]?.url).toContain('$filter=lastUpdatedDateTime gt 2026-11-13T00:00:00Z');
  });

  it('of sign-ins still show that they are cut where Graph repeats a row', async () => {
    const rows = Array.from({ length: 205 }, (_, n) => ({
      // The first two rows are one sign-in: the newest two hundred rows would be 199 sign-ins, and look complete.
      id: `s${Math.max(n, 1)}`,
      createdDateTime: '2026-11-20T09:00:00Z',
      userId: ines,
      status: { errorCode: 0 },
    }));
    const reader = await reading({ 'GET /auditLogs/signIns': page(...rows) });
    const signIns = await reader.signIns(ines, since);
    expect(signIns.state === 'known' && signIns.value).toHaveLength(200);
  });
});

describe('roles', () => {
  const privileged = '62e90394-69f5-4237-9190-012177145e10';
  const memberOf = `GET /users/${ines}/transitiveMemberOf`;
  const roleGroups = 'GET /groups';
  const assignments = 'GET /roleManagement/directory/roleAssignments';
  const eligibility = 'GET /roleManagement/directory/roleEligibilityScheduleInstances';
  const groupEligibility = 'GET /identityGovernance/privilegedAccess/group/eligibilityScheduleInstances';

  it('are united from the person and each role-assignable group', async () => {
    const of = (route: string, principal: string) =>
      `${route}?$filter=principalId eq '${principal}'${route === assignments ? '&$expand=roleDefinition' : ''}`;
    const reader = await reading({
      [memberOf]: page({
        '@odata.type': '#microsoft.graph.group',
        id: group(1),
        displayName: 'Admins',
        isAssignableToRole: true,
      }),
      [of(assignments, ines)]: page(),
      [of(assignments, group(1))]: page({ roleDefinitionId: privileged }),
      [of(eligibility, ines)]: page({ roleDefinitionId: group(9) }),
      [of(eligibility, group(1))]: page(),
      [of(groupEligibility, ines)]: page(),
    });
    expect(await reader.roles(ines)).toMatchObject({
      state: 'known',
      value: {
        active: [{ templateId: privileged, builtIn: true }],
        eligible: [{ templateId: group(9), builtIn: false }],
        roleAssignableGroup: true,
      },
    });
  });

  const plain = {
    [memberOf]: page(),
    [roleGroups]: page(),
    [assignments]: page(),
    [eligibility]: page(),
    [groupEligibility]: page(),
  };

  it('of somebody who can activate a place in a group are privileged', async () => {
    for (const accessId of ['member', 'owner']) {
      const reader = await reading({
        ...plain,
        [groupEligibility]: page({ principalId: ines, groupId: group(1), accessId }),
      });
      expect(await reader.roles(ines)).toMatchObject({ value: { roleAssignableGroup: true } });
      if (accessId === 'member') await server.stop();
    }
  });

  const staff = (n: number) => ({
    '@odata.type': '#microsoft.graph.group',
    id: group(n),
    displayName: `Staff ${n}`,
    isAssignableToRole: null,
  });
  const placeOf = (n: number) => `${groupEligibility}?$filter=principalId eq '${group(n)}'`;

  it.each<[string, Record<string, Scripted>, unknown]>([
    ['leads nowhere', {}, false],
    [
      'can become a member of another',
      { [placeOf(2)]: page({ groupId: group(9), accessId: 'member' }) },
      true,
    ],
    [
      'can become an owner of another',
      { [placeOf(2)]: page({ groupId: group(9), accessId: 'owner' }) },
      true,
    ],
    ['cannot be asked for', { [placeOf(2)]: graphError(403, 'Authorization_RequestDenied') }, 'forbidden'],
  ])('of somebody in a group that %s', async (_what, answers, expected) => {
    const reader = await reading({ ...plain, [memberOf]: page(staff(1), staff(2)), ...answers });
    const roles = await reader.roles(ines);
    expect(roles.state === 'known' ? roles.value.roleAssignableGroup : roles.reason).toBe(expected);
  });

  it('are unknown where somebody is in more groups than can be asked for', async () => {
    const many = Array.from({ length: 301 }, (_, n) => staff(n));
    const reader = await reading({ ...plain, [memberOf]: page(...many) });
    expect(await reader.roles(ines)).toMatchObject({ state: 'unknown', reason: 'invalid' });
  });

  const owners = (n: number) => `GET /groups/${group(n)}/owners`;
  const twoGroups = { [roleGroups]: page({ id: group(1) }, { id: group(2).toUpperCase() }) };

  it.each<[string, Record<string, Scripted | Scripted[]>, unknown]>([
    [
      'own a role-assignable group',
      { [owners(1)]: page(), [owners(2)]: page({ id: ines.toUpperCase() }) },
      true,
    ],
    ['own none', { [owners(1)]: page({ id: beth }), [owners(2)]: page() }, false],
    [
      'own none of those that are still there',
      { [owners(1)]: graphError(404, 'Request_ResourceNotFound'), [owners(2)]: page() },
      false,
    ],
    ['may own one', { [owners(1)]: page(), [owners(2)]: graphError(403, 'x') }, 'forbidden'],
    ['may own one that does not say whose it is', { [owners(1)]: page({}), [owners(2)]: page() }, 'invalid'],
    [
      'may own one of too many',
      { [roleGroups]: page(...Array.from({ length: 501 }, (_, n) => ({ id: group(n) }))) },
      'invalid',
    ],
  ])('of people who %s', async (_what, answers, expected) => {
    const reader = await reading({ ...plain, ...twoGroups, ...answers });
    const roles = await reader.roles(ines);
    expect(roles.state === 'known' ? roles.value.roleAssignableGroup : roles.reason).toBe(expected);
  });

  it.each<[string, object, unknown]>([
    ['a role', { id: group(7), roleTemplateId: privileged }, [privileged]],
    ['a role that does not say which it is', { id: group(7), roleTemplateId: null }, 'hidden'],
    ['a role that is not shown to us', { id: group(7) }, 'hidden'],
  ])('are told from the groups among memberships: %s', async (_what, row, expected) => {
    const role = { '@odata.type': '#microsoft.graph.directoryRole', ...row };
    const reader = await reading({ ...plain, [memberOf]: page(staff(1), role) });
    const roles = await reader.roles(ines);
    const found =
      roles.state === 'known' ? roles.value.active.map(({ templateId }) => templateId) : roles.reason;
    expect(found).toEqual(expected);
  });

  it.each([roleGroups, memberOf, assignments, eligibility, groupEligibility])(
    'are unknown where %s is refused',
    async (route) => {
      const reader = await reading({ ...plain, [route]: graphError(403, 'Authorization_RequestDenied') });
      expect(await reader.roles(ines)).toMatchObject({ state: 'unknown', reason: 'forbidden' });
    },
  );
});

it('a missing manager is known, a missing registration or user tells nothing', async () => {
  const absent = graphError(404, 'Request_ResourceNotFound');
  const reader = await reading({
    [`GET /users/${ines}/manager`]: absent,
    [`GET /users/${ines}`]: absent,
    [`GET /reports/authenticationMethods/userRegistrationDetails/${ines}`]: absent,
  });
  expect(await reader.manager(ines)).toMatchObject({ state: 'known', value: null });
  expect(await reader.user(ines)).toMatchObject({ state: 'unknown', reason: 'notFound' });
  expect(await reader.registration(ines)).toMatchObject({ state: 'unknown', reason: 'notFound' });
});

it('changes are asked for by target and by initiator', async () => {
  const row = (id: string, initiator: string, target: string, name: string) => ({
    id,
    activityDateTime: '2026-11-20T09:20:00Z',
    activityDisplayName: name,
    result: 'success',
    initiatedBy: { user: { id: initiator } },
    targetResources: [{ id: target }],
  });
  const filter = 'GET /auditLogs/directoryAudits?$filter=activityDateTime ge 2026-11-13T00:00:00Z and ';
  const reader = await reading({
    [`${filter}targetResources/any(t: t/id eq '${ines}')&$top=1000`]: page(
      row('1', beth, ines, 'Reset user password'),
    ),
    [`${filter}initiatedBy/user/id eq '${ines}'&$top=1000`]: page(
      row('2', ines, group(1), 'Consent to application'),
    ),
  });
  const changes = await reader.changes(ines, since, []);
  expect(changes.state === 'known' && changes.value.map(({ kind, by }) => [kind, by]).sort()).toEqual([
    ['adminPasswordReset', 'otherPerson'],
    ['consentGranted', 'subject'],
  ]);
});

it('an id that is no GUID never reaches a URL', async () => {
  const reader = await reading({});
  await expect(reader.signIns("x' or userId ne '", since)).rejects.toThrow(TypeError);
  expect(server.received).toEqual([]);
});

it('of a reading of many calls the ids of the last ones are kept', async () => {
  server = await graphServer({ 'GET /users/x': { status: 200, body: {} } });
  const graph = new GraphAsker(server.client, stillRuntime(), readBounds, ['case-1', 'part']);
  for (let n = 0; n < 25; n++) await graph.get('/users/x');
  const sent = server.received.map(({ headers }) => headers['client-request-id']);
  expect(graph.ids).toMatchObject({
    clientRequestId: sent[24],
    earlierClientRequestIds: sent.slice(24 - earlierCallsMax, 24),
  });
});
