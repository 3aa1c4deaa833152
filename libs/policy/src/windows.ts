/*
 * How far back a fact looks. These are properties of the facts, not of a pack: rules compare facts, they never do
 * time arithmetic.
 */

/**
 * The suspect window opens this long before the oldest detection of the episode: offline detections name an activity
 * that is often not the first one, and an intruder usually plants access within the first day.
 */
export const suspectLeadHours = 24;

/** A manager set more recently than this may have been set in order to be asked for the release. */
export const managerChangeDays = 7;

/** Risk that comes back sooner than this after somebody dismissed it is not dismissed again without a person's look. */
export const dismissalDays = 7;

/**
 * How far back the sign-in and audit logs are read, so that older absence proves nothing. Whoever collects evidence must
 * read both at least this far, or absence would be believed that nobody looked for. Entra keeps them for 7 days without
 * and 30 days with P1: https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention
 */
export const logReachDays = 7;

/**
 * How far back detections are read: as far as Entra keeps them, with P2, without which it shows none. Risk itself stays
 * until somebody closes it: https://learn.microsoft.com/entra/identity/monitoring-health/reference-reports-data-retention
 */
export const detectionReachDays = 90;

/** Clocks differ. A time further in the future than this is not believed. */
export const clockSkewMinutes = 5;

export const minuteMs = 60_000;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
