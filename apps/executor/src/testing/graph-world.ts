/**
 * For specs: a directory with one account, over real HTTP, that counts every write and can go wrong at any of them.
 * It lives on the spec's clock, because effects are proven by their time.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { graphClientWith } from '@sallyport/entra';
import { AskedGraph } from '@sallyport/entra/testing';
import type { StepKind } from '@sallyport/evidence';
import { managerId, sampleId, subjectId } from '@sallyport/evidence/testing';

/** How one write is answered, and whether it takes effect. `silent`: accepted, and nothing happens. */
export const faults = [
  'none',
  '504 before',
  '504 after',
  'reset before',
  'reset after',
  '400',
  '403',
  '429',
  'silent',
] as const;
export type Fault = (typeof faults)[number];
const takesEffect: ReadonlySet<Fault> = new Set(['none', '504 after', 'reset after']);

export interface Write {
  step: StepKind;
  /** Derived from the idempotency key: one id, one action. */
  clientRequestId: string;
  fault: Fault;
}

export const newDeviceId = 'laptop';
/** The app registration that the executor of a spec acts as. */
export const ownAppId = sampleId(90);

/** A member at medium risk whose new device explains it: the rules propose a release to manager and SecOps. */
function account(now: Date) {
  const hoursAgo = (hours: number) => new Date(now.getTime() - hours * 3_600_000).toISOString();
  return {
    name: 'Sam Subject',
    managerId,
    deleted: false,
    accountEnabled: true,
    sessionsValidFrom: hoursAgo(5_000),
    passwordChangedAt: hoursAgo(5_000),
    risk: { level: 'medium', state: 'atRisk', updatedAt: hoursAgo(3), processing: false },
    detections: [detectionRow({ id: 'detection-1', at: hoursAgo(3) })],
    roles: [] as { roleTemplateId: string }[],
    deviceRegisteredAt: hoursAgo(10),
    signInAt: hoursAgo(2),
  };
}

export function detectionRow(over: { id: string; at: string; level?: string; kind?: string }) {
  return {
    id: over.id,
    userId: subjectId,
    riskEventType: over.kind ?? 'unfamiliarFeatures',
    riskLevel: over.level ?? 'medium',
    riskState: 'atRisk',
    activityDateTime: over.at,
    detectedDateTime: over.at,
    lastUpdatedDateTime: over.at,
  };
}

/** A row of the directory's audit log about the account. */
export function auditRow(at: string, activity: string, initiatedBy: object, id = subjectId) {
  return {
    id: `audit-${at}-${activity}-${id}`,
    activityDateTime: at,
    activityDisplayName: activity,
    result: 'success',
    correlationId: null,
    initiatedBy,
    targetResources: [{ id }],
  };
}

export type GraphWorld = Awaited<ReturnType<typeof graphWorld>>;

