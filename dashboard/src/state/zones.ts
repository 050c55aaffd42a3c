/** Time zones: what clocks show in a place, by the browser's own zone database. */

export const UTC = "UTC";
export const DAY_SECONDS = 86_400;

/** What a calendar shows: `month` from 1 to 12, `day` from 1 to 31. */
export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

const CLOCKS = new Map<string, Intl.DateTimeFormat>();

/** Whether the browser knows a zone. */
export function isZone(zone: string): boolean {
  try {
    clockOf(zone);
    return true;
  } catch {
    return false;
  }
}

/** Every zone that the browser knows by its main name, UTC first. */
export function allZones(): readonly string[] {
  return [UTC, ...Intl.supportedValuesOf("timeZone").filter((zone) => zone !== UTC)];
}

/** What clocks in a zone are ahead of UTC by, in seconds, at a moment in Unix seconds. */
export function offsetAt(zone: string, seconds: number): number {
  if (zone === UTC) return 0;
  const shown: Record<string, number> = {};
  for (const { type, value } of clockOf(zone).formatToParts(seconds * 1000)) {
    shown[type] = Number(value);
  }
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = shown;
  return Date.UTC(year, month - 1, day, hour, minute, second) / 1000 - Math.floor(seconds);
}

/** The date that calendars in a zone show at a moment in Unix seconds. */
export function dateAt(zone: string, seconds: number): CalendarDate {
  const shown = new Date((seconds + offsetAt(zone, seconds)) * 1000);
  return {
    year: shown.getUTCFullYear(),
    month: shown.getUTCMonth() + 1,
    day: shown.getUTCDate(),
  };
}

/**
 * The first moment of a date in a zone, in Unix seconds.
 *
 * Months and days beyond their ends count on: month 13 is January of the next year, day 0 the
 * last of the month before. Of two midnights it is the first; where clocks skip midnight, the
 * moment of the jump.
 */
export function startOfDay(zone: string, { year, month, day }: CalendarDate): number {
  const shown = Date.UTC(year, month - 1, day) / 1000;
  // Clocks are at most 14 hours ahead of UTC and 12 behind, and change by less than a day.
  const before = offsetAt(zone, shown - DAY_SECONDS);
  const after = offsetAt(zone, shown + DAY_SECONDS);
  const candidates = [shown - before, shown - after].filter(
    (moment) => moment + offsetAt(zone, moment) === shown,
  );
  if (candidates.length > 0) return Math.min(...candidates);
  // Skipped: the offset changes between the two, at the moment when clocks would show it.
  return firstMomentWith(
    zone,
    after,
    shown - Math.max(before, after),
    shown - Math.min(before, after),
  );
}

/** The weekday of a moment in a zone: 0 is Monday, 6 is Sunday. */
export function weekdayAt(zone: string, seconds: number): number {
  return (new Date((seconds + offsetAt(zone, seconds)) * 1000).getUTCDay() + 6) % 7;
}

/** The hour that clocks in a zone show at a moment: 0 to 23. */
export function hourAt(zone: string, seconds: number): number {
  return new Date((seconds + offsetAt(zone, seconds)) * 1000).getUTCHours();
}

function firstMomentWith(zone: string, offset: number, from: number, to: number): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (offsetAt(zone, middle) === offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = CLOCKS.get(zone);
  if (known) return known;
  const clock = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  CLOCKS.set(zone, clock);
  return clock;
}
