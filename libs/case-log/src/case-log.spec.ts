import { type Case, foldCase, IllegalEvent } from '@sallyport/case';
import { caseIn, collected, courses, decided, eventFor, logIn, opened } from '@sallyport/case/testing';
import { type CaseEvent, untrusted, untrustedMaxLength } from '@sallyport/evidence';
import {
  evidence,
  known,
  sampleDigest,
  sampleId,
  sampleInstant,
  subjectId,
} from '@sallyport/evidence/testing';
import { type LoadedCase, SequenceConflict, SubjectBusy } from './case-log';
import { open, openTestLog, type TestLog } from './test-rig';

jest.setTimeout(60_000);

let test: TestLog;
beforeAll(async () => {
  test = await openTestLog();
});
afterEach(() => test.empty());
afterAll(() => test.close());

const count = async (table: string): Promise<number> => {
  const found = await test.superuser.query(`SELECT count(*)::int AS rows FROM sallyport.${table}`);
  return found.rows[0].rows as number;
};
const message = (n = 1) => ({ bodyDigest: sampleDigest(n), receivedAt: sampleInstant(n) });
const about = (n: number) => (c: Case) => ({ ...collected(c), subjectId: sampleId(n) });

/** What became of calls that raced. */
function outcomes(results: readonly PromiseSettledResult<unknown>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const result of results) {
    const name = result.status === 'fulfilled' ? 'done' : (result.reason as Error).constructor.name;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

describe('opening a case', () => {
  it('50 times in parallel gives one case, one event, and a memory of every message', async () => {
    const results = await Promise.all(
      Array.from({ length: 50 }, (_, n) =>
        test.log.open({ ...opened(), messageId: `msg_${n}`, at: sampleInstant(n) }, message(n)),
      ),
    );
    expect(results.filter((isNew) => isNew)).toHaveLength(1);
    expect([await count('case_head'), await count('case_event'), await count('received_message')]).toEqual([
      1, 1, 50,
    ]);
    for (let n = 0; n < 50; n += 1) {
      expect(await test.log.receivedMessage(`msg_${n}`)).toEqual({
        bodyDigest: sampleDigest(n),
        caseId: opened().caseId,
      });
    }
    const loaded = await test.log.load(opened().caseId);
    expect(loaded?.case).toMatchObject({ seq: 1, phase: 'opened' });
  });

  it('with the same message 50 times in parallel gives one case and one memory', async () => {
    const results = await Promise.all(Array.from({ length: 50 }, () => test.log.open(opened(), message())));
    expect(results.filter((isNew) => isNew)).toHaveLength(1);
    expect([await count('case_head'), await count('case_event'), await count('received_message')]).toEqual([
      1, 1, 1,
    ]);
  });

  it('keeps the first body of a message id', async () => {
    await test.log.open(opened(), message(1));
    await test.log.open(opened('second'), message(2));
    expect(await test.log.receivedMessage('msg_sample')).toEqual({
      bodyDigest: sampleDigest(1),
      caseId: opened().caseId,
    });
  });

  it('leaves a case that has moved on as it is', async () => {
    const { case: c } = await test.write('first', 'evidence.collected');
    expect(await test.log.open({ ...opened(), messageId: 'msg_late' }, message(2))).toBe(false);
    expect((await test.log.load(c.id))?.case).toEqual(c);
    expect(await test.log.receivedMessage('msg_late')).toMatchObject({ caseId: c.id });
  });

  it('makes the context stage the next', async () => {
    await open(test.log);
    expect(await test.log.overdue('context', new Date(sampleInstant(0)), 10)).toEqual([
      { caseId: opened().caseId, stage: 'context', seq: 1 },
    ]);
  });
});

describe('a case that is not there', () => {
  it('is null', async () => {
    expect(await test.log.load(opened().caseId)).toBeNull();
    expect(await test.log.read(opened().caseId)).toEqual({ links: [], head: null });
    expect(await test.log.receivedMessage('msg_sample')).toBeNull();
    expect(await test.log.activeCaseOf(subjectId)).toBeNull();
  });

  it('cannot be appended to', async () => {
    const loaded = await open(test.log);
    await test.empty();
    await expect(test.log.append(loaded, eventFor(loaded.case, 'evidence.collected'))).rejects.toThrow(
      SequenceConflict,
    );
    expect(await count('case_event')).toBe(0);
  });
});

describe('appending', () => {
  it('gives the case that loading gives, for every phase of the straight line', async () => {
    const log = logIn('closed');
    let loaded = await open(test.log, opened());
    for (const event of log.slice(1)) {
      loaded = await test.log.append(loaded, event);
      expect(await test.log.load(opened().caseId)).toEqual(loaded);
    }
    expect(loaded.case).toEqual(foldCase(log));
    expect(loaded.case.phase).toBe('closed');
  });

  it('is refused where the case has moved on since it was loaded', async () => {
    const stale = await open(test.log);
    const event = eventFor(stale.case, 'evidence.collected');
    const moved = await test.log.append(stale, event);
    await expect(test.log.append(stale, event)).rejects.toThrow(SequenceConflict);
    expect(await test.log.load(stale.case.id)).toEqual(moved);
  });

  it('is refused on another past, also where the sequence number fits', async () => {
    const loaded = await open(test.log);
    const other: LoadedCase = { ...loaded, hash: sampleDigest(9) };
    await expect(test.log.append(other, eventFor(loaded.case, 'evidence.collected'))).rejects.toThrow(
      SequenceConflict,
    );
    expect(await test.log.load(loaded.case.id)).toEqual(loaded);
  });

  it('20 times at once lets exactly one through', async () => {
    const loaded = await open(test.log);
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, n) =>
        test.log.append(loaded, { ...eventFor(loaded.case, 'evidence.collected'), at: sampleInstant(n) }),
      ),
    );
    expect(outcomes(results)).toEqual({ done: 1, SequenceConflict: 19 });
    const winner = results.find((result) => result.status === 'fulfilled');
    expect(await test.log.load(loaded.case.id)).toEqual(winner?.value);
    expect(await count('case_event')).toBe(2);
  });

  it('writes nothing that the case does not allow, or that is no event', async () => {
    const loaded = await open(test.log);
    await expect(test.log.append(loaded, eventFor(loaded.case, 'case.closed'))).rejects.toThrow(IllegalEvent);
    const wider = { ...eventFor(loaded.case, 'evidence.collected'), extra: 1 };
    await expect(test.log.append(loaded, wider)).rejects.toThrow(/Unrecognized key/);
    expect(await test.log.load(loaded.case.id)).toEqual(loaded);
  });
});

