import { z } from 'zod';

/*
 * The reference page of scenario files, made from their JSON Schema, so that it cannot tell of properties that are not
 * there. Only the meanings below are written by hand: a schema has no room for them, and the spec checks their places.
 */

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** The part of JSON Schema that zod writes for a scenario. */
const nodeSchema = z.object({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  const: scalar.optional(),
  enum: z.array(scalar).optional(),
  default: z.unknown().optional(),
  description: z.string().optional(),
  required: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxLength: z.number().optional(),
  maxItems: z.number().optional(),
  get anyOf() {
    return z.array(nodeSchema).optional();
  },
  get items() {
    return nodeSchema.optional();
  },
  get properties() {
    return z.record(z.string(), nodeSchema).optional();
  },
  get propertyNames() {
    return nodeSchema.optional();
  },
  get additionalProperties() {
    return z.union([z.boolean(), nodeSchema]).optional();
  },
});
type Node = z.infer<typeof nodeSchema>;

/** What the schema cannot say. Names and values that are Graph's or ServiceNow's own are left to their documentation. */
export const meanings: Readonly<Record<string, string>> = {
  name: 'Shown in the table of results.',
  'given.tenant.users': 'People. Every property has a default that makes an ordinary, harmless account.',
  'given.tenant.users[].key': 'How the rest of the file names this person.',
  'given.tenant.users[].id': 'Object id. Without it, one is derived from the key.',
  'given.tenant.users[].onPremisesExtensionAttributes':
    '`extensionAttribute1` to `15`, those that have a value.',
  'given.tenant.users[].manager': 'Key of the manager.',
  'given.tenant.users[].roles': 'Directory roles held now: display name or template id, or `{role, scope}`.',
  'given.tenant.users[].eligibleRoles': 'Roles that the person can activate (PIM).',
  'given.tenant.users[].eligibleGroups':
    'Keys of groups that the person can become a member of (PIM for Groups).',
  'given.tenant.users[].eligibleOwnerOf':
    'Keys of groups that the person can become an owner of (PIM for Groups).',
  'given.tenant.users[].groups': 'Keys of groups.',
  'given.tenant.users[].registration': 'Row of the registration report; `null`: the report has none.',
  'given.tenant.users[].risk': 'What Identity Protection says of the person; `null`: nothing.',
  'given.tenant.users[].audits': 'Directory audit events about the person.',
  'given.tenant.users[].deleted':
    'Gone from the directory (404), though Identity Protection may still list the person.',
  'given.tenant.users[].inServiceNow': 'Whether ServiceNow has a `sys_user` row for the person.',
  'given.tenant.users[].consoleRoles': 'App roles on the console.',
  'given.tenant.users[].detections[].type': '`riskEventType`, such as `unlikelyTravel`.',
  'given.tenant.users[].detections[].detectedAt':
    'When Identity Protection shows it; before that no list contains it. Default: `at`.',
  'given.tenant.users[].signIns[].errorCode': '0 is success.',
  'given.tenant.users[].signIns[].mfa': 'Whether MFA was passed in this sign-in.',
  'given.tenant.users[].signIns[].device': 'Left out: an unregistered device.',
  'given.tenant.users[].signIns[].device.key': 'Key of one of the person’s `devices`.',
  'given.tenant.users[].audits[].activity': '`activityDisplayName`, such as `Reset password (self-service)`.',
  'given.tenant.users[].audits[].by': '`self`, the key of another person, or an application.',
  'given.tenant.users[].audits[].targets': 'Names of further target resources, such as a device.',
  'given.tenant.groups': 'Groups. Those of the base tenant are there already.',
  'given.tenant.groups[].owners': 'Keys of people.',
  'given.tenant.groups[].groups': 'Groups of which this group is a member.',
  'given.tenant.groups[].eligibleGroups':
    'Groups that members of this group can become members of (PIM for Groups).',
  'given.tenant.incidents':
    'ServiceNow incidents. A case opens when the `when` part sends the webhook of one. One of category `identity_risk` is found by the backfill without.',
  'given.tenant.incidents[].number': '`INC` and 7 digits. Without it, one is derived from the key.',
  'given.tenant.incidents[].subject': 'Key of the risky person. Left out: the ticket names nobody.',
  'given.tenant.incidents[].caller':
    'Key of the caller, by default one of the service desk. A caller cannot approve.',
  'given.tenant.teams': 'Teams channels. The base tenant has `approvals` and `escalations`.',
  'given.tenant.model': 'How the simulated model behaves when triage asks it.',
  'given.faults[].on': 'Which calls it strikes.',
  'given.faults[].on.path':
    'A glob over the whole path (`*` within a segment, `**` across), or a regular expression between slashes.',
  'given.faults[].on.user': 'Key or id of a person whom the call names in path, query or body.',
  'given.faults[].kind': 'What happens; see the table below.',
  'given.faults[].status': 'For `status` and `statusAfterEffect`.',
  'given.faults[].retryAfterSeconds': 'For `throttle`. Left out: 429 without `Retry-After`.',
  'given.faults[].ms': 'For `slow` and `late`, in milliseconds.',
  'given.faults[].secondsAgo': 'For `staleRead`.',
  'given.faults[].times': 'How many matching calls it strikes.',
  'given.faults[].after': 'How many matching calls pass unharmed first.',
  'then.cases.*.ticket': 'The incident as it stands at the end.',
  'then.cases.*.ticket.state': 'Numeric state, such as `6` for Resolved.',
  'then.cases.*.ticket.notesContain': 'Each of these stands in one of our work notes.',
  'then.cases.*.ticket.notesLack': 'None of these stands in any of our work notes.',
  'then.users.*.riskState': 'In Entra, at the end.',
  'then.users.*.accountEnabled': 'In Entra, at the end.',
  'then.users.*.mustChangePassword': 'In Entra, at the end.',
};

