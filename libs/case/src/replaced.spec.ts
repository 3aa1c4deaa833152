import type { CaseEvent } from '@sallyport/evidence';
import { applyEvent, openCase } from './fold';
import { replacedProposals } from './replaced';
import { eventFor, opened, retried, type Step } from './testing/a-case';

/** The events of a case with these steps. */
function eventsOf(...steps: readonly Step[]): CaseEvent[] {
  const first = opened();
  let c = openCase(first);
  return [
    first,
    ...steps.map((step) => {
      const event = typeof step === 'string' ? eventFor(c, step) : step(c);
      c = applyEvent(c, event);
      return event;
    }),
  ];
}
const asked = [
  'evidence.collected',
  'policy.decided',
  'triage.written',
  'approval.requested',
  'notice.posted',
] as const;
const approved = ['approval.voted', 'approval.decided'] as const;
const gaveUp: Step = (c) => eventFor(c, 'execution.completed', { result: 'void' });

it.each<[string, Step[], string[]]>([
  ['has asked once', [...asked], []],
  ['has carried out what was approved', [...asked, ...approved], []],
  ['went to a person, who still has it', [...asked, 'review.opened', 'notice.posted', 'ticket.updated'], []],
  ['found its approval void', [...asked, ...approved, gaveUp], ['executing']],
  ['asked again since', [...asked, ...approved, gaveUp, ...asked], ['executing']],
  [
    'found that void as well',
    [...asked, ...approved, gaveUp, ...asked, ...approved, gaveUp],
    ['executing', 'executing'],
  ],
])('a case that %s has let go of the questions that it had', (_, steps, phases) => {
  expect(replacedProposals(eventsOf(...steps)).map(({ phase }) => phase)).toEqual(phases);
});

it('each says why that question became void, and not why an earlier one did', () => {
  const because =
    (detail: string): Step =>
    (c) =>
      eventFor(c, 'execution.completed', { result: 'void', detail });
  const rounds = [...asked, ...approved, because('One.'), ...asked, ...approved, because('Two.'), ...asked];
  const all = replacedProposals(eventsOf(...rounds, ...retried));
  expect(all.map(({ voided }) => voided?.detail ?? null)).toEqual(['One.', 'Two.', null]);
});

it('each is the case as it was, with its messages and votes', () => {
  const [before] = replacedProposals(eventsOf(...asked, ...approved, gaveUp, ...asked));
  expect(before?.proposal).toMatchObject({ outcome: 'approved', votes: [{}], messages: [{}] });
});