describe('one open case per subject', () => {
  it('refuses a second one', async () => {
    const first = await test.write('first', 'evidence.collected');
    const second = await open(test.log, opened('second'));
    await expect(test.log.append(second, eventFor(second.case, 'evidence.collected'))).rejects.toThrow(
      SubjectBusy,
    );
    expect(await test.log.activeCaseOf(subjectId)).toBe(first.case.id);
    // Nothing of the refused append is left: the case can still be linked.
    const linked = await test.log.append(second, {
      ...eventFor(second.case, 'case.linked'),
      primaryCaseId: first.case.id,
    });
    expect(await test.log.load(second.case.id)).toEqual(linked);
  });

  it('lets exactly one of ten cases through in a race', async () => {
    const cases = await Promise.all(
      Array.from({ length: 10 }, (_, n) => open(test.log, { ...opened(`race ${n}`), messageId: `msg_${n}` })),
    );
    const results = await Promise.allSettled(
      cases.map((loaded) => test.log.append(loaded, eventFor(loaded.case, 'evidence.collected'))),
    );
    expect(outcomes(results)).toEqual({ done: 1, SubjectBusy: 9 });
    const winner = results.find((result) => result.status === 'fulfilled');
    expect(await test.log.activeCaseOf(subjectId)).toBe(winner?.value.case.id);
    expect(await count('case_event')).toBe(11);
  });

  it('ends when the case is closed', async () => {
    const closing = ['ticket.updated', 'case.closed'] as const;
    await test.write('first', 'evidence.collected', (c) => decided(c, courses.close), ...closing);
    expect(await test.log.activeCaseOf(subjectId)).toBeNull();
    const second = await test.write('second', 'evidence.collected');
    expect(await test.log.activeCaseOf(subjectId)).toBe(second.case.id);
  });

  it('leaves cases about others, and about nobody, alone', async () => {
    await test.write('one', about(11));
    await test.write('two', about(12));
    const nobody = (c: Case): CaseEvent => ({ ...collected(c), subjectId: null });
    await test.write('three', nobody);
    await test.write('four', nobody);
    expect(await count('case_event')).toBe(8);
  });
});

