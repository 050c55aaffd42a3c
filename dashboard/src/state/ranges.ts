import type { Width } from "../wire/tables";
import { DAY_SECONDS, dateAt, startOfDay, weekdayAt } from "./zones";

/** Ranges that move with the clock, from short to long. */
export const PRESETS = [
  "1h",
  "6h",
  "24h",
  "today",
  "yesterday",
  "7d",
  "30d",
  "month",
  "last-month",
  "90d",
  "12mo",
] as const;
export type Preset = (typeof PRESETS)[number];

/** A half-open span `[start, end)` of whole Unix seconds. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** What was chosen: a preset, or a span that stays where it is. */
export type Range = { readonly preset: Preset } | { readonly span: Span };

export const DEFAULT_RANGE: Range = { preset: "30d" };

/** 9999-01-01: the API knows no later moment. */
const SECONDS_MAX = 253_370_764_800;

/** What a preset is called. */
export const PRESET_LABELS: Readonly<Record<Preset, string>> = {
  "1h": "Last hour",
  "6h": "Last 6 hours",
  "24h": "Last 24 hours",
  today: "Today",
  yesterday: "Yesterday",
  "7d": "Last 7 days",
  "30d": "Last 30 days",
  month: "This month",
  "last-month": "Last month",
  "90d": "Last 90 days",
  "12mo": "Last 12 months",
};

/** A range as text: `30d`, or `1790812800..1790899200`. */
export function writeRange(range: Range): string {
  return "preset" in range ? range.preset : `${range.span.start}..${range.span.end}`;
}

/** The range of a text; null when it is none. */
export function readRange(text: string): Range | null {
  const preset = PRESETS.find((each) => each === text);
  if (preset) return { preset };
  const [, start, end] = /^(\d{1,12})\.\.(\d{1,12})$/.exec(text) ?? [];
  if (start === undefined || end === undefined) return null;
  const span = { start: Number(start), end: Number(end) };
  return span.start < span.end && span.end <= SECONDS_MAX ? { span } : null;
}

/**
 * The span of a range at a moment, by the calendar of a zone.
 *
 * Presets of hours go back from the moment's minute; those of days, months and years begin with a
 * whole day and reach up to the moment.
 */
export function spanOf(range: Range, now: number, zone: string): Span {
  if ("span" in range) return range.span;
  const today = dateAt(zone, now);
  const end = Math.max(Math.floor(now), 1);
  const since = (days: number, months = 0): number =>
    startOfDay(zone, { ...today, month: today.month - months, day: today.day - days });
  const monthStart = (months: number): number =>
    startOfDay(zone, { ...today, month: today.month - months, day: 1 });
  const ago = (hours: number): number => {
    const start = end - hours * 3600;
    return start - (start % 60);
  };
  switch (range.preset) {
    case "1h":
      return { start: ago(1), end };
    case "6h":
      return { start: ago(6), end };
    case "24h":
      return { start: ago(24), end };
    case "today":
      return atLeastAMinute({ start: since(0), end });
    case "yesterday":
      return { start: since(1), end: since(0) };
    case "7d":
      return { start: since(6), end };
    case "30d":
      return { start: since(29), end };
    case "month":
      return atLeastAMinute({ start: monthStart(0), end });
    case "last-month":
      return { start: monthStart(1), end: monthStart(0) };
    case "90d":
      return { start: since(89), end };
    case "12mo":
      return { start: monthStart(11), end };
  }
}

/**
 * The span of as many buckets right before one of whole buckets, by the calendar of a zone: as
 * many days before days, months before months.
 */
export function spanBefore({ start, end }: Span, width: Width, zone: string): Span {
  if (WIDTH_SECONDS[width] < DAY_SECONDS) return { start: start - (end - start), end: start };
  const from = dateAt(zone, start);
  const to = dateAt(zone, end);
  if (width === "1mo") {
    const months = (to.year - from.year) * 12 + to.month - from.month;
    return { start: startOfDay(zone, { ...from, month: from.month - months }), end: start };
  }
  const days = Math.round((end - start) / DAY_SECONDS);
  return { start: startOfDay(zone, { ...from, day: from.day - days }), end: start };
}

/** The span of the buckets that are over at a moment; null when none is. */
export function wholeSpan(buckets: readonly Span[], now: number): Span | null {
  const whole = buckets.filter((bucket) => bucket.end <= now);
  const start = whole[0]?.start;
  const end = whole.at(-1)?.end;
  return start === undefined || end === undefined ? null : { start, end };
}

/** The width that shows a span in about 30 to 100 buckets. */
export function widthFor({ start, end }: Span): Width {
  const seconds = end - start;
  if (seconds <= 2 * 3600) return "1m";
  if (seconds <= 8 * 3600) return "5m";
  if (seconds <= DAY_SECONDS) return "15m";
  if (seconds <= 4 * DAY_SECONDS) return "1h";
  if (seconds <= 100 * DAY_SECONDS) return "1d";
  if (seconds <= 500 * DAY_SECONDS) return "1w";
  return "1mo";
}

/** About how many buckets of a width a span has. */
export function bucketCount({ start, end }: Span, width: Width): number {
  return Math.ceil((end - start) / WIDTH_SECONDS[width]);
}

/** How long a bucket is, about: days change with clocks, months with the calendar. */
export const WIDTH_SECONDS: Readonly<Record<Width, number>> = {
  "1m": 60,
  "5m": 300,
  "15m": 900,
  "1h": 3600,
  "1d": DAY_SECONDS,
  "1w": 7 * DAY_SECONDS,
  "1mo": 30 * DAY_SECONDS,
};

/** The first moment of the week of a moment, Monday's midnight in a zone. */
export function startOfWeek(zone: string, seconds: number): number {
  const date = dateAt(zone, seconds);
  return startOfDay(zone, { ...date, day: date.day - weekdayAt(zone, seconds) });
}

function atLeastAMinute(span: Span): Span {
  return span.end - span.start < 60 ? { start: span.end - 60, end: span.end } : span;
}
