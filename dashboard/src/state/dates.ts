import type { Span } from "./ranges";
import { type CalendarDate, dateAt, startOfDay } from "./zones";

/** Dates as forms have them, `2026-11-25`: the first and the last day of a span, both included. */
export interface Dates {
  readonly first: string;
  readonly last: string;
}

/** The dates that a span touches in a zone. */
export function writeDates({ start, end }: Span, zone: string): Dates {
  return { first: dateText(dateAt(zone, start)), last: dateText(dateAt(zone, end - 1)) };
}

/** The span of whole days in a zone; null for what is no date, and for dates in reverse. */
export function readDates(first: string, last: string, zone: string): Span | null {
  const from = dateOf(first);
  const to = dateOf(last);
  if (!from || !to) return null;
  const start = startOfDay(zone, from);
  const end = startOfDay(zone, { ...to, day: to.day + 1 });
  return start > 0 && start < end ? { start, end } : null;
}

function dateText({ year, month, day }: CalendarDate): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}`;
}

function dateOf(text: string): CalendarDate | null {
  const [, year, month, day] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  const date = { year: Number(year), month: Number(month), day: Number(day) };
  // The calendar has no 31 February: a date that it moves is none.
  const shown = new Date(Date.UTC(date.year, date.month - 1, date.day));
  return shown.getUTCMonth() + 1 === date.month && shown.getUTCDate() === date.day ? date : null;
}
