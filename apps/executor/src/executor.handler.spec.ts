import { type Case, maxAttempts } from '@sallyport/case';
import { AccountWriter, EntraError } from '@sallyport/entra';
import { sampleId } from '@sallyport/evidence/testing';
import { NotYet } from '@sallyport/queue';
import { ApprovalCheck } from './approval-check';
import { callWindowMs } from './steps';
import { executorRig, type ExecutorRig, patienceMs } from './testing/executor-rig';
import { auditRow, detectionRow, type Fault, ownAppId } from './testing/graph-world';

let rig: ExecutorRig;
beforeAll(async () => {
  rig = await executorRig();
}, 60_000);
afterAll(() => rig.close());
beforeEach(() => rig.reset());
afterEach(() => jest.restoreAllMocks());

/** High risk: the rules contain at once, and propose nothing. */
function highRisk(): void {
  rig.world.account.risk.level = 'high';
}
/** A release of two steps: the account was disabled. */
function disabled(): void {
  rig.world.account.accountEnabled = false;
}
const written = () => rig.world.writes.map(({ step }) => step);
const outcomes = (execution: { actions: readonly { step: string; outcome: string | null }[] } | null) =>
  Object.fromEntries((execution?.actions ?? []).map(({ step, outcome }) => [step, outcome]));

it('contains at once: intent and answer of every step before it waits for the first to show', async () => {
  highRisk();
  const c = await rig.decidedCase();
  expect(c.phase).toBe('containing');
  const after = await rig.drive(c);
  expect(after).toMatchObject({ phase: 'settled', immediate: { result: 'done' } });
  expect(written()).toEqual(['revokeSessions', 'forcePasswordChange']);
  const types = (await rig.eventsOf(c)).slice(c.seq).map(({ type }) => type);
  const called = ['action.started', 'action.answered'];
  const shown = ['action.finished', 'action.finished'];
  expect(types).toEqual([...called, ...called, ...shown, 'execution.completed']);
  expect(await rig.queues.jobState({ caseId: c.id, stage: 'audit', seq: after.seq })).toBe('waiting');
});

it('releases after approval, the risk proven before the account is touched', async () => {
  disabled();
  const c = await rig.approvedCase();
  const after = await rig.drive(c);
  expect(after).toMatchObject({ phase: 'settled', proposed: { result: 'done' } });
  expect(written()).toEqual(['dismissRisk', 'enableAccount']);
  const types = (await rig.eventsOf(c)).slice(c.seq).map(({ type }) => type);
  const step = ['action.started', 'action.answered', 'action.finished'];
  expect(types).toEqual([...step, ...step, 'execution.completed']);
  expect(rig.world.account).toMatchObject({ accountEnabled: true, risk: { state: 'dismissed' } });
});

it('stores no password, and no text of the account, in what it writes about it', async () => {
  highRisk();
  const c = await rig.decidedCase();
  await rig.drive(c);
  const events = JSON.stringify((await rig.eventsOf(c)).slice(c.seq));
  for (const personal of ['Aa1-', 'password"', 'Sam Subject', 'contoso'])
    expect(events).not.toContain(personal);
});

it.each<[Fault, string, number]>([
  ['504 before', 'unknown', 1],
  ['504 after', 'applied', 1],
  ['reset before', 'unknown', 1],
  ['reset after', 'applied', 1],
  ['silent', 'unknown', 1],
  ['403', 'refused', 1],
  ['429', 'throttled', maxAttempts],
])(
  'a step answered with %s ends as %s after %i write(s), and containment goes on',
  async (fault, outcome, writes) => {
    highRisk();
    rig.world.faults = { revokeSessions: [fault] };
    const after = await rig.drive(await rig.decidedCase());
    expect(outcomes(after.immediate)).toEqual({ revokeSessions: outcome, forcePasswordChange: 'applied' });
    expect(written().filter((step) => step === 'revokeSessions')).toHaveLength(writes);
    expect(after.phase).toBe(outcome === 'applied' ? 'settled' : 'reviewOpened');
  },
);

it.each<[Fault, string]>([
  ['504 before', 'unknown'],
  ['403', 'refused'],
  ['429', 'throttled'],
])('a release stops where its first step is answered with %s', async (fault, outcome) => {
  disabled();
  rig.world.faults = { dismissRisk: [fault] };
  const after = await rig.drive(await rig.approvedCase());
  expect(outcomes(after.proposed)).toEqual({ dismissRisk: outcome });
  expect(after.phase).toBe('reviewOpened');
  expect(rig.world.account.accountEnabled).toBe(false);
});

