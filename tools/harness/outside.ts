/**
 * The outside in memory: a directory with one subject and the people who vote, a ServiceNow instance, and Teams.
 * It answers `fetch`, so that the real clients speak to it, counts every write, and can go wrong at any call.
 */
import type { StepKind } from '@sallyport/evidence';
import { GraphShapes } from '@sallyport/entra/testing';
import { sampleId } from '@sallyport/evidence/testing';
import { canonicalJson } from '@sallyport/idempotency';
import { simulatedClients, stableGuid } from '@sallyport/scenario';
import type { Fate } from './life';

export const subject = sampleId(1);
/** Another person at risk, in stories that have two. */
export const second = sampleId(4);
export const caller = sampleId(2);
export const manager = sampleId(3);
export const people = { ada: sampleId(10), bob: sampleId(11), stranger: sampleId(12) };
const secops = stableGuid('group', 'secops');
const roleRow = ({ roleTemplateId }: { roleTemplateId: string }) => ({
  '@odata.type': '#microsoft.graph.directoryRole',
  ...{ id: roleTemplateId, roleTemplateId },
});
const groupsOf: Readonly<Record<string, readonly string[]>> = {
  [people.ada]: [secops],
  [people.bob]: [secops],
};
export const ourTicketUser = 'sallyport.audit';

/**
 * What a call may meet. `before` and `after`: without and with its effect; `silent`: accepted, without effect; `html`: a
 * success by its status, and no JSON.
 */
export const faultsOf = {
  read: ['504 before', 'reset before', '429', '403', 'html before'],
  write: [
    ...['504 before', '504 after', 'reset before', 'reset after', 'html before', 'html after'],
    ...['429', '400', '403', '404', '409', 'silent'],
  ],
  note: ['504 before', '504 after', 'reset before', 'reset after', 'html after', '429', '403'],
} as const;
/** Statuses of a definite no. */
export const refusals: readonly string[] = ['400', '403', '404', '409'];
/** A fault that lasts, for every call of the same name: long enough to end all attempts of a stage. */
export const outage = ' for 20 min';
const outageMs = 20 * 60_000;
/** Audit rows come after what they tell of: in time for patience, too late for the first look. */
const auditLatencyMs = 8_000;

export interface Write {
  step: StepKind;
  subjectId: string;
  clientRequestId: string;
  /** Whether the directory did it. */
  applied: boolean;
  /** Turned away before any work. */
  throttled: boolean;
  /** What went over the wire: method and path, and the body without its password, which is another each time. */
  request: string;
  body: string;
}

export interface Account {
  accountEnabled: boolean;
  sessionsValidFrom: string;
  passwordChangedAt: string;
  risk: { level: string; state: string; detail: string; updatedAt: string };
  detections: object[];
  audits: object[];
  roles: { roleTemplateId: string }[];
  /** Whether they may reset their password themselves. */
  canReset: boolean;
  /** From a local directory, where alone it can be enabled. */
  synced: boolean;
  deviceAgeHours: number;
  /** What somebody outside wrote where they can. */
  words: { displayName?: string; userAgent?: string; deviceName?: string; comment?: string };
}

const hour = 3_600_000;

/** What went over the wire of Graph in all plays of this process. */
export const graphShapes = new GraphShapes();

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  body: string;
  requestId: string;
}
export interface Reply {
  status: number;
  body: unknown;
}
const ok = (body: unknown): Reply => ({ status: 200, body });
const rows = (value: readonly unknown[]): Reply => ok({ value });
const problem = (code: string) => ({ error: { code, message: 'No.' } });
const missing: Reply = { status: 404, body: problem('Request_ResourceNotFound') };

export class Outside {
  /** Whom most stories are about. */
  readonly account: Account;
  private readonly accounts: ReadonlyMap<string, Account>;
  readonly writes: Write[] = [];
  readonly tickets = new Map<string, Record<string, string>>();
  readonly notes: { sysId: string; value: string }[] = [];
  /** Every change of a ticket that was asked for and heard. */
  readonly ticketWrites: { path: string; body: string }[] = [];
  /** What other people show at the same time. */
  detectionsOfOthers: object[] = [];
  posts = 0;
  /** How far the directory's clock is ahead of ours; negative where it is behind. */
  skewMs = 0;
  /** What becomes of the first call of a step, whatever else goes wrong. */
  readonly first: Partial<Record<StepKind, 'silent' | '403'>> = {};
  /** What the model answers to a prompt. Here: nothing that a model would. */
  model: (prompt: string) => Reply = () => rows([]);
  /** Called before a write to the directory is looked at: the harness judges whether it may come at all. */
  onWrite: (step: StepKind, subjectId: string) => void = () => undefined;
  private readonly late: { fromMs: number; row: object }[] = [];
  private blind = false;
  private readonly outages = new Map<string, { fault: string; untilMs: number }>();

