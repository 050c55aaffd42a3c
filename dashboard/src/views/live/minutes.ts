import Big from "big.js";
import { type Series, seriesOf } from "../../charts/series";
import { sum } from "../../quantities/money";
import { AMOUNT, type Bucket, type Key, type Row, type Sums } from "../../wire/usage";
import { MEASURES, type Measure } from "./state";

/** What usage sums as requests and as tokens. */
export const REQUESTS = "num_model_requests";
const TOKENS = ["input_tokens", "output_tokens"];

/**
 * Usage of several kinds and costs as one answer: rows by model, summed as each `Measure`.
 *
 * All are by the minute and by model first. Answers that were given on both sides of a minute's
 * end may have one more or less: the minutes are those that any of them has.
 */
export function minutesOf(usages: readonly Sums[], costs: Sums, currency: string): Sums {
  const measured = [
    ...usages.flatMap(({ buckets }) => buckets.map((bucket) => measuredUsage(bucket))),
    ...costs.buckets.map((bucket) => measuredCosts(bucket, currency)),
  ];
  const minutes = new Map<number, Bucket>();
  for (const { start, end, rows } of measured) {
    const before = minutes.get(start)?.rows ?? [];
    minutes.set(start, { start, end, rows: [...before, ...rows] });
  }
  const buckets = [...minutes.values()].toSorted((one, other) => one.start - other.start);
  return { buckets, unpricedEvents: costs.unpricedEvents };
}

/** The largest groups by a measure, and the others as one. */
export function leadingSeries(sums: Sums, measure: Measure, count: number): readonly Series[] {
  const series = seriesOf(sums, measure).filter(({ total }) => total.gt(0));
  if (series.length <= count + 1) return series;
  const others = series.slice(count);
  const rest: Series = {
    id: "other",
    keys: [],
    isOther: true,
    values: sums.buckets.map((_, at) => sum(others.map(({ values }) => values[at] ?? new Big(0)))),
    total: sum(others.map(({ total }) => total)),
  };
  return [...series.slice(0, count), rest];
}

/** The sum of a measure in the last minute that is over at a moment; null before there is one. */
export function lastWhole({ buckets }: Sums, measure: Measure, now: number): Big | null {
  const whole = buckets.findLast(({ end }) => end <= now);
  return whole ? sum(whole.rows.map((row) => row.sums[measure] ?? new Big(0))) : null;
}

function measuredUsage({ start, end, rows }: Bucket): Bucket {
  return {
    start,
    end,
    rows: rows.map((row) =>
      measuredRow(row.keys[0] ?? null, {
        requests: row.sums[REQUESTS] ?? new Big(0),
        tokens: sum(TOKENS.map((name) => row.sums[name] ?? new Big(0))),
      }),
    ),
  };
}

function measuredCosts({ start, end, rows }: Bucket, currency: string): Bucket {
  return {
    start,
    end,
    rows: rows
      .filter((row) => row.currency === currency)
      .map((row) => measuredRow(row.keys[0] ?? null, { spend: row.sums[AMOUNT] ?? new Big(0) })),
  };
}

function measuredRow(key: Key, sums: Readonly<Partial<Record<Measure, Big>>>): Row {
  return { keys: [key], isOther: false, sums, currency: null, quantity: null, unit: null };
}

/** The sum of each minute by a measure. */
export function totalsOf({ buckets }: Sums, measure: Measure): readonly Big[] {
  return buckets.map(({ rows }) => sum(rows.map((row) => row.sums[measure] ?? new Big(0))));
}

/** What a model came to, by each measure. */
export interface ModelLine {
  readonly series: Series;
  readonly totals: Readonly<Partial<Record<Measure, Big>>>;
}

/** Every model that has anything, the largest by a measure first. */
export function modelLines(sums: Sums, show: Measure): readonly ModelLine[] {
  const totals = new Map<string, Partial<Record<Measure, Big>>>();
  for (const measure of MEASURES) {
    for (const { id, total } of seriesOf(sums, measure)) {
      totals.set(id, { ...totals.get(id), [measure]: total });
    }
  }
  return seriesOf(sums, show).map((series) => ({ series, totals: totals.get(series.id) ?? {} }));
}
