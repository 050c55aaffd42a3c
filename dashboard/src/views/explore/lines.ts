import type Big from "big.js";
import type { Cell } from "../../logic/csv";
import type { LabelOf } from "../../parts/use-labels";
import { formatDate } from "../../quantities/times";
import type { Span } from "../../state/ranges";
import { AMOUNT, type Bucket } from "../../wire/usage";
import { BUCKET, type Grouped, type Line } from "./groups";
import type { Inquiry } from "./inquiry";
import type { Sort } from "./state";

/** Lines of an answer as a table and as a file. */

/** What a line is called: its keys, in words. */
export function nameOf(line: Line, dimensions: readonly string[], labelOf: LabelOf): string {
  if (line.isOther) return OTHERS;
  return dimensions.map((each, at) => labelOf(each, line.keys[at] ?? null)).join(" · ");
}

/** What the rest of a ranking is called. */
export const OTHERS = "all others";

/** The quantities that a table has a column for: the one that is shown, and those that are not 0. */
export function shownQuantities({ counted }: Inquiry, { totals }: Grouped): readonly string[] {
  const others = counted.quantities.filter(
    (name) => name !== counted.measure && !(totals[name]?.eq(0) ?? true),
  );
  return [counted.measure, ...others];
}

/** The order of a table: the chosen one, else the largest or the newest first. */
export function sortOf(sort: Sort, { dimensions, counted }: Inquiry, grouped: Grouped): Sort {
  const first = dimensions.length === 0 ? BUCKET : counted.measure;
  const keys = [...dimensions, BUCKET, ...counted.quantities];
  const isKnown = sort.key !== BUCKET || grouped.lines.some((line) => line.bucket !== null);
  if (keys.includes(sort.key) && isKnown) return sort;
  return { key: first, isDescending: true };
}

/** A table of lines as a CSV file has it: ids and their names, and numbers with every digit. */
export function linesAsCells(
  lines: readonly Line[],
  inquiry: Inquiry,
  quantities: readonly string[],
  currency: string,
  labelOf: LabelOf,
): { readonly header: readonly string[]; readonly rows: readonly (readonly Cell[])[] } {
  const { dimensions } = inquiry;
  const hasUsed = lines.some((line) => line.used !== null);
  const header = [
    ...keyHeader(dimensions),
    ...(dimensions.length === 0 ? ["bucket_start", "bucket_end"] : []),
    ...quantities,
    ...(quantities.includes(AMOUNT) ? ["currency"] : []),
    ...(hasUsed ? ["quantity", "quantity_unit"] : []),
  ];
  const rows = lines.map((line) => [
    ...keyCells(line, dimensions, labelOf),
    ...(line.bucket ? bucketCells(line.bucket) : []),
    ...quantities.map((name) => numberCell(line.sums[name])),
    ...(quantities.includes(AMOUNT) ? [{ text: currency }] : []),
    ...(hasUsed ? usedCells(line) : []),
  ]);
  return { header, rows };
}

/** The groups of an answer in each bucket, where they have anything in it. */
export function courseAsCells(
  lines: readonly Line[],
  buckets: readonly Bucket[],
  { dimensions, counted }: Inquiry,
  currency: string,
  labelOf: LabelOf,
): { readonly header: readonly string[]; readonly rows: readonly (readonly Cell[])[] } {
  const isCosts = counted.measure === AMOUNT;
  const header = [
    "bucket_start",
    "bucket_end",
    ...keyHeader(dimensions),
    counted.measure,
    ...(isCosts ? ["currency"] : []),
  ];
  const rows = buckets.flatMap((bucket, at) =>
    lines
      .filter((line) => line.values[at] && !line.values[at].eq(0))
      .map((line) => [
        ...bucketCells(bucket),
        ...keyCells(line, dimensions, labelOf),
        numberCell(line.values[at]),
        ...(isCosts ? [{ text: currency }] : []),
      ]),
  );
  return { header, rows };
}

/** The name of a file with an answer: `tallybook-costs-by-model-27-Oct-2026-25-Nov-2026.csv`. */
export function fileName({ subject, dimensions, span, zone }: Inquiry, suffix: string): string {
  const dates = [span.start, span.end - 1].map((moment) => formatDate(moment, zone));
  const by = dimensions.length > 0 ? ["by", ...dimensions] : [];
  const words = ["tallybook", subject.name, ...by, ...new Set(dates)];
  return `${words.join("-").replaceAll(/[^A-Za-z0-9_-]+/g, "-")}${suffix}.csv`;
}

/** The dimensions whose ids have names. */
const NAMED: Readonly<Record<string, string>> = {
  project_id: "project_name",
  user_id: "user_name",
  api_key_id: "api_key_name",
};

function keyHeader(dimensions: readonly string[]): readonly string[] {
  const keys = dimensions.flatMap((each) => (NAMED[each] ? [each, NAMED[each]] : [each]));
  return dimensions.length === 0 ? keys : [...keys, "other"];
}

function keyCells(line: Line, dimensions: readonly string[], labelOf: LabelOf): readonly Cell[] {
  if (dimensions.length === 0) return [];
  const cells = dimensions.flatMap((dimension, at) => {
    const key = line.keys[at] ?? null;
    const id = { text: key === null ? "" : String(key) };
    if (!NAMED[dimension]) return [id];
    return [id, { text: key === null ? "" : labelOf(dimension, key) }];
  });
  return [...cells, { text: String(line.isOther) }];
}

function usedCells({ used }: Line): readonly Cell[] {
  return used
    ? [numberCell(used.quantity), { text: used.unit ?? "" }]
    : [{ text: "" }, { text: "" }];
}

function bucketCells({ start, end }: Span): readonly Cell[] {
  return [start, end].map((moment) => ({ text: new Date(moment * 1000).toISOString() }));
}

function numberCell(value: Big | undefined): Cell {
  return { number: value?.toFixed() ?? "0" };
}