  constructor(
    private readonly clock: { nowMs: number },
    private readonly fate: Fate,
  ) {
    this.account = this.newAccount(subject);
    this.accounts = new Map([
      [subject, this.account],
      [second, this.newAccount(second)],
    ]);
  }

  private newAccount(id: string): Account {
    return {
      accountEnabled: true,
      sessionsValidFrom: this.ago(5_000),
      passwordChangedAt: this.ago(5_000),
      risk: { level: 'medium', state: 'atRisk', detail: 'none', updatedAt: this.ago(3) },
      detections: [{ ...this.detection(`detection-1-${id}`, 3, 'unfamiliarFeatures'), userId: id }],
      audits: [],
      roles: [],
      canReset: true,
      synced: false,
      deviceAgeHours: 10,
      words: {},
    };
  }

  /** By the directory's clock. */
  ago(hours: number): string {
    return new Date(this.clock.nowMs + this.skewMs - hours * hour).toISOString();
  }

  detection(id: string, hoursAgo: number, kind: string, level = 'medium') {
    const at = this.ago(hoursAgo);
    const times = { activityDateTime: at, detectedDateTime: at, lastUpdatedDateTime: at };
    return { id, userId: subject, riskEventType: kind, riskLevel: level, riskState: 'atRisk', ...times };
  }

  selfServiceReset(hoursAgo: number) {
    return auditRow('audit-1', 'Reset password (self-service)', this.ago(hoursAgo), {
      user: { id: subject },
    });
  }

  /** As automation of the tenant does that is listed among our own applications. */
  disable(hoursAgo: number): void {
    this.account.accountEnabled = false;
    const { appId } = simulatedClients.executorRelease;
    this.account.audits.push(
      auditRow('audit-2', 'Disable account', this.ago(hoursAgo), { app: { appId } }, subject),
    );
  }

  addTicket(sysId: string, number: string, about: string, given: Record<string, string> = {}): void {
    this.tickets.set(sysId, {
      sys_id: sysId,
      number,
      state: '1',
      active: 'true',
      category: 'security',
      contact_type: 'monitoring',
      sys_mod_count: '1',
      short_description: 'Risky user',
      description: 'Please look at this account.',
      close_code: '',
      close_notes: '',
      'u_risky_user.u_entra_object_id': about,
      'caller_id.u_entra_object_id': caller,
      opened_by: '',
      'opened_by.u_entra_object_id': '',
      ...given,
    });
  }

