import Big from "big.js";
import { sum } from "../quantities/money";
import type { Key, Row, Sums } from "../wire/usage";
import type { Slot } from "./palette";
import { OTHER } from "./palette";

/** One group over all buckets. */
export interface Series {
  /** What tells it apart in lists and for colours. */
  readonly id: string;
  readonly keys: readonly Key[];
  /** Whether it is the rest of a ranking. */
  readonly isOther: boolean;
  /** One for each bucket, in their order; zero where the group has none. */
  readonly values: readonly Big[];
  readonly total: Big;
}

/** The id of a group by its keys; no two groups share one. */
export function groupId(keys: readonly Key[], isOther: boolean): string {
  return isOther ? OTHER : JSON.stringify(keys);
}

/** The groups of an answer, the largest first, the rest of a ranking last. */
export function seriesOf({ buckets }: Sums, quantity: string): readonly Series[] {
  const rows = new Map<string, { row: Row; values: Big[] }>();
  buckets.forEach((bucket, at) => {
    for (const row of bucket.rows) {
      const id = groupId(row.keys, row.isOther);
      const group = rows.get(id) ?? { row, values: buckets.map(() => new Big(0)) };
      // Rows that differ only in what was not asked for, a currency, are one group.
      group.values[at] = (group.values[at] ?? new Big(0)).plus(row.sums[quantity] ?? 0);
      rows.set(id, group);
    }
  });
  return [...rows]
    .map(([id, { row, values }]) => ({
      id,
      keys: row.keys,
      isOther: row.isOther,
      values,
      total: sum(values),
    }))
    .toSorted(
      (one, other) => Number(one.isOther) - Number(other.isOther) || other.total.cmp(one.total),
    );
}

/** The sums of each bucket over all groups. */
export function bucketTotals({ buckets }: Sums, quantity: string): readonly Big[] {
  return buckets.map((bucket) => sum(bucket.rows.map((row) => row.sums[quantity] ?? new Big(0))));
}

/** A series in its colour, under the name that people read. */
export interface DrawnSeries extends Series {
  readonly label: string;
  readonly slot: Slot;
}
