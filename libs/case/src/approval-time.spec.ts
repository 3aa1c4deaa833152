import { sampleInstant } from '@sallyport/evidence/testing';
import fc from 'fast-check';
import { type DueNotice, dueNotice, nextDueAt, reminderNumber } from './approval-time';
import type { Case } from './case';
import { IllegalEvent } from './fold';
import { nextStage } from './next-stage';
import { after, caseIn, eventFor } from './testing/a-case';

const at = sampleInstant;
/** Asked at minute 4; reminders at 60 and 120, escalation at 180, the end at 240. */
const schedule = { remindAt: [at(60), at(120)], escalateAt: at(180) };
const asked = after(
  caseIn('asking'),
  (c) => eventFor(c, 'approval.requested', { schedule, expiresAt: at(240) }),
  'notice.posted',
);
const noticed = (c: Case, kind: 'reminder' | 'escalation', minute: number): Case =>
  after(c, (before) => eventFor(before, 'notice.posted', { kind, at: at(minute) }));
const due = (c: Case, minute: number): DueNotice | null => dueNotice(c.proposal!, at(minute));

const reminded = noticed(asked, 'reminder', 61);
const escalated = noticed(noticed(reminded, 'reminder', 121), 'escalation', 181);

it.each<[string, Case, number, DueNotice | null, number]>([
  ['nothing before the first reminder', asked, 59, null, 60],
  ['the first reminder in its minute', asked, 60, 'remind', 60],
  ['nothing once it is sent', reminded, 119, null, 120],
  ['the second reminder', reminded, 120, 'remind', 120],
  ['one notice for all that was missed', asked, 179, 'remind', 60],
  ['nothing more after that one', noticed(asked, 'reminder', 179), 179, null, 180],
  ['escalation, before any reminder that was missed', asked, 200, 'escalate', 60],
  ['no reminder after an escalation that came later', noticed(asked, 'escalation', 200), 239, null, 240],
  ['escalation once', escalated, 239, null, 240],
  ['the end, whatever else was missed', asked, 240, 'expire', 60],
  ['the end after all notices', escalated, 240, 'expire', 240],
])('%s', (_, c, minute, what, next) => {
  expect(due(c, minute)).toBe(what);
  expect(nextDueAt(c.proposal!)).toBe(at(next));
  expect(nextStage(c)).toEqual({ stage: 'approval', dueAt: at(next) });
});

it('asks only for the end where nothing is scheduled', () => {
  const c = caseIn('voting');
  expect(nextDueAt(c.proposal!)).toBe(c.proposal?.expiresAt);
  expect(dueNotice(c.proposal!, at(230))).toBeNull();
});

it('counts reminders in the order of their times, so that each is posted under its own key', () => {
  expect([asked, reminded, escalated].map((c) => reminderNumber(c.proposal!))).toEqual([0, 1, 2]);
});

it('escalates only where it is scheduled, and once', () => {
  expect(() => noticed(caseIn('voting'), 'escalation', 10)).toThrow(IllegalEvent);
  expect(() => noticed(escalated, 'escalation', 190)).toThrow(IllegalEvent);
});

it('a reminder or an escalation changes neither quorum, votes nor the time to answer', () => {
  const { quorum, votes, expiresAt, digest } = asked.proposal!;
  expect(escalated.proposal).toMatchObject({ quorum, votes, expiresAt, digest, outcome: null });
  expect(escalated.phase).toBe('voting');
});

it('whatever the schedule: notices end, and what is due next is never past once it is done', () => {
  const minutes = fc.array(fc.integer({ min: 1, max: 300 }), { maxLength: 3 });
  fc.assert(
    fc.property(
      minutes,
      fc.option(fc.integer({ min: 1, max: 300 })),
      fc.integer({ min: 5, max: 400 }),
      (...any) => {
        const [reminders, escalation, now] = any;
        let proposal = {
          expiresAt: at(240),
          remindAt: reminders.map((minute) => at(minute)),
          escalateAt: escalation === null ? null : at(escalation),
          escalated: false,
          noticedAt: at(4),
        };
        for (let sent = 0; ; sent += 1) {
          const what = dueNotice(proposal, at(now));
          if (what === 'expire') expect(now).toBeGreaterThanOrEqual(240);
          if (what === null) expect(nextDueAt(proposal) > at(now)).toBe(true);
          if (what === null || what === 'expire') break;
          expect(sent).toBeLessThan(2);
          proposal = {
            ...proposal,
            noticedAt: at(now),
            escalated: proposal.escalated || what === 'escalate',
          };
        }
      },
    ),
  );
});
