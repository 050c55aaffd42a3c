import type { Width } from "../wire/tables";

/** Times as people read them, in the zone that they chose. All moments are Unix seconds. */

const FORMATS = new Map<string, Intl.DateTimeFormat>();

const DATE: Intl.DateTimeFormatOptions = { day: "numeric", month: "short" };
const TIME: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };

/** A date: `25 Nov 2026`. */
export function formatDate(seconds: number, zone: string): string {
  return formatted(seconds, zone, { ...DATE, year: "numeric" });
}

/** A date of this year: `25 Nov`. */
export function formatDay(seconds: number, zone: string): string {
  return formatted(seconds, zone, DATE);
}

/** A moment to the minute, with the date: `25 Nov 2026, 14:05`. */
export function formatMoment(seconds: number, zone: string): string {
  return formatted(seconds, zone, { ...DATE, year: "numeric", ...TIME });
}

/** A moment to the second: `25 Nov 2026, 14:05:09`. */
export function formatSecond(seconds: number, zone: string): string {
  return formatted(seconds, zone, { ...DATE, year: "numeric", ...TIME, second: "2-digit" });
}

/** The label of a bucket on an axis: as short as its width lets it be. */
export function formatTick(start: number, width: Width, zone: string): string {
  if (width === "1mo") return formatted(start, zone, { month: "short", year: "numeric" });
  if (width === "1d" || width === "1w") return formatted(start, zone, DATE);
  return formatted(start, zone, TIME);
}

/** A bucket in full: `Wed, 25 Nov 2026`, `25 Nov 2026, 14:00–15:00`, `Nov 2026`. */
export function formatBucket(start: number, end: number, width: Width, zone: string): string {
  if (width === "1mo") return formatted(start, zone, { month: "long", year: "numeric" });
  if (width === "1d") {
    return formatted(start, zone, { weekday: "short", ...DATE, year: "numeric" });
  }
  if (width === "1w") return `${formatted(start, zone, DATE)}\u2013${formatDate(end - 1, zone)}`;
  return `${formatMoment(start, zone)}\u2013${formatted(end, zone, TIME)}`;
}

/** A half-open span: by its dates when it is whole days, else to the minute. */
export function formatRange(span: { start: number; end: number }, zone: string): string {
  const isDays = isMidnight(span.start, zone) && isMidnight(span.end, zone);
  const last = isDays ? span.end - 1 : span.end;
  const format = isDays ? formatDate : formatMoment;
  const [first, through] = [format(span.start, zone), format(last, zone)];
  return first === through ? first : `${first} \u2013 ${through}`;
}

/** How long ago something was: `just now`, `5 minutes ago`, `3 days ago`. */
export function formatAgo(seconds: number, now: number): string {
  const past = Math.max(0, Math.round(now - seconds));
  if (past < 45) return "just now";
  for (const [unit, length] of UNITS) {
    const count = Math.round(past / length);
    if (past >= length || unit === "minute") {
      return `${Math.max(1, count)} ${unit}${count > 1 ? "s" : ""} ago`;
    }
  }
  return "just now";
}

const UNITS: readonly (readonly [string, number])[] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

function isMidnight(seconds: number, zone: string): boolean {
  return formatted(seconds, zone, { ...TIME, second: "2-digit" }) === "00:00:00";
}

function formatted(seconds: number, zone: string, options: Intl.DateTimeFormatOptions): string {
  const key = `${zone} ${JSON.stringify(options)}`;
  const format =
    FORMATS.get(key) ?? new Intl.DateTimeFormat("en-GB", { ...options, timeZone: zone });
  FORMATS.set(key, format);
  return format.format(seconds * 1000);
}