it('looks for the effect until patience ends, and says what it saw', async () => {
  rig.world.faults = { dismissRisk: ['504 before'] };
  const c = await rig.approvedCase();
  const startedAt = rig.clock().getTime();
  const after = await rig.drive(c);
  const [action] = after.proposed?.actions ?? [];
  expect(Date.parse(action?.finishedAt ?? '') - startedAt).toBeGreaterThanOrEqual(patienceMs);
  expect(action?.detail).toBe(
    [
      'timeout (HTTP 504) The effect did not show within 20 s. Read back: risk state is atRisk.',
      'The audit log does not tell. The call was not repeated.',
    ].join(' '),
  );
  expect(after.review).toMatchObject({ reason: 'actionUnknown' });
});

it('starts a throttled call again when Graph says so, under the same key', async () => {
  rig.world.faults = { dismissRisk: ['429', '429', 'none'] };
  const c = await rig.approvedCase();
  await expect(rig.run(c)).rejects.toMatchObject({ code: 'graphThrottled', retryAfterMs: 7_000 });
  const after = await rig.drive(c);
  expect(after.proposed?.actions).toMatchObject([{ attempt: 3, outcome: 'applied' }]);
  expect(new Set(rig.world.writes.map((write) => write.clientRequestId)).size).toBe(1);
});

it('does not take a password change of before its call for its own', async () => {
  highRisk();
  rig.world.account.passwordChangedAt = new Date(rig.clock().getTime() - 120_000).toISOString();
  rig.world.faults = { forcePasswordChange: ['silent'] };
  const after = await rig.drive(await rig.decidedCase());
  expect(outcomes(after.immediate)).toMatchObject({ forcePasswordChange: 'unknown' });
});

it('does not take for its own a password change of the second before its call', async () => {
  highRisk();
  rig.world.account.passwordChangedAt = rig.clock().toISOString();
  rig.world.faults = { forcePasswordChange: ['silent'] };
  const c = await rig.decidedCase();
  const after = await rig.drive(c);
  expect(outcomes(after.immediate)).toMatchObject({ forcePasswordChange: 'unknown' });
  const started = (await rig.eventsOf(c)).find((event) => event.type === 'action.started');
  expect(started).toMatchObject({
    before: { lastPasswordChangeAt: rig.world.account.passwordChangedAt, riskState: null },
  });
});

/** What happens while the answer of the password's call is lost. */
async function withoutAnswer(happens: () => void): Promise<Case> {
  highRisk();
  rig.world.faults = { forcePasswordChange: ['504 before'] };
  rig.crashingLog.dies = (_, event) => {
    if (event.type === 'action.answered' && event.step === 'forcePasswordChange') happens();
    return 'no';
  };
  return rig.drive(await rig.decidedCase());
}
const passwordAction = (c: Case) =>
  c.immediate?.actions.find((action) => action.step === 'forcePasswordChange');

it('does not take for its own what the audit log gives to somebody else, where the answer was lost', async () => {
  const after = await withoutAnswer(() => {
    const at = rig.clock().toISOString();
    rig.world.account.passwordChangedAt = at;
    rig.world.audits = [auditRow(at, 'Reset user password', { user: { id: sampleId(77) } })];
  });
  expect(passwordAction(after)).toMatchObject({
    outcome: 'unknown',
    detail: expect.stringContaining('The audit log names somebody else'),
  });
  expect(after.review?.reason).toBe('actionUnknown');
});

it.each<[string, object, string]>([
  ['only a service principal', { app: { servicePrincipalId: sampleId(78), displayName: 'App' } }, 'applied'],
  ['another application', { app: { appId: sampleId(79), servicePrincipalId: sampleId(78) } }, 'unknown'],
])('where the audit log names %s, revoked sessions are %s', async (who, initiatedBy, outcome) => {
  highRisk();
  rig.world.faults = { revokeSessions: ['reset after'] };
  rig.world.audits = [
    auditRow(rig.clock().toISOString(), 'Update StsRefreshTokenValidFrom Timestamp', initiatedBy),
  ];
  const after = await rig.drive(await rig.decidedCase());
  expect({ who, ...outcomes(after.immediate) }).toMatchObject({ who, revokeSessions: outcome });
});

