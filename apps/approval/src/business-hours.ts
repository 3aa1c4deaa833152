/** When people are at work, as the local clock of a time zone says. */
export interface BusinessHours {
  /** IANA name, for example `Europe/Budapest`. */
  timeZone: string;
  /** ISO days: 1 is Monday, 7 is Sunday. Hours that go past midnight belong to the day on which they begin. */
  days: ReadonlySet<number>;
  /** Minutes after midnight, local. More than 1,440: closes on the next day. */
  opensAtMinutes: number;
  closesAtMinutes: number;
  /** Local dates, `2026-12-25`. */
  holidays: ReadonlySet<string>;
}

/** The longest anything waits for working time: a calendar with few hours must not leave a case open for months. */
export const maxWaitDays = 31;

const dayNames = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

const dayMinutes = 1_440;

/**
 * Reads `Mon-Fri 08:00-18:00`. Days may go past the end of the week (`Sun-Thu`), and hours past midnight
 * (`Mon-Fri 22:00-06:00`).
 *
 * @returns null for anything else, and for hours without a minute between them
 */
export function parseHours(
  text: string,
): Pick<BusinessHours, 'days' | 'opensAtMinutes' | 'closesAtMinutes'> | null {
  const match = /^([A-Z][a-z]{2})-([A-Z][a-z]{2}) (\d\d):([0-5]\d)-(\d\d):([0-5]\d)$/.exec(text.trim());
  if (!match) return null;
  const [first, last] = [1, 2].map((at) => dayNames.indexOf(match[at] ?? ''));
  const [opens = 0, closes = 0] = [3, 5].map((at) => Number(match[at]) * 60 + Number(match[at + 1]));
  if (first === undefined || last === undefined || first < 0 || last < 0) return null;
  if (opens >= dayMinutes || closes > dayMinutes || opens === closes) return null;
  const count = ((last - first + 7) % 7) + 1;
  const days = new Set(Array.from({ length: count }, (_, at) => ((first + at) % 7) + 1));
  return { days, opensAtMinutes: opens, closesAtMinutes: closes > opens ? closes : closes + dayMinutes };
}

export function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/**
 * The moment at which `minutes` of working time have passed since `from`; at most {@link maxWaitDays} later.
 * @param hours null: every minute is working time
 */
export function afterWorkingMinutes(hours: BusinessHours | null, from: Date, minutes: number): Date {
  const leftMs = minutes * 60_000;
  const end = hours ? worked(hours, from, leftMs) : from.getTime() + leftMs;
  return new Date(Math.min(end, from.getTime() + maxWaitDays * 86_400_000));
}

function worked(hours: BusinessHours, from: Date, workMs: number): number {
  const today = localDay(hours.timeZone, from);
  let leftMs = workMs;
  // Yesterday's hours may go on past midnight.
  for (let later = -1; later <= maxWaitDays; later += 1) {
    const day = new Date(today + later * 86_400_000);
    if (!isWorkingDay(hours, day)) continue;
    const opens = instantOf(hours.timeZone, day, hours.opensAtMinutes);
    const closes = instantOf(hours.timeZone, day, hours.closesAtMinutes);
    const begins = Math.max(opens, from.getTime());
    // Over already; or the clocks skipped all of it.
    if (begins >= closes) continue;
    if (leftMs <= closes - begins) return begins + leftMs;
    leftMs -= closes - begins;
  }
  return Infinity;
}

function isWorkingDay({ days, holidays }: BusinessHours, day: Date): boolean {
  return days.has(day.getUTCDay() || 7) && !holidays.has(day.toISOString().slice(0, 10));
}

/** The local date of an instant, as midnight UTC of that date. */
function localDay(timeZone: string, instant: Date): number {
  return Math.floor((instant.getTime() + offsetMs(timeZone, instant)) / 86_400_000) * 86_400_000;
}

/**
 * The instant at which the local clock shows so many minutes after midnight. Twice, because the offset is that of the
 * instant looked for, which may lie on the other side of a change of clocks. A time that the clocks skip is as long
 * after midnight as it says; of one that they show twice, it is one or the other.
 */
function instantOf(timeZone: string, day: Date, minutes: number): number {
  const wall = day.getTime() + minutes * 60_000;
  const guess = wall - offsetMs(timeZone, new Date(wall));
  return wall - offsetMs(timeZone, new Date(guess));
}

/** How far the local clock is ahead of UTC, in milliseconds. */
function offsetMs(timeZone: string, instant: Date): number {
  const parts = new Intl.DateTimeFormat('en', {
    timeZone,
    hourCycle: 'h23',
    ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
    ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
  }).formatToParts(instant);
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.find((one) => one.type === type)?.value);
  const local = Date.UTC(
    part('year'),
    part('month') - 1,
    part('day'),
    part('hour'),
    part('minute'),
    part('second'),
  );
  return local - Math.floor(instant.getTime() / 1_000) * 1_000;
}