  /** `fetch` of every process of the line. */
  readonly fetch: typeof fetch = (input, init = {}) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const headers = new Headers(init.headers);
    const asked = {
      method: init.method ?? 'GET',
      path: decodeURIComponent(url.pathname),
      query: url.searchParams,
      body: typeof init.body === 'string' ? init.body : '',
      requestId: headers.get('client-request-id') ?? '',
    };
    const name = this.nameOf(asked);
    this.clock.nowMs += 5;
    return this.fate.point('call', name, (fault) => {
      const answer = this.answer(name, asked, this.lasting(name, fault));
      if (url.pathname.startsWith('/v1.0/')) keep(asked.method, url, asked.body, answer);
      return answer.response;
    });
  };

  private lasting(name: string, fault: string | null): string | null {
    if (fault?.endsWith(outage)) {
      const started = { fault: fault.slice(0, -outage.length), untilMs: this.clock.nowMs + outageMs };
      this.outages.set(name, started);
    }
    const under = this.outages.get(name);
    return under && under.untilMs > this.clock.nowMs ? under.fault : (fault?.replace(outage, '') ?? null);
  }

  private answer(name: string, asked: Asked, met: string | null): Answered {
    const step = stepOf(asked);
    // Other troubles shift the numbers of the calls: what was meant for a write may meet a read.
    const fault = (step && this.taken(step)) ?? (met === 'silent' && !step ? null : met);
    const undone =
      fault === 'silent' || fault === '429' || refusals.includes(fault ?? '') || fault?.endsWith('before');
    if (step) {
      for (const subjectId of subjectsOf(asked)) {
        this.onWrite(step, subjectId);
        this.writes.push({
          ...{ step, subjectId, clientRequestId: asked.requestId },
          ...{ applied: !undone, throttled: fault === '429' },
          ...{ request: `${asked.method} ${asked.path}`, body: withoutPassword(asked.body) },
        });
        if (!undone) this.apply(step, subjectId);
      }
    }
    const reply = step ? { status: 204, body: null } : undone ? ok({}) : this.reply(name, asked);
    if (fault?.startsWith('reset')) throw new TypeError('fetch failed');
    if (fault?.startsWith('504')) return answered(504, problem('timeout'));
    if (fault === '429') return answered(429, problem('TooManyRequests'), { 'retry-after': '7' });
    if (fault && refusals.includes(fault)) return answered(Number(fault), problem(`No${fault}`));
    if (fault?.startsWith('html')) {
      const headers = { 'content-type': 'text/html' };
      return { told: null, response: new Response('<html>Under maintenance</html>', { headers }) };
    }
    if (this.blind && name === 'read Graph') return answered(403, problem('Forbidden'));
    return answered(reply.status, reply.body);
  }

  /** From now on nothing of the directory can be read. */
  goBlind(): void {
    this.blind = true;
  }

  /** Whether the account shows what a step does. */
  shows(step: StepKind, subjectId = subject): boolean {
    const recent = (at: string) => this.clock.nowMs - Date.parse(at) < 24 * hour;
    const { sessionsValidFrom, passwordChangedAt, risk, accountEnabled } = this.accountOf(subjectId);
    const shown: Record<StepKind, boolean> = {
      revokeSessions: recent(sessionsValidFrom),
      forcePasswordChange: recent(passwordChangedAt),
      raiseRisk: risk.state === 'confirmedCompromised',
      // A risk that rose again was dismissed all the same.
      dismissRisk:
        risk.state === 'dismissed' ||
        this.writes.some((it) => it.step === 'dismissRisk' && it.applied && it.subjectId === subjectId),
      enableAccount: accountEnabled,
    };
    return shown[step];
  }

  /** Somebody does it in the portal. */
  dismissByHand(): void {
    Object.assign(this.account.risk, { state: 'dismissed', updatedAt: this.ago(0) });
  }

  private taken(step: StepKind): string | null {
    const fault = this.first[step] ?? null;
    delete this.first[step];
    return fault;
  }

  private accountOf(id: string): Account {
    return this.accounts.get(id) ?? this.account;
  }

  private apply(step: StepKind, subjectId: string): void {
    const now = this.ago(0);
    const account = this.accountOf(subjectId);
    this.auditSoon(step, now, subjectId);
    if (step === 'revokeSessions') account.sessionsValidFrom = now;
    if (step === 'forcePasswordChange') account.passwordChangedAt = now;
    if (step === 'raiseRisk')
      Object.assign(account.risk, { state: 'confirmedCompromised', level: 'high', updatedAt: now });
    if (step === 'dismissRisk') Object.assign(account.risk, { state: 'dismissed', updatedAt: now });
    if (step === 'enableAccount') account.accountEnabled = true;
  }

  private auditSoon(step: StepKind, at: string, subjectId: string): void {
    const activity = auditedAs[step];
    if (!activity) return;
    const { appId } = simulatedClients[step === 'enableAccount' ? 'executorRelease' : 'executorContainment'];
    const row = auditRow(`audit-${step}-${at}`, activity, at, { app: { appId } }, subjectId);
    this.late.push({ fromMs: this.clock.nowMs + auditLatencyMs, row });
  }

  private audits(): object[] {
    const arrived = this.late.filter(({ fromMs }) => fromMs <= this.clock.nowMs);
    return [...this.account.audits, ...arrived.map(({ row }) => row)];
  }

  /** What a call is for: faults of a kind are told apart by it, and so are the schedules. */
  private nameOf(asked: Asked): string {
    const step = stepOf(asked);
    if (step) return `write ${step}`;
    const { method, path } = asked;
    if (path === '/oauth_token.do') return 'read ServiceNow login';
    if (path.startsWith('/api/now/')) return method === 'PATCH' ? 'note' : 'read ServiceNow';
    if (path.endsWith('/chat/completions')) return 'read model';
    if (path.startsWith('/teams/')) return method === 'PUT' ? 'note card update' : 'note card';
    return 'read Graph';
  }

  private reply(name: string, asked: Asked): Reply {
    if (name.endsWith('login')) return ok({ access_token: 'token', expires_in: 1_800 });
    if (name === 'read model') return this.model(asked.body);
    if (name === 'note') return this.patchTicket(asked);
    if (name === 'read ServiceNow') return this.readTicket(asked);
    if (name === 'note card update') return ok({ id: 'updated' });
    if (name === 'note card') {
      this.posts += 1;
      const id = `message-${this.posts}`;
      return {
        status: 201,
        body: { id: asked.path.endsWith('/v3/conversations') ? 'chat' : id, activityId: id },
      };
    }
    return asked.path.endsWith('/$batch') ? this.batch(asked) : this.read(asked);
  }

  private batch({ body }: Asked): Reply {
    const { requests } = JSON.parse(body) as { requests: { id: string; url: string; method: string }[] };
    const responses = requests.map(({ id, url, method }) => {
      const { pathname, searchParams } = new URL(`/v1.0${url}`, 'http://localhost');
      const part = {
        method,
        path: decodeURIComponent(pathname),
        query: searchParams,
        body: '',
        requestId: '',
      };
      return { id, ...this.read(part) };
    });
    return ok({ responses });
  }

  private read({ path, query, body }: Asked): Reply {
    const filter = query.get('$filter') ?? '';
    const [, id = ''] = /\/(?:users|riskyUsers)\/([0-9a-f-]{36})/.exec(path) ?? [];
    const [named = ''] = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(id || filter) ?? [];
    const a = this.accountOf(named);
    const isSubject = this.accounts.has(id);
    if (path.endsWith('/checkMemberGroups')) {
      const { groupIds } = JSON.parse(body) as { groupIds: string[] };
      return rows(groupIds.filter((group) => (groupsOf[id] ?? []).includes(group)));
    }
    if (path.endsWith('/manager')) return isSubject ? ok(person(manager)) : missing;
    if (path.endsWith('/transitiveMemberOf')) return rows(isSubject ? a.roles.map(roleRow) : []);
    if (path.endsWith('/registeredDevices')) return rows([this.device(a)]);
    if (path.endsWith('/history')) return rows([]);
    if (path.includes('/riskyUsers/') && isSubject) return ok(this.riskyUser(id));
    if (path.includes('/riskyUsers/')) return missing;
    if (path.endsWith('/riskyUsers'))
      return rows([...this.accounts.keys()].map((one) => this.riskyUser(one)));
    if (path.endsWith('/riskDetections')) {
      if (filter.includes('userId')) return rows(a.detections);
      const all = [...this.accounts.values()].flatMap(({ detections }) => detections);
      return rows([...all, ...this.detectionsOfOthers]);
    }
    if (path.endsWith('/auditLogs/directoryAudits')) return rows(this.audits());
    if (path.endsWith('/auditLogs/signIns')) {
      // One call may ask for several people.
      const asked = filter.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? [];
      return rows(asked.filter((one) => this.accounts.has(one)).map((one) => this.signIn(one)));
    }
    if (path.includes('/userRegistrationDetails/')) return ok({ ...registration, isSsprCapable: a.canReset });
    if (isSubject && path.endsWith(`/users/${id}`)) return ok(this.subjectRow(id));
    return /\/users\/[0-9a-f-]{36}$/.test(path) ? ok(person(id)) : rows([]);
  }

  private subjectRow(id: string) {
    const account = this.accountOf(id);
    return {
      ...person(id, account.words.displayName),
      onPremisesExtensionAttributes: noAttributes,
      onPremisesSyncEnabled: account.synced || null,
      accountEnabled: account.accountEnabled,
      signInSessionsValidFromDateTime: account.sessionsValidFrom,
      lastPasswordChangeDateTime: account.passwordChangedAt,
    };
  }

  private riskyUser(id: string) {
    const { level, state, detail, updatedAt } = this.accountOf(id).risk;
    const facts = { riskLevel: level, riskState: state, riskDetail: detail };
    return {
      id,
      isProcessing: false,
      isDeleted: false,
      riskLastUpdatedDateTime: updatedAt,
      ...facts,
    };
  }

  private device({ deviceAgeHours }: Account) {
    const registered = { registrationDateTime: this.ago(deviceAgeHours) };
    return { id: sampleId(50), deviceId: 'laptop', displayName: this.deviceName(), ...registered };
  }

  private deviceName = () => this.account.words.deviceName ?? 'Laptop';

  private signIn(userId: string) {
    return {
      id: `sign-in-${userId}`,
      createdDateTime: this.ago(2),
      userId,
      isInteractive: true,
      status: { errorCode: 0, additionalDetails: 'MFA successfully completed' },
      deviceDetail: { deviceId: 'laptop', displayName: this.deviceName() },
      userAgent: this.account.words.userAgent ?? 'Mozilla/5.0',
    };
  }

  private readTicket({ path, query }: Asked): Reply {
    if (!path.endsWith('/sys_journal_field')) return this.ticketReply(path);
    const [, sysId = ''] = /element_id=([0-9a-f]{32})/.exec(query.get('sysparm_query') ?? '') ?? [];
    const [, wanted = ''] = /valueLIKE([0-9a-f]+)/.exec(query.get('sysparm_query') ?? '') ?? [];
    const found = this.notes.filter((note) => note.sysId === sysId && note.value.includes(wanted));
    const row = (element: string, value: string, by: string) => ({
      ...{ element, element_id: sysId, value },
      ...{ sys_created_on: '2026-03-02 08:00:00', sys_created_by: by },
    });
    const { comment } = this.account.words;
    return ok({
      result: [
        ...found.map(({ value }) => row('work_notes', value, ourTicketUser)),
        ...(comment !== undefined && wanted === '' ? [row('comments', comment, 'manager')] : []),
      ],
    });
  }

  private patchTicket({ path, body }: Asked): Reply {
    this.ticketWrites.push({ path, body });
    const ticket = this.tickets.get(path.split('/').at(-1) ?? '');
    const { work_notes: note, ...fields } = JSON.parse(body) as Record<string, string>;
    if (ticket) {
      Object.assign(ticket, fields, { sys_mod_count: String(Number(ticket['sys_mod_count']) + 1) });
      if (note) this.notes.push({ sysId: ticket['sys_id'] ?? '', value: note });
    }
    return this.ticketReply(path);
  }

  private ticketReply(path: string): Reply {
    const ticket = this.tickets.get(path.split('/').at(-1) ?? '');
    return ticket ? ok({ result: ticket }) : { status: 404, body: {} };
  }
}

