import Big from "big.js";
import { sum } from "../quantities/money";
import { dateAt, startOfDay, weekdayAt } from "../state/zones";

/** What was spent on a day, `[start, end)` in Unix seconds. */
export interface Day {
  readonly start: number;
  readonly end: number;
  readonly amount: Big;
}

/** How this month goes. */
export interface MonthOutlook {
  /** The first moment of the month, and of the next. */
  readonly start: number;
  readonly end: number;
  /** The first moment of last month. */
  readonly lastStart: number;
  /** Since the month began, until now. */
  readonly spent: Big;
  /** Since today began, until now. */
  readonly today: Big;
  /** What the month will have come to; null when nothing says how it goes on. */
  readonly forecast: Big | null;
  /** The same days of last month: whole ones, and of today's as much as has passed of it. */
  readonly lastMonthSoFar: Big;
  readonly lastMonth: Big;
}

/** So many whole days before today say how the days to come will be. */
const RHYTHM_DAYS = 28;

/**
 * How the month goes that a moment is in, by the calendar of a zone.
 *
 * Days to come are expected to be like the mean of their weekday in the last 28 whole days, and
 * like the mean of all of them where a weekday has none; of today, as much as is left of it. Days
 * before the first that has any spend say nothing: there was no ledger then.
 *
 * `days` are whole days in order and reach from the beginning of last month, or earlier, to today.
 */
export function monthOutlook(days: readonly Day[], now: number, zone: string): MonthOutlook {
  const date = dateAt(zone, now);
  const monthStart = (months: number): number =>
    startOfDay(zone, { ...date, month: date.month + months, day: 1 });
  const [last, start, end] = [monthStart(-1), monthStart(0), monthStart(1)];
  const today = startOfDay(zone, date);
  const tomorrow = startOfDay(zone, { ...date, day: date.day + 1 });
  const amountOf = (from: number, to: number): Big =>
    sum(days.filter((day) => day.start >= from && day.start < to).map((day) => day.amount));

  const spent = amountOf(start, end);
  const expected = expectations(days, today, zone);
  const passed = (now - today) / (tomorrow - today);
  const sameDay = Math.min(startOfDay(zone, { ...date, month: date.month - 1 }), start);
  return {
    start,
    end,
    lastStart: last,
    spent,
    today: amountOf(today, tomorrow),
    forecast: expected && spent.plus(remaining(expected, date, now, zone, 1 - passed)),
    lastMonthSoFar: amountOf(last, sameDay).plus(
      sameDay < start ? amountOf(sameDay, sameDay + 1).times(passed.toFixed(6)) : 0,
    ),
    lastMonth: amountOf(last, start),
  };
}

/** What each weekday comes to, Monday first; null without a whole day that says so. */
function expectations(days: readonly Day[], today: number, zone: string): readonly Big[] | null {
  const first = days.find((day) => day.amount.gt(0));
  if (!first) return null;
  const whole = days.filter((day) => day.start >= first.start && day.end <= today);
  const recent = whole.slice(-RHYTHM_DAYS);
  if (recent.length === 0) return null;
  const overall = mean(recent.map((day) => day.amount));
  return Array.from({ length: 7 }, (_, weekday) => {
    const same = recent.filter((day) => weekdayAt(zone, day.start) === weekday);
    return same.length > 0 ? mean(same.map((day) => day.amount)) : overall;
  });
}

/** What is expected of a share of today and of the whole days after it, to the end of the month. */
function remaining(
  expected: readonly Big[],
  date: { readonly year: number; readonly month: number; readonly day: number },
  now: number,
  zone: string,
  shareOfToday: number,
): Big {
  const lastDay = new Date(Date.UTC(date.year, date.month, 0)).getUTCDate();
  const weekday = weekdayAt(zone, now);
  let total = (expected[weekday] ?? new Big(0)).times(shareOfToday.toFixed(6));
  for (let ahead = 1; date.day + ahead <= lastDay; ahead += 1) {
    total = total.plus(expected[(weekday + ahead) % 7] ?? 0);
  }
  return total;
}

function mean(amounts: readonly Big[]): Big {
  return sum(amounts).div(amounts.length);
}