export async function graphWorld(clock: () => Date) {
  const world = {
    account: account(clock()),
    writes: [] as Write[],
    /** The faults of the next writes of a step, one each; then the last one again. */
    faults: {} as Partial<Record<StepKind, Fault[]>>,
    readable: true,
    /** Readings of the account's row are not answered until a write comes in. */
    holdsReads: false,
    /** How many of those that were held had not been given up by whoever asked when the write came. */
    heldAtWrite: 0,
    /** How far this directory's clock is ahead of ours. */
    skewMs: 0,
    /** Rows of the directory's audit log about the account. */
    audits: [] as unknown[],
    /** What Identity Protection has recorded of the account's risk. */
    history: [] as unknown[],
    /** Whether changes of a password by us are in that log at once, or, as is usual, come too late. */
    auditsInTime: false,
    /** Other people whose accounts are as this one; they share its state, but for the risk where that is set apart. */
    twins: new Set<string>(),
    risksApart: false,
    dismissed: new Set<string>(),
  };
  const held = new Set<ServerResponse>();
  const asked = new AskedGraph();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      asked.saw(request.method, request.url, text);
      const step = stepOf(request, text);
      if (step) write(request, response, step, text);
      else read(request, response);
    });
  });

  function write(request: IncomingMessage, response: ServerResponse, step: StepKind, body: string): void {
    world.heldAtWrite += held.size;
    for (const waiting of held) answer(waiting, 200, userRow());
    held.clear();
    const script = world.faults[step] ?? [];
    const fault = (script.length > 1 ? script.shift() : script[0]) ?? 'none';
    world.writes.push({ step, clientRequestId: String(request.headers['client-request-id']), fault });
    if (takesEffect.has(fault)) effects[step](body);
    if (fault.startsWith('reset')) return void request.socket.destroy();
    const [status, code] = answers[fault] ?? [204, null];
    const error = { error: { code, message: 'words', innerError: {} } };
    answer(response, status, code ? error : null, status === 429 ? { 'retry-after': '7' } : {});
  }

  /** An account that is disabled was so by an application of ours: only then does a release enable it. */
  const audits = () => {
    const at = new Date(clock().getTime() - 60 * 60_000).toISOString();
    const disabled = auditRow(at, 'Disable account', { app: { appId: ownAppId } });
    return world.account.accountEnabled ? world.audits : [...world.audits, disabled];
  };

  const stamp = () => new Date(clock().getTime() + world.skewMs).toISOString();
  const effects: Record<StepKind, (body: string) => void> = {
    revokeSessions: () => (world.account.sessionsValidFrom = stamp()),
    forcePasswordChange: () => {
      world.account.passwordChangedAt = stamp();
      const row = auditRow(stamp(), 'Reset user password', { app: { appId: ownAppId } });
      if (world.auditsInTime) world.audits.push(row);
    },
    raiseRisk: () => Object.assign(world.account.risk, { level: 'high', state: 'confirmedCompromised' }),
    dismissRisk: (body) => {
      if (!world.risksApart) return void (world.account.risk.state = 'dismissed');
      for (const id of [...world.twins].filter((twin) => body.includes(twin))) world.dismissed.add(id);
    },
    enableAccount: () => (world.account.accountEnabled = true),
  };

  function read(request: IncomingMessage, response: ServerResponse): void {
    const asked = decodeURIComponent(request.url ?? '').replace('/v1.0', '');
    const twin = [...world.twins].find((id) => asked.includes(id));
    const path = asked.replaceAll(twin ?? subjectId, subjectId).split('?')[0] ?? '';
    const send = (to: ServerResponse, status: number, body: unknown, headers?: Record<string, string>) =>
      answer(to, status, renamed(body, twin), headers);
    const rows = (value: unknown[]) => send(response, 200, { value });
    if (!world.readable) return send(response, 503, { error: { code: 'outage' } }, { 'retry-after': '60' });
    const { account: a } = world;
    if (a.deleted && path.startsWith(`/users/${subjectId}`))
      return send(response, 404, { error: { code: 'Request_ResourceNotFound' } });
    if (path === `/users/${subjectId}`) {
      if (!world.holdsReads || world.writes.length > 0) return send(response, 200, userRow());
      held.add(response);
      response.on('close', () => held.delete(response));
      return;
    }
    if (path.endsWith('/manager'))
      return send(response, 200, { id: a.managerId, displayName: 'M', accountEnabled: true });
    if (path.endsWith('/transitiveMemberOf')) return rows(a.roles.map(roleRow));
    if (path.endsWith('/registeredDevices')) return rows([deviceRow()]);
    if (path.endsWith('/history')) return rows(world.history);
    if (path.startsWith('/identityProtection/riskyUsers/')) return send(response, 200, riskRow(twin));
    if (path === '/identityProtection/riskDetections') return rows(a.detections);
    if (path === '/auditLogs/signIns') return rows([signInRow()]);
    // The second question, by initiator, finds nothing: nobody of these specs acts as the subject.
    if (path === '/auditLogs/directoryAudits')
      return rows(decodeURIComponent(request.url ?? '').includes('targetResources') ? audits() : []);
    if (path.startsWith('/reports/')) return send(response, 200, registrationRow);
    return rows([]);
  }

  const userRow = () => ({
    id: subjectId,
    displayName: world.account.name,
    userPrincipalName: `${world.account.name.replace(' ', '.')}@contoso.example`,
    accountEnabled: world.account.accountEnabled,
    userType: 'Member',
    onPremisesSyncEnabled: null,
    signInSessionsValidFromDateTime: world.account.sessionsValidFrom,
    lastPasswordChangeDateTime: world.account.passwordChangedAt,
  });
  const riskRow = (twin = '') => ({
    riskLevel: world.account.risk.level,
    riskState: world.dismissed.has(twin) ? 'dismissed' : world.account.risk.state,
    riskDetail: 'none',
    riskLastUpdatedDateTime: world.account.risk.updatedAt,
    isProcessing: world.account.risk.processing,
    isDeleted: false,
  });
  const deviceRow = () => ({
    id: sampleId(50),
    deviceId: newDeviceId,
    displayName: 'Laptop',
    registrationDateTime: world.account.deviceRegisteredAt,
  });
  const signInRow = () => ({
    id: 'sign-in-1',
    createdDateTime: world.account.signInAt,
    userId: subjectId,
    isInteractive: true,
    status: { errorCode: 0, additionalDetails: 'MFA successfully completed' },
    deviceDetail: { deviceId: newDeviceId, displayName: 'Laptop' },
  });

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credential = { getToken: async () => ({ token: 'spec', expiresOnTimestamp: Date.UTC(2100, 0, 1) }) };
  return {
    world,
    client: graphClientWith(credential, { baseUrl, timeoutMs: 15_000 }),
    reset: () =>
      Object.assign(world, {
        ...{ account: account(clock()), writes: [], faults: {} },
        ...{ readable: true, skewMs: 0, audits: [], history: [], auditsInTime: false },
        ...{ holdsReads: false, heldAtWrite: 0, risksApart: false, dismissed: new Set<string>() },
      }),
    /** Holds what was asked to Microsoft's document, where the machine has that. */
    stop: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      asked.verify();
    },
  };
}

