import type { Case } from '@sallyport/case';
import { courses, decided, grouped, type Step, watched } from '@sallyport/case/testing';
import { CaseLog, type LoadedCase } from '@sallyport/case-log';
import type { CaseEvent } from '@sallyport/evidence';
import { DeadLetters, StageRunner } from '@sallyport/stage';
import { AuditHandler } from './audit.handler';
import { auditConfig } from './config';
import { GroupStandings } from './group-standing';
import { serviceNow } from './testing/service-now';
import { stageRig, type StageRig } from '@sallyport/stage/testing';

/** Dies once, before it appends an event of this type. */
class CrashingLog extends CaseLog {
  diesBefore: CaseEvent['type'] | null = null;

  override append(loaded: LoadedCase, event: CaseEvent): Promise<LoadedCase> {
    if (event.type !== this.diesBefore) return super.append(loaded, event);
    this.diesBefore = null;
    return Promise.reject(new Error('died'));
  }
}

let rig: StageRig;
let instance: Awaited<ReturnType<typeof serviceNow>>;
let log: CrashingLog;
let handler: AuditHandler;
beforeAll(async () => {
  rig = await stageRig();
  instance = await serviceNow();
  log = new CrashingLog(rig.db);
  const config = auditConfig.parse({
    DATABASE_URL: 'postgres://not-used',
    SERVICENOW_URL: instance.instanceUrl,
    SERVICENOW_CLIENT_ID: 'audit',
    SERVICENOW_CLIENT_SECRET: 'not secret',
    SERVICENOW_USER_NAME: instance.ourUser,
  });
  const stage = new StageRunner(log, rig.queues, rig.clock, rig.logger);
  handler = new AuditHandler(stage, rig.effects, instance.writer, config, new GroupStandings(log));
}, 60_000);
afterAll(async () => {
  await instance.stop();
  await rig.close();
});
beforeEach(() => {
  rig.restartClock();
  instance.reset();
});

const run = (c: Case) => handler.handle({ caseId: c.id, stage: 'audit', seq: c.seq });
const step = ['action.started', 'action.finished'] as const;
const twoSteps: Step[] = [...step, ...step, 'execution.completed'];
const steps = {
  selfRemediated: ['evidence.collected', (c) => decided(c, courses.close)],
  contained: ['evidence.collected', (c) => decided(c, courses.contain), ...twoSteps],
  released: [
    ...(['evidence.collected', 'policy.decided', 'triage.written', 'approval.requested'] as const),
    ...(['notice.posted', 'approval.voted', 'approval.decided'] as const),
    ...twoSteps,
  ],
  linked: ['case.linked'],
  review: ['review.opened', 'notice.posted'],
} satisfies Record<string, Step[]>;

it.each<[keyof typeof steps, Record<string, string>]>([
  ['selfRemediated', { state: '6', close_code: 'Solution provided' }],
  ['contained', { state: '2', close_code: '' }],
  ['released', { state: '6', close_code: 'Solution provided' }],
  ['linked', { state: '1', close_code: '' }],
])('writes one note and the fields of a case that ends as %s, and closes it', async (outcome, fields) => {
  const c = await rig.newCase(...steps[outcome]);
  await run(c);
  const recorded = await rig.caseNow(c);
  expect(recorded.phase).toBe('recorded');
  expect(instance.world.notes).toHaveLength(1);
  expect(instance.world.incident).toMatchObject(fields);
  expect((await rig.eventsOf(c)).at(-1)).toMatchObject({ type: 'ticket.updated', modCount: 2 });
  await run(recorded);
  expect(await rig.caseNow(c)).toMatchObject({ phase: 'closed', outcome });
  expect(instance.world.notes).toHaveLength(1);
});

it('resolves the ticket of a watched release only when its watch has ended', async () => {
  const c = await rig.newCase(...steps.released.slice(0, -1), watched);
  await run(c);
  expect(instance.world.incident['state']).toBe('1');
  expect((await rig.caseNow(c)).phase).toBe('watching');
  await run(await rig.extend(c.id, 'watch.ended'));
  expect(instance.world.incident['state']).toBe('6');
  expect(instance.world.notes).toHaveLength(2);
});

it('takes up a ticket again that somebody closed before new risk showed', async () => {
  const c = await rig.newCase(...steps.released.slice(0, -1), watched);
  await run(c);
  instance.world.incident['state'] = '7';
  const again = ['watch.alarmed', ...steps.contained, 'notice.posted'] as const;
  await run(await rig.extend(c.id, ...again));
  expect(instance.world.incident['state']).toBe('2');
  expect((await rig.caseNow(c)).phase).toBe('settled');
});