describe('hostile text', () => {
  const collectedWith = (c: Case, text: { untrusted: string }): CaseEvent => {
    const ticket = evidence().ticket;
    if (ticket.state !== 'known') throw new Error('The sample ticket is known.');
    const hostile = evidence({ ticket: known({ ...ticket.value, description: text }) });
    return collected(c, hostile);
  };
  const roundTrip = async (text: { untrusted: string }): Promise<string | undefined> => {
    const { case: c } = await test.write('hostile', (before) => collectedWith(before, text));
    const loaded = await test.log.load(c.id);
    expect(loaded?.case).toEqual(c);
    const ticket = loaded?.case.evidence?.ticket;
    return ticket?.state === 'known' ? ticket.value.description.untrusted : undefined;
  };

  it.each([
    ['a NUL', 'before\u0000after'],
    ['an escaped NUL, spelt out', 'before\\u0000after'],
    ['all other control characters', String.fromCharCode(...Array.from({ length: 0x20 }, (_, n) => n))],
    ['line separators', '\u2028\u2029\u0085'],
    ['quotes and backslashes', `'"\\ $1 $$ \\'; DROP TABLE sallyport.case_event; --`],
    ['text that runs the other way', '\u202egnp.exe'],
    ['pairs of surrogates', '🛂'.repeat(untrustedMaxLength / 2)],
    ['4000 NULs', '\u0000'.repeat(untrustedMaxLength)],
    ['4000 characters of four kinds', 'a"é漢'.repeat(untrustedMaxLength / 4)],
    ['keys of JavaScript', '__proto__ constructor'],
  ])('%s comes back to the letter', async (_title, text) => {
    expect(await roundTrip({ untrusted: text })).toBe(text);
  });

  it('loses half characters and NULs where the reader marks it as untrusted', async () => {
    expect(await roundTrip(untrusted('half \ud83d and \udec2, NUL \u0000'))).toBe(
      'half \ufffd and \ufffd, NUL \ufffd',
    );
  });

  it('with half a character that was not marked is refused whole', async () => {
    const loaded = await open(test.log);
    const event = collectedWith(loaded.case, { untrusted: 'plain' });
    const text = JSON.stringify(event).replace('"plain"', '"\\ud83d"');
    await expect(test.log.append(loaded, JSON.parse(text) as CaseEvent)).rejects.toThrow(/lone surrogate/);
    expect(await test.log.load(loaded.case.id)).toEqual(loaded);
  });
});

describe('overdue heads', () => {
  const at = (minutes: number): Date => new Date(sampleInstant(minutes));
  const waiting = async (episode: string, minutes: number): Promise<string> => {
    const event = { ...opened(episode), messageId: `msg_${episode}`, at: sampleInstant(minutes) };
    return (await open(test.log, event)).case.id;
  };

  it('come longest waiting first, at most as many as asked for', async () => {
    const [third, first, second] = [await waiting('c', 30), await waiting('a', 10), await waiting('b', 20)];
    const ids = async (minutes: number, limit: number) =>
      (await test.log.overdue('context', at(minutes), limit)).map((head) => head.caseId);
    expect(await ids(40, 10)).toEqual([first, second, third]);
    expect(await ids(40, 2)).toEqual([first, second]);
    expect(await ids(20, 10)).toEqual([first, second]);
    expect(await ids(9, 10)).toEqual([]);
    const rest = await test.log.overdue('context', at(40), 2, 2);
    expect(rest.map((head) => head.caseId)).toEqual([third]);
  });

  it('come before released accounts that are only watched, however long these wait', async () => {
    const watching = logIn('watching');
    await open(test.log, opened());
    let loaded = await test.log.load(opened().caseId);
    for (const event of watching.slice(1)) if (loaded) loaded = await test.log.append(loaded, event);
    const lost = await waiting('b', 30);
    const overdue = await test.log.overdue('context', at(999), 10);
    expect(overdue.map((head) => head.caseId)).toEqual([lost, opened().caseId]);
  });

  it('are of one stage', async () => {
    const { case: c } = await test.write('first', 'evidence.collected');
    expect(await test.log.overdue('context', at(999), 10)).toEqual([]);
    expect(await test.log.overdue('policy', at(999), 10)).toEqual([
      { caseId: c.id, stage: 'policy', seq: 2 },
    ]);
  });

  it('include a vote only when its time is over', async () => {
    const steps = ['evidence.collected', 'policy.decided', 'triage.written', 'approval.requested'] as const;
    const { case: c } = await test.write('first', ...steps, 'notice.posted');
    const { expiresAt } = caseIn('voting').proposal ?? {};
    const justBefore = new Date(Date.parse(expiresAt ?? '') - 1);
    expect(await test.log.overdue('approval', justBefore, 10)).toEqual([]);
    expect(await test.log.overdue('approval', new Date(expiresAt ?? ''), 10)).toEqual([
      { caseId: c.id, stage: 'approval', seq: c.seq },
    ]);
  });

  it('include no case that waits for a person or is closed', async () => {
    await test.write('review', 'review.opened', 'notice.posted', 'ticket.updated');
    const close = (c: Case) => decided(c, courses.close);
    await test.write('closed', 'evidence.collected', close, 'ticket.updated', 'case.closed');
    for (const stage of ['context', 'policy', 'triage', 'approval', 'executor', 'audit'] as const)
      expect(await test.log.overdue(stage, at(99_999), 10)).toEqual([]);
  });
});