const answers: Partial<Record<Fault, [status: number, code: string]>> = {
  '504 before': [504, 'timeout'],
  '504 after': [504, 'timeout'],
  '400': [400, 'BadRequest'],
  '403': [403, 'Authorization_RequestDenied'],
  '429': [429, 'TooManyRequests'],
};

const registrationRow = {
  isMfaRegistered: true,
  isSsprCapable: true,
  isPasswordlessCapable: false,
  methodsRegistered: ['microsoftAuthenticatorPush'],
};

const roleRow = ({ roleTemplateId }: { roleTemplateId: string }) => ({
  ...{ '@odata.type': '#microsoft.graph.directoryRole', id: roleTemplateId },
  roleTemplateId,
});

function stepOf(request: IncomingMessage, body: string): StepKind | null {
  if (request.url?.endsWith('/revokeSignInSessions')) return 'revokeSessions';
  if (request.url?.endsWith('/riskyUsers/dismiss')) return 'dismissRisk';
  if (request.url?.endsWith('/riskyUsers/confirmCompromised')) return 'raiseRisk';
  if (request.method !== 'PATCH') return null;
  return body.includes('passwordProfile') ? 'forcePasswordChange' : 'enableAccount';
}

/** An answer about the one account as if it were about another. */
function renamed(body: unknown, twin: string | undefined): unknown {
  if (!twin) return body;
  const parsed: unknown = JSON.parse(JSON.stringify(body).replaceAll(subjectId, twin));
  return parsed;
}

function answer(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'request-1', ...headers });
  response.end(body === null ? undefined : JSON.stringify(body));
}