it('resolves with notes in the same write, because ServiceNow demands them', async () => {
  await run(await rig.newCase(...steps.released));
  expect(instance.world.incident['close_notes']).toMatch(/^RELEASED: /);
  expect(instance.world.modCount).toBe(2);
});

it('sets a case in review to its state, and leaves it to a person', async () => {
  const c = await rig.newCase(...steps.review);
  await run(c);
  expect((await rig.caseNow(c)).phase).toBe('inReview');
  expect(instance.world.incident['state']).toBe('2');
  expect(instance.world.notes[0]?.value).toMatch(/^PENDING MANUAL REVIEW\n/);
});

it.each([403, 404] as const)(
  'a ticket that refuses the note of a review (%i) keeps nobody from the case',
  async (status) => {
    const c = await rig.newCase('evidence.collected', ...steps.review);
    instance.world.patch = status;
    await run(c);
    const failure = `http${status}`;
    expect(await rig.caseNow(c)).toMatchObject({ phase: 'inReview', review: { noteFailure: failure } });
    expect((await rig.eventsOf(c)).at(-1)).toMatchObject({ purpose: 'review', modCount: 0, failure });
  },
);

it('a state that the instance keeps leaves the note of a review, and nobody waits for it', async () => {
  const c = await rig.newCase(...steps.review);
  instance.world.protectedFields = ['state'];
  await run(c);
  const failure = 'fieldIgnored-state';
  expect(await rig.caseNow(c)).toMatchObject({ phase: 'inReview', review: { noteFailure: failure } });
  expect(instance.world.notes).toHaveLength(1);
  expect((await rig.eventsOf(c)).at(-1)).toMatchObject({ modCount: 2, failure });
});

it('says the same of a refused note after it died before saying so', async () => {
  const c = await rig.newCase(...steps.review);
  instance.world.protectedFields = ['state'];
  log.diesBefore = 'ticket.updated';
  await expect(run(c)).rejects.toThrow('died');
  await run(c);
  expect(await rig.caseNow(c)).toMatchObject({ review: { noteFailure: 'fieldIgnored-state' } });
  expect(instance.world.notes).toHaveLength(1);
});

it('a ticket that is only not reached keeps the review waiting for its note', async () => {
  const c = await rig.newCase(...steps.review);
  instance.world.patch = 503;
  await expect(run(c)).rejects.toMatchObject({ name: 'RetryableError' });
  expect((await rig.caseNow(c)).phase).toBe('reviewPosted');
});

it('the note that a released account is watched is refused: the case fails for good, and watches', async () => {
  const c = await rig.newCase(...steps.released.slice(0, -1), watched);
  instance.world.patch = 403;
  await expect(run(c)).rejects.toMatchObject({ name: 'FatalError', code: 'http403' });
  const letters = new DeadLetters(new StageRunner(rig.log, rig.queues, rig.clock, rig.logger), rig.logger);
  const dead = { code: 'http403', message: '', attempts: 1 };
  expect(await letters.handOver({ caseId: c.id, stage: 'audit', seq: c.seq }, dead)).toBe(true);
  expect(await rig.caseNow(c)).toMatchObject({ phase: 'watching', watch: { noteFailure: 'http403' } });
});

it.each<[string, () => void]>([
  ['the process died after the write', () => void (log.diesBefore = 'ticket.updated')],
  ['the connection broke after the write', () => void (instance.world.patch = 'reset after')],
])('writes nothing again where %s', async (_, happens) => {
  const c = await rig.newCase(...steps.contained);
  happens();
  await run(c).catch(() => undefined);
  instance.world.patch = 'ok';
  while ((await rig.caseNow(c)).phase === 'settled') await run(c);
  expect((await rig.caseNow(c)).phase).toBe('recorded');
  expect(instance.world).toMatchObject({ modCount: 2, notes: { length: 1 } });
});

it('writes nothing again where it died before it learned of its own write: the journal knows', async () => {
  const c = await rig.newCase(...steps.contained);
  log.diesBefore = 'ticket.updated';
  await expect(run(c)).rejects.toThrow('died');
  await rig.db.query('UPDATE sallyport.effect SET finished_at = NULL, result = NULL WHERE case_id = $1', [
    c.id,
  ]);
  rig.pass(30_000);
  await run(c);
  expect((await rig.caseNow(c)).phase).toBe('recorded');
  expect(instance.world).toMatchObject({ modCount: 2, notes: { length: 1 } });
});

