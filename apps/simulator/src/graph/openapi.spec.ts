import { stableGuid } from '@sallyport/scenario';
import Ajv, { type ValidateFunction } from 'ajv';
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { runSimulator, type RunningSimulator, start } from '../testing/running-simulator';

/** Microsoft's published shapes as OpenAPI, where the machine has them beside the repository. */
const file = resolve(__dirname, '../../../../../shared/api/graph-openapi-subset.json');
const present = existsSync(file);
if (!present)
  console.warn(`skipped: ${file} is not there, so answers are not checked against Graph's OpenAPI`);

const ines = stableGuid('user', 'ines');
const paths = [
  ['/users/{user-id}', `/users/${ines}`],
  ['/users/{user-id}/manager', `/users/${ines}/manager`],
  ['/users/{user-id}/transitiveMemberOf', `/users/${ines}/transitiveMemberOf`],
  [
    '/users/{user-id}/transitiveMemberOf/microsoft.graph.directoryRole',
    `/users/${ines}/transitiveMemberOf/microsoft.graph.directoryRole`,
  ],
  ['/users/{user-id}/authentication/methods', `/users/${ines}/authentication/methods`],
  ['/users/{user-id}/registeredDevices', `/users/${ines}/registeredDevices`],
  ['/identityProtection/riskyUsers', '/identityProtection/riskyUsers'],
  ['/identityProtection/riskyUsers/{riskyUser-id}', `/identityProtection/riskyUsers/${ines}`],
  ['/identityProtection/riskyUsers/{riskyUser-id}/history', `/identityProtection/riskyUsers/${ines}/history`],
  ['/identityProtection/riskDetections', '/identityProtection/riskDetections'],
  ['/auditLogs/signIns', '/auditLogs/signIns'],
  ['/auditLogs/directoryAudits', '/auditLogs/directoryAudits'],
  [
    '/roleManagement/directory/roleAssignments',
    `/roleManagement/directory/roleAssignments?${encodeURI(`$filter=principalId eq '${ines}'`)}&$expand=roleDefinition`,
  ],
  [
    '/roleManagement/directory/roleEligibilityScheduleInstances',
    '/roleManagement/directory/roleEligibilityScheduleInstances',
  ],
  [
    '/reports/authenticationMethods/userRegistrationDetails/{userRegistrationDetails-id}',
    `/reports/authenticationMethods/userRegistrationDetails/${ines}`,
  ],
] as const;

(present ? describe : describe.skip)('answers of the simulated Graph', () => {
  let tenant: RunningSimulator;
  let shapeOf: (path: string, status: '200' | '4XX') => ValidateFunction;

  beforeAll(async () => {
    tenant = await runSimulator();
    await tenant.setClock(start);
    await tenant.load({
      users: [
        {
          key: 'ines',
          manager: 'mona',
          groups: ['staff'],
          roles: ['Reports Reader'],
          eligibleRoles: ['Security Reader'],
          methods: [{ type: 'password' }, { type: 'fido2' }, { type: 'phone' }],
          devices: [{}],
          risk: { history: [{ at: '-2d', state: 'atRisk' }] },
          detections: [{ location: { city: 'Szeged', countryOrRegion: 'HU' } }],
          signIns: [{ mfa: true, device: { deviceId: 'd' } }, { errorCode: 50126 }],
          audits: [
            { activity: 'Add device', modified: [{ name: 'Enabled', new: 'true' }], details: { os: 'x' } },
            { activity: 'Update user', by: { app: 'HR' } },
          ],
        },
        { key: 'mona' },
      ],
      groups: [{ key: 'staff' }],
    });
    const document = nullable(JSON.parse(readFileSync(file, 'utf8')));
    const ajv = new Ajv({ strict: false, validateFormats: false });
    ajv.addSchema({ $id: 'graph', ...Object(document) });
    shapeOf = (path, status) => {
      const pointer = `graph#/paths/${path.replaceAll('~', '~0').replaceAll('/', '~1')}/get/responses/${status}`;
      const target =
        status === '200'
          ? `${pointer}/content/application~1json/schema`
          : 'graph#/components/schemas/microsoft.graph.ODataErrors.ODataError';
      return ajv.compile({ $ref: target.replace('{', '%7B').replace('}', '%7D') });
    };
  });
  afterAll(() => tenant.stop());

  it.each(paths)('match the schema of GET %s', async (template, path) => {
    const reply = await tenant.graph('contextReader', 'GET', path);
    const validate = shapeOf(template, '200');
    validate(reply.json);
    expect(reply.status).toBe(200);
    expect(validate.errors ?? []).toEqual([]);
    if ('value' in reply.json) expect(reply.json.value).not.toHaveLength(0);
  });

  it('match the schema of errors', async () => {
    const reply = await tenant.graph('contextReader', 'GET', `/users/${stableGuid('user', 'nobody')}`);
    const validate = shapeOf('/users/{user-id}', '4XX');
    validate(reply.json);
    expect(validate.errors ?? []).toEqual([]);
  });
});

/** OpenAPI 3.0 says `nullable: true` beside the type; JSON Schema says it in the type. */
function nullable(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(nullable);
  if (typeof schema !== 'object' || schema === null) return schema;
  const entries = Object.entries(schema).map(([key, value]): [string, unknown] => [key, nullable(value)]);
  const converted: Record<string, unknown> = Object.fromEntries(entries);
  if (converted['nullable'] === true && typeof converted['type'] === 'string') {
    converted['type'] = [converted['type'], 'null'];
  }
  return converted;
}