/** One example of each step, by its first property. */
export const stepExamples: Readonly<Record<string, string>> = {
  ticket: '{ ticket: laptop, times: 50 }',
  tickets: '{ tickets: [laptop, phone] }',
  alert: '{ alert: { subject: ines, detection: d-1 }, as: reported, times: 10 }',
  vote: '{ vote: sam, on: laptop, choice: approve, comment: I called her. }',
  review:
    '{ review: retry, by: sam, on: laptop, said: { dismissRisk: notDone }, note: Graph is well again. }',
  later: '{ later: 8h }',
  kill: '{ kill: executor }',
  loseQueue: '{ loseQueue: true }',
  until: '{ until: action.started, on: laptop }',
  untilAsked: '{ untilAsked: revokeSessions, about: marek }',
  patch: '{ patch: { user: ines, set: { accountEnabled: false } } }',
};

export const faultWords: Readonly<Record<string, string>> = {
  status: '`status` is answered; nothing happened.',
  throttle: '429; nothing happened.',
  tokenRevoked:
    '401 with a claims challenge, now and for each call with the same token; nothing happened. A newer token is taken. Graph only; elsewhere 401.',
  resetBefore: 'The connection breaks; nothing happened.',
  resetAfter: 'The effect happens, then the connection breaks.',
  statusAfterEffect: 'The effect happens, then `status` is answered (504 where it is left out).',
  slow: 'The effect happens at once, the answer comes after `ms`.',
  late: 'Effect and answer come after `ms`: whoever waits less long has gone when it happens.',
  staleRead: 'The answer shows the state of `secondsAgo` seconds ago.',
  noEffect: 'A success without the effect.',
  emptyPage: 'An empty page with a next link.',
  html: 'A page of HTML instead of JSON.',
};

/** Every property of the schema by its path, such as `given.tenant.users[].key`; `*` stands for a key of the file. */
export function propertyPaths(jsonSchema: object): string[] {
  return sections(nodeSchema.parse(jsonSchema), '').flatMap(({ path, node }) =>
    Object.keys(node.properties ?? {}).map((name) => join(path, name)),
  );
}

/** @param example a whole scenario file, shown at the top */
export function renderReference(jsonSchema: object, example: string): string {
  const root = nodeSchema.parse(jsonSchema);
  const steps = root.properties?.['when']?.items?.anyOf ?? [];
  return [
    intro,
    ['## Example', '', '```yaml', example.trim(), '```'].join('\n'),
    ...sections(root, '').map(({ path, node }) => objectSection(path, node)),
    stepsSection(steps),
    faultsSection(),
    '',
  ].join('\n\n');
}

const intro = `# Scenario files

<!-- Generated by libs/scenario/src/reference.spec.ts from the schema. Do not edit; see CONTRIBUTING.md. -->

A scenario is a YAML 1.2 file: **given** a tenant and faults, **when** things happen in order, **then** this must be so.
The demo, the tests and your own rehearsals use the same format. How to run one: [README](../../README.md#your-own-scenarios).

Editors that know the YAML language server check a file that starts with this line (path relative to the file):

\`\`\`yaml
# yaml-language-server: $schema=../docs/reference/scenario.schema.json
\`\`\`

- **Keys** (\`ines\`) are how the parts of a file name each other. Ids are derived from them.
- **The base tenant** is always there. People: \`sam\` and \`sara\` (group \`secops\`), \`ivo\` (\`identity-ops\`), \`lena\`
  (\`security-lead\`), \`nobody\` (no role). Groups: those three, \`break-glass\`, \`service-accounts\`, \`vip\`. Channels: \`approvals\`,
  and \`escalations\`, where it is told that nobody decides.
- **Times** are ISO 8601, \`now\`, or relative to the start of the scenario: \`-2h\`, \`-35m\`, \`+10s\`, \`-180d\`.
- A property without a default that is not required may be left out. Unknown properties are refused.
- Properties named like those of Microsoft Graph or the ServiceNow Table API mean what they mean there.
- \`kill\` and \`loseQueue\` need a stack that the command started itself; on a running \`npm start\` they are refused.`;

