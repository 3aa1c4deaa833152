import type { Refusal } from '@sallyport/evidence';
import type { GateRefusal } from '@sallyport/teams';
import { Histogram, type Registry } from 'prom-client';

/** What became of a click or a look; a refusal under its code, of a vote or of the gate. */
export type ClickOutcome =
  | 'recorded'
  | 'repeated'
  | 'shown'
  | 'busy'
  | 'notRecorded'
  | 'unknownCard'
  | 'unknownVerb'
  | 'failed'
  | 'caseLogDamaged'
  | Refusal
  | GateRefusal['code'];

/** How long people wait for the answer to a click, from the request to what is sent back, and what it was. */
export class ClickMeter {
  private readonly seconds: Histogram<'outcome'>;

  constructor(registry: Registry) {
    this.seconds = new Histogram({
      name: 'sallyport_click_seconds',
      help: 'Time to the answer of a click or a look in Teams, by what became of it; refusals by their code',
      labelNames: ['outcome'],
      // Teams gives up after ten seconds or more; a second is what we promise.
      buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10],
      registers: [registry],
    });
  }

  /** @returns what ends the measurement */
  begin(): (outcome: ClickOutcome) => void {
    const end = this.seconds.startTimer();
    return (outcome) => void end({ outcome });
  }
}
