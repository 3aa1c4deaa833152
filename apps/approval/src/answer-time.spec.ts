import { answerTime } from './answer-time';
import { approvalConfig } from './config';
import { rightConfig } from './testing/right-config';

const at = (env: Record<string, string>, now = '2026-11-20T15:00:00.000Z') => {
  const { expiresAt, schedule } = answerTime(approvalConfig.parse({ ...rightConfig, ...env }), new Date(now));
  const short = (instant: string) => instant.slice(8, 16);
  return [schedule.remindAt.map(short), schedule.escalateAt && short(schedule.escalateAt), short(expiresAt)];
};
const channel = { ESCALATION_CHANNEL_ID: '19:oncall@thread.tacv2' };

it.each<[string, Record<string, string>, unknown[]]>([
  ['one reminder at half time, and nobody to escalate to', {}, [['20T17:00'], null, '20T19:00']],
  ['three reminders', { APPROVAL_REMINDERS: '3' }, [['20T16:00', '20T17:00', '20T18:00'], null, '20T19:00']],
  ['no reminder', { APPROVAL_REMINDERS: '0' }, [[], null, '20T19:00']],
  ['an escalation at three quarters', channel, [['20T17:00'], '20T18:00', '20T19:00']],
  [
    'an escalation when it is wanted',
    { ...channel, ESCALATION_AFTER_MINUTES: '30' },
    [['20T17:00'], '20T15:30', '20T19:00'],
  ],
  [
    'working time, over a weekend',
    { ...channel, APPROVAL_HOURS: 'Mon-Fri 08:00-18:00', APPROVAL_TIME_ZONE: 'Europe/Budapest' },
    // 16:00 in Budapest: two hours are left of the Friday.
    [['20T17:00'], '23T08:00', '23T09:00'],
  ],
])('gives %s', (_, env, expected) => {
  expect(at(env)).toEqual(expected);
});