it('takes for its own a row that carries the id of its call, whomever it names', async () => {
  highRisk();
  rig.world.faults = { revokeSessions: ['reset after'] };
  rig.crashingLog.dies = (_, event) => {
    const call = rig.world.writes.find(({ step }) => step === 'revokeSessions');
    const at = rig.clock().toISOString();
    const row = auditRow(at, 'Update StsRefreshTokenValidFrom Timestamp', { app: { appId: sampleId(79) } });
    if (event.type === 'action.answered')
      rig.world.audits = [{ ...row, correlationId: call?.clientRequestId ?? null }];
    return 'no';
  };
  const after = await rig.drive(await rig.decidedCase());
  expect(outcomes(after.immediate)).toMatchObject({ revokeSessions: 'applied' });
});

it('does not take for its own a risk that the audit log says somebody else confirmed', async () => {
  highRisk();
  rig.containing.by = 'raiseRisk';
  rig.world.faults = { raiseRisk: ['reset after'] };
  const at = rig.clock().toISOString();
  rig.world.audits = [auditRow(at, 'ConfirmAccountCompromised', { user: { id: sampleId(77) } })];
  const after = await rig.drive(await rig.decidedCase());
  expect(outcomes(after.immediate)).toMatchObject({ revokeSessions: 'applied', raiseRisk: 'unknown' });
});

it('takes for its own what the audit log gives to its app registration, whatever else is there', async () => {
  const after = await withoutAnswer(() => {
    const at = rig.clock().toISOString();
    rig.world.account.passwordChangedAt = at;
    rig.world.audits = [
      auditRow(at, 'Reset user password', { app: { appId: ownAppId } }),
      auditRow(at, 'Change password (self-service)', { user: { id: sampleId(77) } }),
    ];
  });
  expect(passwordAction(after)).toMatchObject({ outcome: 'applied' });
});

it('does not take a password change for its own while the audit log is silent, where the answer was lost', async () => {
  const after = await withoutAnswer(() => {
    rig.world.account.passwordChangedAt = rig.clock().toISOString();
  });
  expect(passwordAction(after)).toMatchObject({
    outcome: 'unknown',
    detail: expect.stringContaining('The audit log does not tell.'),
  });
  expect(after.review?.reason).toBe('actionUnknown');
});

it('says that its call took effect and was undone, where the audit log says so', async () => {
  const after = await withoutAnswer(() => {
    rig.world.audits = [
      auditRow(rig.clock().toISOString(), 'Reset user password', { app: { appId: ownAppId } }),
    ];
  });
  expect(passwordAction(after)).toMatchObject({
    outcome: 'unknown',
    detail: expect.stringContaining('says that our call took effect'),
  });
});

it.each([
  ['behind', -4 * 60_000, 'applied'],
  ['ahead', 10 * 60_000, 'applied'],
  ['far behind', -6 * 60_000, 'unknown'],
])('with Microsoft’s clock %s, sessions that were revoked count as %s', async (_, skewMs, outcome) => {
  highRisk();
  rig.world.skewMs = skewMs;
  expect(outcomes((await rig.drive(await rig.decidedCase())).immediate)).toMatchObject({
    revokeSessions: outcome,
  });
});

it('contains where the account cannot be read before the call, and does not release', async () => {
  highRisk();
  const c = await rig.decidedCase();
  rig.world.readable = false;
  await expect(rig.run(c)).rejects.toBeInstanceOf(NotYet);
  expect(written()).toEqual(['revokeSessions', 'forcePasswordChange']);
  rig.world.readable = true;
  expect((await rig.drive(c)).phase).toBe('settled');
});

it('contains where the reading before the call is not answered, before that is given up', async () => {
  highRisk();
  const c = await rig.decidedCase();
  rig.world.holdsReads = true;
  expect((await rig.drive(c)).phase).toBe('settled');
  expect(rig.world.heldAtWrite).toBe(1);
});

it('reads the account once before all steps of a containment', async () => {
  highRisk();
  const c = await rig.decidedCase();
  await rig.drive(c);
  const started = (await rig.eventsOf(c)).filter((event) => event.type === 'action.started');
  expect(started).toHaveLength(2);
  expect(started[1]?.before).toEqual(started[0]?.before);
  // The sessions had been revoked by then: a second reading would show that.
  expect(started[1]?.before?.sessionsValidFrom).not.toBe(rig.world.account.sessionsValidFrom);
});

it('waits, and calls nothing again, while the account cannot be read back', async () => {
  const c = await rig.approvedCase();
  rig.crashingLog.dies = (_, event) => {
    if (event.type === 'action.answered') rig.world.readable = false;
    return 'no';
  };
  await expect(rig.run(c)).rejects.toBeInstanceOf(NotYet);
  rig.world.readable = true;
  expect((await rig.drive(c)).phase).toBe('settled');
  expect(written()).toEqual(['dismissRisk']);
});

