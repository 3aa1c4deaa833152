/** Which reviews trouble explains: only so many as a disruption can send to a person, and only those that it can have met. */
import type { Case } from '@sallyport/case';
import { type CaseEvent, evidenceParts } from '@sallyport/evidence';

/** What only trouble can bring about: a write whose fate nobody can tell, the end of all attempts, missing readings. */
export type Excuse = 'actionUnknown' | 'stageFailed' | 'policyHold';

/** A disruption, and how many cases it can send to a person for what reason. */
export interface Strike {
  name: string;
  sends: Readonly<Partial<Record<Excuse, number>>>;
  fromMs: number;
  untilMs: number;
}

/** A case that a person got although its story says otherwise, and while what must have happened. */
export interface HandedOver {
  name: string;
  excuse: Excuse;
  fromMs: number;
  untilMs: number;
}

/** A burst of faults lasts until its calls have come, and eight attempts of a stage take two minutes. */
const lingersMs = 120_000;

/** @returns null where no trouble can excuse this end */
export function handOverOf(name: string, c: Case, events: readonly CaseEvent[]): HandedOver | null {
  const opened = events.findLastIndex((event) => event.type === 'review.opened');
  if (c.phase !== 'inReview' || !c.review || opened < 1) return null;
  const between = (excuse: Excuse, from: CaseEvent | undefined, until: CaseEvent | undefined) =>
    from && until ? { name, excuse, fromMs: Date.parse(from.at), untilMs: Date.parse(until.at) } : null;
  const of = (type: CaseEvent['type']) => events.findLast((event) => event.type === type);
  switch (c.review.reason) {
    case 'actionUnknown': {
      const steps = [c.immediate, c.proposed]
        .flatMap((run) => run?.actions ?? [])
        .filter(({ outcome }) => outcome === 'unknown' || outcome === null)
        .map(({ step }) => step);
      const started = events.find((event) => event.type === 'action.started' && steps.includes(event.step));
      return between('actionUnknown', started, events[opened]);
    }
    case 'stageFailed':
      return between('stageFailed', events[opened - 1], events[opened]);
    case 'policyHold':
      return evidenceParts.some((part) => c.evidence?.[part]?.state === 'unknown')
        ? between('policyHold', events[0], of('evidence.collected'))
        : null;
    default:
      return null;
  }
}

/** @returns in words, those that no strike is left to explain */
export function unexplained(handedOver: readonly HandedOver[], strikes: readonly Strike[]): string[] {
  const left = strikes.map((strike) => ({ ...strike, sends: { ...strike.sends } }));
  return [...handedOver]
    .sort((a, b) => a.untilMs - b.untilMs)
    .flatMap(({ name, excuse, fromMs, untilMs }) => {
      const strike = left.find(
        (one) => (one.sends[excuse] ?? 0) > 0 && one.fromMs <= untilMs && one.untilMs + lingersMs >= fromMs,
      );
      if (!strike) return [`${name}: ${excuse}, and no disruption explains it`];
      strike.sends[excuse] = (strike.sends[excuse] ?? 0) - 1;
      return [];
    });
}