/** What the directory's own log says of a step; Identity Protection's dismissal is not in it. */
const auditedAs: Readonly<Partial<Record<StepKind, string>>> = {
  revokeSessions: 'Update StsRefreshTokenValidFrom Timestamp',
  forcePasswordChange: 'Reset user password',
  enableAccount: 'Enable account',
};

const auditRow = (id: string, activity: string, at: string, initiatedBy: object, about = subject) => ({
  id,
  activityDateTime: at,
  activityDisplayName: activity,
  result: 'success',
  initiatedBy,
  targetResources: [{ id: about }],
});

const person = (id: string, displayName = `Person ${id.slice(-2)}`) => ({
  id,
  displayName,
  userPrincipalName: `p${id.slice(-2)}@contoso.example`,
  accountEnabled: true,
  userType: 'Member',
});

/** Empty ones are null; what is left out counts as hidden. */
const noAttributes = Object.fromEntries(
  Array.from({ length: 15 }, (_, at) => [`extensionAttribute${at + 1}`, null]),
);

const registration = {
  isMfaRegistered: true,
  isSsprCapable: true,
  isPasswordlessCapable: false,
  methodsRegistered: ['microsoftAuthenticatorPush'],
};

function stepOf({ method, path, body }: Asked): StepKind | null {
  if (path.endsWith('/revokeSignInSessions')) return 'revokeSessions';
  if (path.endsWith('/riskyUsers/dismiss')) return 'dismissRisk';
  if (path.endsWith('/riskyUsers/confirmCompromised')) return 'raiseRisk';
  if (method !== 'PATCH' || !path.startsWith('/v1.0/users/')) return null;
  return body.includes('passwordProfile') ? 'forcePasswordChange' : 'enableAccount';
}

function withoutPassword(body: string): string {
  return body === ''
    ? ''
    : canonicalJson(JSON.parse(body, (key, value: unknown) => (key === 'password' ? '(a password)' : value)));
}

/** Whom a write is about: one by its path, or all that its body names. */
function subjectsOf({ path, body }: Asked): readonly string[] {
  const [, id] = /\/users\/([0-9a-f-]{36})/.exec(path) ?? [];
  return id ? [id] : (JSON.parse(body) as { userIds: string[] }).userIds;
}

interface Answered {
  response: Response;
  /** null: nothing of Graph. */
  told: Reply | null;
}

function answered(status: number, body: unknown, headers: Record<string, string> = {}): Answered {
  const response = new Response(body === null ? null : JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', 'request-id': 'request-1', ...headers },
  });
  return { response, told: { status, body: body ?? undefined } };
}

function keep(method: string, url: URL, body: string, { told }: Answered): void {
  graphShapes.saw({
    method,
    url: `${url.pathname.slice('/v1.0'.length)}${url.search}`,
    body: body === '' ? undefined : JSON.parse(body),
    status: told?.status ?? null,
    answer: told?.body,
  });
}