interface Section {
  path: string;
  node: Node;
}

/** The objects that get a table, in the order of the file. The steps have one of their own. */
function sections(node: Node, path: string): Section[] {
  if (path === 'when[]') return [];
  const own = node.properties ? [{ path, node }] : [];
  const inner = Object.entries(node.properties ?? {}).flatMap(([name, child]) =>
    sections(child, join(path, name)),
  );
  const items = node.items ? sections(node.items, `${path}[]`) : [];
  const values = isNode(node.additionalProperties) ? sections(node.additionalProperties, `${path}.*`) : [];
  return [...own, ...inner, ...items, ...values, ...(node.anyOf ?? []).flatMap((one) => sections(one, path))];
}

function objectSection(path: string, node: Node): string {
  const required = new Set(node.required);
  const rows = Object.entries(node.properties ?? {}).map(([name, child]) => {
    const at = join(path, name);
    const fallback = 'default' in child ? code(JSON.stringify(child.default)) : '';
    return [
      code(name),
      typeOf(child, at),
      required.has(name) ? '**required**' : fallback,
      meanings[at] ?? child.description ?? '',
    ];
  });
  const title = path === '' ? '## The file' : `## ${code(path)}`;
  return [title, '', table(['property', 'value', 'default', 'meaning'], rows)].join('\n');
}

function stepsSection(steps: readonly Node[]): string {
  const rows = steps.map((step) => {
    const [first = ''] = Object.keys(step.properties ?? {});
    const fields = Object.entries(step.properties ?? {}).map(([name, field]) => {
      const optional = step.required?.includes(name) ? '' : ' (optional)';
      const meaning = field.description ? `. ${field.description}` : '';
      return `${code(name)}${optional}: ${typeOf(field, `when[].${name}`)}${meaning}`;
    });
    return [code(stepExamples[first] ?? first), step.description ?? '', fields.join('<br>')];
  });
  return [
    '## `when[]`',
    '',
    'One of these per entry, in order.',
    '',
    table(['example', 'what happens', 'fields'], rows),
  ].join('\n');
}

function faultsSection(): string {
  const rows = Object.entries(faultWords).map(([kind, words]) => [code(kind), words]);
  return ['## Kinds of fault', '', table(['kind', 'what happens'], rows)].join('\n');
}

/** A value in words. Objects lead to their own table. */
function typeOf(node: Node, path: string): string {
  if (node.enum) return node.enum.map((value) => code(String(value))).join(', ');
  if (node.const !== undefined) return code(String(node.const));
  if (node.anyOf) return [...new Set(node.anyOf.map((one) => typeOf(one, path)))].join(' or ');
  if (node.properties) return `[object](#${anchor(path)})`;
  if (node.items && path !== 'when') return `list of ${typeOf(node.items, `${path}[]`)}`;
  if (node.items) return '[list of steps](#when)';
  if (node.type === 'object') {
    const value = isNode(node.additionalProperties) ? typeOf(node.additionalProperties, `${path}.*`) : '';
    const keys = node.propertyNames?.enum?.map((name) => code(String(name))).join(', ');
    return value === '' ? 'map' : `map ${keys ? `from ${keys} to` : 'of'} ${value}`;
  }
  const types = [node.type ?? []].flat().map((type) => typeWords[type] ?? type);
  return `${types.join(' or ')}${range(node)}`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: 'true or false',
  null: '`null`',
};

/** zod bounds every whole number by what JavaScript can count; that bound says nothing to a reader. */
function range({ minimum, maximum }: Node): string {
  const low = minimum !== undefined && minimum > Number.MIN_SAFE_INTEGER ? minimum : null;
  const high = maximum !== undefined && maximum < Number.MAX_SAFE_INTEGER ? maximum : null;
  if (low !== null && high !== null) return `, ${low} to ${high}`;
  return low === null ? '' : `, at least ${low}`;
}

function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}

const join = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);
const code = (text: string) => `\`${text}\``;
/** As GitHub makes it of a heading. */
const anchor = (path: string) => path.toLowerCase().replace(/[^a-z0-9 -]/g, '');
const isNode = (value: boolean | Node | undefined): value is Node => typeof value === 'object';
