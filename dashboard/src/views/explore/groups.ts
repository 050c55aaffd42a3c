import Big from "big.js";
import { type ColourBook, OTHER } from "../../charts/palette";
import { type DrawnSeries, groupId } from "../../charts/series";
import type { LabelOf } from "../../parts/use-labels";
import type { Span } from "../../state/ranges";
import type { Key, Row, Sums } from "../../wire/usage";
import type { Sort } from "./state";

/** What there is of one group, or in one bucket of an answer without groups. */
export interface Line {
  readonly id: string;
  readonly keys: readonly Key[];
  /** Whether it is the rest of a ranking. */
  readonly isOther: boolean;
  /** The bucket, of an answer without groups. */
  readonly bucket: Span | null;
  /** By quantity, over the range. */
  readonly sums: Readonly<Record<string, Big>>;
  /** How much of its line item there is; null of everything else. */
  readonly used: Used | null;
  /** The number that is shown, in each bucket. */
  readonly values: readonly Big[];
}

/** So many of a unit: what costs of a line item are for. */
export interface Used {
  readonly quantity: Big;
  /** Null where the API names none. */
  readonly unit: string | null;
}

/** An answer by group. */
export interface Grouped {
  readonly lines: readonly Line[];
  /** By quantity, over all groups. */
  readonly totals: Readonly<Record<string, Big>>;
}

/** What of a subject is added up. */
export interface Counted {
  readonly quantities: readonly string[];
  /** The quantity that is shown. */
  readonly measure: string;
  /** A stock does not add up over time: what counts is the bucket that has the most. */
  readonly isStock: boolean;
}

/** So many groups have a colour; the others are drawn as one. */
export const CHART_GROUPS = 7;

/** The groups of an answer, or its buckets where it has no groups. Exact sums throughout. */
export function groupedBy(sums: Sums, counted: Counted, hasGroups: boolean): Grouped {
  const lines = hasGroups ? linesOfGroups(sums, counted) : linesOfBuckets(sums, counted);
  // Of a stock it is not the groups that add up: they may have had the most at different times.
  const parts = counted.isStock ? sums.buckets.map(({ rows }) => rows) : [lines];
  return { lines, totals: wholeOf(parts, counted) };
}

function linesOfBuckets({ buckets }: Sums, counted: Counted): readonly Line[] {
  return buckets.map((bucket) => ({
    id: String(bucket.start),
    keys: [],
    isOther: false,
    bucket,
    sums: wholeOf([bucket.rows], counted),
    used: null,
    values: [],
  }));
}

function linesOfGroups({ buckets }: Sums, counted: Counted): readonly Line[] {
  const found = new Map<string, { first: Row; rows: (Row | undefined)[] }>();
  buckets.forEach((bucket, at) => {
    for (const row of bucket.rows) {
      const id = groupId(row.keys, row.isOther);
      const group = found.get(id) ?? { first: row, rows: [] };
      group.rows[at] = row;
      found.set(id, group);
    }
  });
  return [...found].map(([id, { first, rows }]) => ({
    id,
    keys: first.keys,
    isOther: first.isOther,
    bucket: null,
    sums: wholeOf(
      rows.flatMap((row) => (row ? [[row]] : [])),
      counted,
    ),
    used: usedOf(rows.filter((row) => row !== undefined)),
    values: buckets.map((_, at) => rows[at]?.sums[counted.measure] ?? ZERO),
  }));
}

/** What rows of one line item add up to; null where they do not say it, or not in one unit. */
function usedOf(rows: readonly Row[]): Used | null {
  const unit = rows[0]?.unit ?? null;
  let quantity = ZERO;
  for (const row of rows) {
    if (row.unit !== unit || !row.quantity) return null;
    quantity = quantity.plus(row.quantity);
  }
  return { quantity, unit };
}

/** Lines in an order; the rest of a ranking is last in any. */
export function sorted(
  lines: readonly Line[],
  dimensions: readonly string[],
  sort: Sort,
  labelOf: LabelOf,
): readonly Line[] {
  const at = dimensions.indexOf(sort.key);
  const compare = (one: Line, other: Line): number => {
    if (at >= 0) {
      const label = (line: Line): string => labelOf(sort.key, line.keys[at] ?? null);
      return label(one).localeCompare(label(other));
    }
    if (sort.key === BUCKET) return (one.bucket?.start ?? 0) - (other.bucket?.start ?? 0);
    return (one.sums[sort.key] ?? ZERO).cmp(other.sums[sort.key] ?? ZERO);
  };
  const sign = sort.isDescending ? -1 : 1;
  return lines.toSorted(
    (one, other) =>
      Number(one.isOther) - Number(other.isOther) || sign * compare(one, other) || byId(one, other),
  );
}

/** The column of buckets, of an answer without groups. */
export const BUCKET = "bucket";

/** The largest groups in their lasting colours, and the others as one. */
export function drawnGroups(
  { lines }: Grouped,
  measure: string,
  dimensions: readonly string[],
  colours: ColourBook,
  nameOf: (line: Line) => string,
): readonly DrawnSeries[] {
  const largest = lines
    .filter((line) => !line.isOther && (line.sums[measure] ?? ZERO).gt(0))
    .toSorted(
      (one, other) =>
        (other.sums[measure] ?? ZERO).cmp(one.sums[measure] ?? ZERO) || byId(one, other),
    );
  const apart = largest.slice(0, CHART_GROUPS);
  const rest = [...largest.slice(CHART_GROUPS), ...lines.filter((line) => line.isOther)];
  const slots = colours.slotsFor(
    dimensions.join(" "),
    apart.map((line) => line.id),
  );
  const drawn = apart.map((line, at) => ({
    id: line.id,
    keys: line.keys,
    isOther: false,
    values: line.values,
    total: line.sums[measure] ?? ZERO,
    label: nameOf(line),
    slot: slots[at] ?? 0,
  }));
  const others = rest.map((line) => line.values);
  const total = rest.reduce((sum, line) => sum.plus(line.sums[measure] ?? ZERO), ZERO);
  if (total.eq(0)) return drawn;
  return [
    ...drawn,
    {
      id: OTHER,
      keys: [],
      isOther: true,
      values: (others[0] ?? []).map((_, at) =>
        others.reduce((sum, values) => sum.plus(values[at] ?? ZERO), ZERO),
      ),
      total,
      label: "all others",
      slot: OTHER,
    },
  ];
}

const ZERO = new Big(0);

/** Whatever has sums by quantity. */
type Summed = Pick<Row, "sums">;

/** Every quantity over buckets. */
function wholeOf(
  buckets: readonly (readonly Summed[])[],
  { quantities, isStock }: Counted,
): Readonly<Record<string, Big>> {
  return Object.fromEntries(quantities.map((name) => [name, over(buckets, name, isStock)]));
}

/** A quantity over buckets: their sum, or of a stock the largest. */
function over(buckets: readonly (readonly Summed[])[], quantity: string, isStock: boolean): Big {
  let total = ZERO;
  for (const rows of buckets) {
    let inside = ZERO;
    for (const { sums } of rows) {
      const value = sums[quantity];
      // Most quantities of most groups are zero.
      if (value && !value.eq(ZERO)) inside = inside.plus(value);
    }
    if (!isStock) total = total.plus(inside);
    else if (inside.gt(total)) total = inside;
  }
  return total;
}

function byId(one: Line, other: Line): number {
  return one.id < other.id ? -1 : Number(one.id > other.id);
}