it('does not call where the process slept between intent and call, and starts the step again', async () => {
  let sleptMs = 0;
  let intents = 0;
  const now = performance.now.bind(performance);
  jest.spyOn(performance, 'now').mockImplementation(() => now() + sleptMs);
  rig.crashingLog.dies = (_, event) => {
    if (event.type === 'action.started' && (intents += 1) === 1) sleptMs += callWindowMs + 1;
    return 'no';
  };
  const c = await rig.approvedCase();
  const after = await rig.drive(c);
  expect(written()).toEqual(['dismissRisk']);
  expect(after).toMatchObject({
    phase: 'settled',
    proposed: { actions: [{ attempt: 2, outcome: 'applied' }] },
  });
  const outcomes = (await rig.eventsOf(c)).filter(({ type }) => type === 'action.finished');
  expect(outcomes[0]).toMatchObject({ outcome: 'throttled', detail: expect.stringContaining('not called') });
});

describe('a release whose turn in the budget came late', () => {
  let waitedMs = 0;
  /** The first waits of so many milliseconds each. */
  function waiting(waits: number[], meanwhile: () => void = () => undefined): jest.SpyInstance {
    waitedMs = 0;
    const now = performance.now.bind(performance);
    jest.spyOn(performance, 'now').mockImplementation(() => now() + waitedMs);
    return jest.spyOn(AccountWriter.prototype, 'prepare').mockImplementation(() => {
      waitedMs += waits.shift() ?? 0;
      meanwhile();
      return Promise.resolve(null);
    });
  }

  it('is looked at again before it is begun, by what moves within minutes', async () => {
    const c = await rig.approvedCase();
    const prepare = waiting([31_000]);
    const judged = jest.spyOn(ApprovalCheck.prototype, 'difference');
    await rig.run(c);
    expect(prepare).toHaveBeenCalledTimes(2);
    expect(judged).toHaveBeenCalledTimes(1);
    // The account as it was before the call is what was looked at.
    const started = (await rig.eventsOf(c)).find(({ type }) => type === 'action.started');
    expect(started).toMatchObject({ before: { riskState: 'atRisk', accountEnabled: null } });
    expect(written()).toEqual(['dismissRisk']);
  });

  it.each<[string, () => void, string]>([
    ['the ticket was closed', () => (rig.ticket.active = 'false'), 'The ticket was closed meanwhile.'],
    [
      'the risk has moved',
      () => (rig.world.account.risk.level = 'high'),
      'The risk has moved from medium/atRisk to high/atRisk.',
    ],
    [
      'a detection is new',
      () =>
        rig.world.account.detections.push(
          detectionRow({ id: 'detection-2', at: rig.clock().toISOString(), kind: 'unlikelyTravel' }),
        ),
      '1 new risk detection(s) since the approval: unlikelyTravel.',
    ],
  ])('is void where %s meanwhile', async (_, change, detail) => {
    const c = await rig.approvedCase();
    waiting([31_000], change);
    await rig.run(c);
    expect((await rig.eventsOf(c)).at(-1)).toMatchObject({
      type: 'execution.completed',
      result: 'void',
      detail,
    });
    expect(written()).toEqual([]);
  });

  it('is judged anew where that was minutes ago', async () => {
    const c = await rig.approvedCase();
    waiting([31_000, 5 * 60_000]);
    await expect(rig.run(c)).rejects.toMatchObject({ name: 'NotYet', code: 'checkTooOld' });
    expect((await rig.caseNow(c)).seq).toBe(c.seq);
    expect(written()).toEqual([]);
  });

  /** To judge everything takes so long. */
  function judgingTakes(ms: number): void {
    jest.spyOn(ApprovalCheck.prototype, 'difference').mockImplementation(() => {
      waitedMs += ms;
      return Promise.resolve(null);
    });
  }

  it('counts the minutes from when it began to be judged, also where the last look is fresh', async () => {
    const c = await rig.approvedCase();
    waiting([20_000]);
    judgingTakes(5 * 60_000 - 10_000);
    await expect(rig.run(c)).rejects.toMatchObject({ name: 'NotYet', code: 'checkTooOld' });
    expect((await rig.caseNow(c)).seq).toBe(c.seq);
    expect(written()).toEqual([]);
  });

  it('is looked at before it asks for a turn, where to judge it took too long already', async () => {
    const c = await rig.approvedCase();
    const prepare = waiting([]);
    judgingTakes(31_000);
    await rig.run(c);
    expect(prepare).toHaveBeenCalledTimes(1);
    expect(written()).toEqual(['dismissRisk']);
  });

  it('counts what was read from when the request left, not from when its answer was handled', async () => {
    const c = await rig.approvedCase();
    const prepare = waiting([31_000]);
    const real = globalThis.fetch;
    let paused = false;
    jest.spyOn(globalThis, 'fetch').mockImplementation(async (...asked) => {
      const response = await real(...asked);
      const risk = new Request(asked[0]).url.includes('/identityProtection/');
      if (risk && waitedMs > 0 && !paused) [paused, waitedMs] = [true, waitedMs + 31_000];
      return response;
    });
    await rig.run(c);
    expect(prepare).toHaveBeenCalledTimes(3);
    expect(written()).toEqual(['dismissRisk']);
  });

  it('waits again where the budget had no turn for it, for some minutes, and then leaves its worker', async () => {
    const exhausted = { kind: 'throttled', status: null, code: 'budgetExhausted', sent: false } as const;
    const c = await rig.approvedCase();
    const prepare = waiting([]).mockImplementation(() => {
      waitedMs += 30_000;
      return Promise.reject(new EntraError(exhausted));
    });
    await expect(rig.run(c)).rejects.toMatchObject({ name: 'RetryableError', code: 'budgetExhausted' });
    expect(waitedMs).toBeGreaterThan(60_000);
    expect(waitedMs).toBeLessThanOrEqual(3 * 60_000);
    prepare.mockResolvedValue(null);
    await rig.run(c);
    expect(written()).toEqual(['dismissRisk']);
  });
});

