import type { Rate } from './budgets';

/** One call that was let through. */
export interface Place {
  readonly grantedMs: number;
  /** null: not answered yet. */
  answeredMs: number | null;
}

/**
 * A call that is not answered for so long has reached Graph, or never will: a read is sent at once, and a write within
 * this time of its place or not at all.
 */
const arrivalMaxMs = 5_000;

/**
 * Graph counts calls when they arrive, we let them through before they are sent: a stall of this process or a new
 * connection in between brings two calls close together that were set apart. An answer proves that its call has
 * arrived, so a limit is certainly kept where each call is sent one window after the answer of the call that stands
 * that many places before it. Knows the calls of this process; those of others are set apart by the shared store.
 */
export class Arrivals {
  private places: Place[] = [];

  /** @param limit what Graph counts */
  constructor(private readonly limit: Rate) {}

  /** @returns milliseconds after which asking again makes sense; 0 where the limit is certainly kept. */
  waitMs(nowMs: number): number {
    // Later answers may come before earlier ones: all that count as recent do, in whatever order.
    const recent = this.places.filter((place) => this.countsUntilMs(place, nowMs) > nowMs);
    this.places = recent;
    if (recent.length < this.limit.calls) return 0;
    return Math.min(...recent.map((place) => this.countsUntilMs(place, nowMs))) - nowMs;
  }

  granted(nowMs: number): Place {
    const place: Place = { grantedMs: nowMs, answeredMs: null };
    this.places.push(place);
    return place;
  }

  answered(place: Place | null, nowMs: number): void {
    if (place) place.answeredMs = nowMs;
  }

  /** Its call is not made. A place that was answered stays: its call has arrived. */
  unused(place: Place | null): void {
    this.places = this.places.filter((other) => other !== place || other.answeredMs !== null);
  }

  private countsUntilMs({ grantedMs, answeredMs }: Place, nowMs: number): number {
    const arrivedMs = answeredMs ?? Math.min(nowMs, grantedMs + arrivalMaxMs);
    return Math.min(arrivedMs, grantedMs + arrivalMaxMs) + this.limit.windowMs;
  }
}