it('case ids come in order, page by page, each once', async () => {
  const written = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((episode) => test.write(episode)));
  const first = await test.log.caseIds('', 2);
  const second = await test.log.caseIds(first[1] ?? '', 2);
  const third = await test.log.caseIds(second[1] ?? '', 2);
  expect([...first, ...second, ...third]).toEqual(written.map((loaded) => loaded.case.id).sort());
  expect([first.length, second.length, third.length]).toEqual([2, 2, 1]);
  expect(await test.log.caseIds(third[0] ?? '', 2)).toEqual([]);
});

it('cases that rest in a phase are found by when they last moved, up to the limit', async () => {
  const early = await test.write('early', about(1));
  const late = await test.write('late', about(2), (c) => decided(c, courses.hold));
  await test.write('elsewhere');
  const phases = [early.case.phase, late.case.phase];
  expect(phases).toEqual(['collected', 'stuck']);
  expect(await test.log.caseIdsIn(['collected', 'stuck'], 'oldest', 9)).toEqual([
    early.case.id,
    late.case.id,
  ]);
  expect(await test.log.caseIdsIn(['collected', 'stuck'], 'newest', 1)).toEqual([late.case.id]);
  expect(await test.log.caseIdsIn(['collected'], 'newest', 9)).toEqual([early.case.id]);
  expect(await test.log.caseIdsIn(['voting'], 'oldest', 9)).toEqual([]);
});

describe('the episodes of a ticket', () => {
  const ticket = { sysId: opened().ticketSysId, number: opened().ticketNumber };
  const episodes = async (instance = opened().instance) =>
    [...((await test.log.episodesOf(instance, [ticket])).get(ticket.sysId) ?? [])].sort();

  it('are those of all its cases, of this instance only', async () => {
    await test.write('reopened-0');
    await test.write('reopened-1', 'evidence.collected');
    expect(await episodes()).toEqual(['reopened-0', 'reopened-1']);
    expect(await episodes('another')).toEqual([]);
    expect(await test.log.episodesOf(opened().instance, [{ ...ticket, number: 'INC0' }])).toEqual(new Map());
  });

  it('are told although another case is damaged', async () => {
    await test.write('reopened-0');
    const { case: damaged } = await test.write('reopened-1');
    await test.tamper(
      `UPDATE sallyport.case_event SET event = '{}' WHERE case_id = '${damaged.id}' AND seq = 1`,
    );
    expect(await episodes()).toEqual(['reopened-0']);
  });
});

it('says how far this clock is ahead of the database’s', async () => {
  const now = Date.now.bind(Date);
  expect(Math.abs(await test.log.clockAheadMs())).toBeLessThan(30_000);
  jest.spyOn(Date, 'now').mockImplementation(() => now() + 3_600_000);
  expect(await test.log.clockAheadMs()).toBeGreaterThan(3_500_000);
  jest.restoreAllMocks();
});

it('a ping is answered, and fails where the table is gone', async () => {
  await test.log.ping();
  await test.superuser.query('ALTER TABLE sallyport.case_head RENAME TO gone');
  await expect(test.log.ping()).rejects.toThrow(/case_head/);
  await test.superuser.query('ALTER TABLE sallyport.gone RENAME TO case_head');
});