it('two processes with the same case make one call', async () => {
  const c = await rig.approvedCase();
  await Promise.all([rig.run(c), rig.run(c), rig.run(c)].map((run) => run.catch(() => undefined)));
  expect((await rig.drive(c)).phase).toBe('settled');
  expect(written()).toEqual(['dismissRisk']);
});

it('raises the risk where that is how accounts are contained, and asks nobody to dismiss it', async () => {
  rig.containing.by = 'raiseRisk';
  highRisk();
  const c = await rig.decidedCase();
  expect(c.decision).toMatchObject({
    immediate: { steps: ['revokeSessions', 'raiseRisk'] },
    proposed: null,
  });
  const after = await rig.drive(c);
  expect(after.phase).toBe('settled');
  expect(outcomes(after.immediate)).toEqual({ revokeSessions: 'applied', raiseRisk: 'applied' });
  expect(rig.world.account.risk).toMatchObject({ level: 'high', state: 'confirmedCompromised' });
});

it('contains by one way only: a plan made the other way is void before it begins', async () => {
  highRisk();
  const c = await rig.decidedCase();
  rig.containing.by = 'raiseRisk';
  rig.pass(6 * 60_000);
  await rig.run(c);
  expect((await rig.caseNow(c)).phase).toBe('opened');
  expect(written()).toEqual([]);
});

it.each([
  ['enough', 60, 60 * 60_000],
  ['none', 0, null],
])('a release that is proven is watched for as long as is configured: %s', async (_, minutes, watchedMs) => {
  const c = await rig.approvedCase();
  const after = await rig.drive(c, rig.handlerThatWatches(minutes * 60_000));
  expect(after.phase).toBe(watchedMs ? 'watchOpened' : 'settled');
  const { begunAt, until } = after.watch ?? {};
  if (watchedMs) expect(Date.parse(until ?? '') - Date.parse(begunAt ?? '')).toBe(watchedMs);
});

it.each<[string, () => void]>([
  ['refused', () => (rig.world.faults = { enableAccount: ['403'] })],
  [
    'not begun, because a detection is new',
    () => {
      rig.crashingLog.dies = (_, event) => {
        if (event.type === 'action.finished')
          rig.world.account.detections.push(detectionRow({ id: 'new', at: rig.clock().toISOString() }));
        return 'no';
      };
    },
  ],
])('a release is watched too where the risk is dismissed and the next step is %s', async (_, given) => {
  disabled();
  given();
  const after = await rig.drive(await rig.approvedCase(), rig.handlerThatWatches(60_000));
  expect(after).toMatchObject({ phase: 'watchOpened', proposed: { result: 'incomplete' } });
  expect(written()[0]).toBe('dismissRisk');
});

it('a release that is not proven is not watched', async () => {
  rig.world.faults = { dismissRisk: ['504 before'] };
  const after = await rig.drive(await rig.approvedCase(), rig.handlerThatWatches(60_000));
  expect(after).toMatchObject({ phase: 'reviewOpened', watch: null });
});
