import type { Case } from '@sallyport/case';
import { after, caseIn, eventFor, type Step } from '@sallyport/case/testing';
import type { Resolution } from '@sallyport/evidence';
import { StageRunner } from '@sallyport/stage';
import { stageRig, type StageRig } from '@sallyport/stage/testing';
import { AuditHandler } from './audit.handler';
import { auditConfig } from './config';
import { GroupStandings } from './group-standing';
import { serviceNow } from './testing/service-now';
import { ticketNote } from './ticket-note';

let rig: StageRig;
let instance: Awaited<ReturnType<typeof serviceNow>>;
let handler: AuditHandler;
beforeAll(async () => {
  rig = await stageRig();
  instance = await serviceNow();
  const config = auditConfig.parse({
    DATABASE_URL: 'postgres://not-used',
    SERVICENOW_URL: instance.instanceUrl,
    SERVICENOW_CLIENT_ID: 'audit',
    SERVICENOW_CLIENT_SECRET: 'not secret',
    SERVICENOW_USER_NAME: instance.ourUser,
    TICKET_REVIEW_FIELDS: '{"state":"3"}',
    TICKET_ENDED_FIELDS: '{"state":"1"}',
  });
  const stage = new StageRunner(rig.log, rig.queues, rig.clock, rig.logger);
  handler = new AuditHandler(stage, rig.effects, instance.writer, config, new GroupStandings(rig.log));
}, 60_000);
afterAll(async () => {
  await instance.stop();
  await rig.close();
});
beforeEach(() => {
  rig.restartClock();
  instance.reset();
});

const run = async (c: Case) => {
  await handler.handle({ caseId: c.id, stage: 'audit', seq: c.seq });
  return rig.caseNow(c);
};
const ends =
  (resolution: Resolution, note = 'Looked at it.'): Step =>
  (c) =>
    eventFor(c, 'review.resolved', { resolution, note: { untrusted: note } });

/** A case in review whose ticket says so. */
async function inReview(): Promise<Case> {
  const c = await run(await rig.newCase('evidence.collected', 'review.opened', 'notice.posted'));
  expect(instance.world.incident['state']).toBe('3');
  return c;
}

it.each<[Resolution, state: string, then: string]>([
  ['retry', '2', 'opened'],
  ['doneByHand', '1', 'closed'],
  ['close', '1', 'closed'],
])('a review that ends by %s leaves its state on the ticket', async (resolution, state, then) => {
  const c = await inReview();
  const told = await run(await rig.extend(c.id, ends(resolution), 'notice.posted'));
  expect(instance.world.incident['state']).toBe(state);
  expect(instance.world.notes).toHaveLength(2);
  expect((await rig.eventsOf(c)).at(-1)).toMatchObject({ type: 'ticket.updated', purpose: 'reviewEnded' });
  expect((told.phase === 'recorded' ? await run(told) : told).phase).toBe(then);
  expect(instance.world.notes).toHaveLength(2);
});

it('a state that the instance keeps does not keep the person’s word from counting', async () => {
  const c = await inReview();
  instance.world.protectedFields = ['state'];
  const told = await run(await rig.extend(c.id, ends('retry'), 'notice.posted'));
  expect(told.phase).toBe('opened');
  expect(instance.world.notes).toHaveLength(2);
});

it('a ticket that is gone does not keep the person’s word from counting', async () => {
  const c = await rig.extend((await inReview()).id, ends('close'), 'notice.posted');
  instance.world.patch = 404;
  expect((await run(c)).phase).toBe('recorded');
  expect((await rig.eventsOf(c)).at(-1)).toMatchObject({ purpose: 'reviewEnded', failure: 'http404' });
});

it('a ticket that cannot be written keeps the word waiting, and loses nothing', async () => {
  const c = await rig.extend((await inReview()).id, ends('retry'), 'notice.posted');
  instance.world.patch = 503;
  await expect(run(c)).rejects.toMatchObject({ code: 'http503' });
  expect((await rig.caseNow(c)).phase).toBe('reviewEndPosted');
  instance.world.patch = 'ok';
  expect((await run(c)).phase).toBe('opened');
});

describe('the note of an ended review', () => {
  const told: Step[] = ['review.opened', 'notice.posted', 'ticket.updated'];
  const noteOf = (c: Case, end: Step) => ticketNote(after(c, ...told, end, 'notice.posted'));

  it('says who, how, why and what follows', () => {
    expect(noteOf(after(caseIn('executing'), 'action.started'), ends('retry'))).toMatchInlineSnapshot(`
     "MANUAL REVIEW ENDED: it is tried again.
     By Ada Approver (SecOps on-call; abcdef00-0000-4000-8000-000000000010) on 2026-03-02 08:12 UTC, on the console.
     They say: “Looked at it.”

     What follows:
     - First the account is read again, to see whether this took effect: Dismiss the user risk in Entra ID Protection. Nothing of it is called again unless a person has said that it did not happen.
     - Where nothing is left to do then, the case goes on from there. Otherwise: ticket and account are read anew, the rules decide, and people are asked again where the rules say so. An approval of before counts no more.

     Sallyport case case-988df6cc3e561908d6e9f3746c22fd22, event 14."
    `);
  });

  it('keeps a person’s word apart from what is proven, and their text plain', () => {
    const end: Step = (c) =>
      eventFor(c, 'review.resolved', {
        resolution: 'doneByHand',
        note: { untrusted: 'Done.\n[code]<b>x</b>[/code]\u202e' },
        steps: [
          { slot: 'proposed', step: 'dismissRisk', done: true },
          { slot: 'proposed', step: 'enableAccount', done: false },
        ],
      });
    expect(noteOf(after(caseIn('executing'), 'action.started'), end)).toMatchInlineSnapshot(`
     "MANUAL REVIEW ENDED: done by hand.
     By Ada Approver (SecOps on-call; abcdef00-0000-4000-8000-000000000010) on 2026-03-02 08:12 UTC, on the console.
     They say: “Done.�(code)<b>x</b>(/code)�”

     By their word, not proven by Sallyport:
     - Dismiss the user risk in Entra ID Protection: done
     - Enable the account: not done

     Sallyport does nothing more for this case. This ticket is yours to resolve.

     Sallyport case case-988df6cc3e561908d6e9f3746c22fd22, event 14."
    `);
  });
});