it('waits for a note that another process may be writing, and for no longer', async () => {
  const c = await rig.newCase(...steps.contained);
  log.diesBefore = 'ticket.updated';
  await run(c).catch(() => undefined);
  await rig.db.query('UPDATE sallyport.effect SET finished_at = NULL, result = NULL WHERE case_id = $1', [
    c.id,
  ]);
  rig.pass(10_000);
  await expect(run(c)).rejects.toMatchObject({ name: 'NotYet', retryAfterMs: 20_000 });
  rig.pass(20_000);
  await run(c);
  expect((await rig.caseNow(c)).phase).toBe('recorded');
});

it('does not take a note of somebody else for its own', async () => {
  const c = await rig.newCase(...steps.contained);
  log.diesBefore = 'ticket.updated';
  await run(c).catch(() => undefined);
  await rig.db.query('UPDATE sallyport.effect SET finished_at = NULL, result = NULL WHERE case_id = $1', [
    c.id,
  ]);
  rig.pass(30_000);
  for (const note of instance.world.notes) note.sys_created_by = 'somebody.else';
  await run(c);
  expect(instance.world.notes).toHaveLength(2);
});

it('tries again while ServiceNow is unavailable', async () => {
  const c = await rig.newCase(...steps.contained);
  instance.world.patch = 503;
  await expect(run(c)).rejects.toMatchObject({ name: 'RetryableError', code: 'http503' });
  instance.world.patch = 'ok';
  await run(c);
  expect(instance.world.notes).toHaveLength(1);
});

it('gives the case to a person where the instance keeps a field as it was', async () => {
  const c = await rig.newCase(...steps.released);
  instance.world.protectedFields = ['state'];
  await expect(run(c)).rejects.toMatchObject({
    name: 'FatalError',
    code: 'fieldIgnored',
    message: 'ServiceNow kept a field as it was (fieldIgnored:state).',
  });
  expect((await rig.caseNow(c)).phase).toBe('settled');
});

it('two processes with the same case write one note: the second waits for the first', async () => {
  const c = await rig.newCase(...steps.contained);
  const ends = await Promise.allSettled([run(c), run(c)]);
  for (const end of ends) {
    if (end.status === 'rejected') expect(end.reason).toMatchObject({ name: 'NotYet', code: 'noteUnderWay' });
  }
  expect(instance.world.notes).toHaveLength(1);
  if ((await rig.caseNow(c)).phase === 'settled') await run(c);
  const recorded = (await rig.eventsOf(c)).filter(({ type }) => type === 'ticket.updated');
  expect(recorded).toHaveLength(1);
});

describe('a case of a group', () => {
  const inGroup = (kind: string, leadCaseId?: string): Step[] => [
    'evidence.collected',
    (c) => grouped(c, leadCaseId, kind),
  ];
  const reviewed = (...before: Step[]) => rig.newCase(...before, ...steps.review);

  it('says on the ticket of the lead how many cases it leads, and on that of a member who leads it', async () => {
    const lead = await reviewed(...inGroup('one'));
    const member = await reviewed(...inGroup('one', lead.id));
    await run(lead);
    await run(member);
    const [ofLead = '', ofMember = ''] = instance.world.notes.map(({ value }) => value);
    expect(ofLead).toContain('GROUP CASE: this ticket leads 2 case(s) so far');
    expect(ofMember).toContain(`Ticket INC0010001 (case ${lead.id}) leads the group`);
    expect(instance.world.incident['parent_incident']).toBe(lead.opened.ticketSysId);
    expect(await rig.caseNow(member)).toMatchObject({ phase: 'inReview' });
  });

  it('goes on where the log of the lead is damaged, and names the lead by its case alone', async () => {
    const lead = await reviewed(...inGroup('three'));
    const member = await reviewed(...inGroup('three', lead.id));
    await rig.db.query(`UPDATE sallyport.case_head SET hash = repeat('0', 64) WHERE case_id = $1`, [lead.id]);
    await run(member);
    expect(await rig.caseNow(member)).toMatchObject({ phase: 'inReview' });
    expect(instance.world.notes[0]?.value).toContain(`a member of case ${lead.id}, whose log cannot be read`);
    expect(instance.world.incident).not.toHaveProperty('parent_incident');
  });

  it('goes on where the instance keeps the parent as it was', async () => {
    const lead = await reviewed(...inGroup('two'));
    const member = await reviewed(...inGroup('two', lead.id));
    instance.world.protectedFields = ['parent_incident'];
    await run(member);
    expect(await rig.caseNow(member)).toMatchObject({ phase: 'inReview' });
    expect(instance.world.incident).not.toHaveProperty('parent_incident');
  });
});
