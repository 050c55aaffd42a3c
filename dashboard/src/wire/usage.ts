import Big from "big.js";
import { parametersOf, pathOf, type Query } from "./query";
import { COSTS, type SubjectTable } from "./tables";
import type { Answer, Wire } from "./wire";

/** What a row is told apart by; null is an event that has none. */
export type Key = string | boolean | null;

/** One group's sums in one bucket. */
export interface Row {
  /** In the order of the query's dimensions. */
  readonly keys: readonly Key[];
  /** Whether it is the rest of a ranking: what all groups beyond the top have together. */
  readonly isOther: boolean;
  /** Exact sums by name: of usage its quantities, of costs `amount`. */
  readonly sums: Readonly<Record<string, Big>>;
  /** Of costs: lowercase ISO 4217; null of usage. */
  readonly currency: string | null;
  /** Of costs by line item: how much of it, in `unit`; null elsewhere. */
  readonly quantity: Big | null;
  readonly unit: string | null;
}

/** A half-open span of time, `[start, end)` in Unix seconds, and what there is in it. */
export interface Bucket {
  readonly start: number;
  readonly end: number;
  readonly rows: readonly Row[];
}

/** The whole answer to a query: every page of it. */
export interface Sums {
  /** Ascending and without gaps. */
  readonly buckets: readonly Bucket[];
  /** How many events have a charge that nobody prices; null of usage. */
  readonly unpricedEvents: number | null;
}

/** What costs are summed as. */
export const AMOUNT = "amount";

const UNPRICED_HEADER = "tallybook-unpriced-events";

interface WireBucket {
  readonly start_time: Big;
  readonly end_time: Big;
  readonly results: readonly Readonly<Record<string, unknown>>[];
}

interface WirePage {
  readonly data: readonly WireBucket[];
  readonly next_page: string | null;
}

/** Ask a query and walk its pages to the end. Throws a `Fault`, or the signal's `AbortError`. */
export async function sumsOf(wire: Wire, query: Query, signal?: AbortSignal): Promise<Sums> {
  const buckets: Bucket[] = [];
  const isCosts = query.subject.name === COSTS;
  let unpriced = 0;
  let page: string | null = null;
  do {
    const { value, headers }: Answer<WirePage> = await wire.ask<WirePage>(pathOf(query), {
      parameters: { ...parametersOf(query), page },
      signal,
      exact: true,
    });
    for (const bucket of value.data) buckets.push(readBucket(bucket, query));
    unpriced += Number(headers.get(UNPRICED_HEADER) ?? 0);
    page = value.next_page;
  } while (page !== null);
  return { buckets, unpricedEvents: isCosts ? unpriced : null };
}

function readBucket(bucket: WireBucket, query: Query): Bucket {
  const groupBy = query.groupBy ?? [];
  return {
    start: bucket.start_time.toNumber(),
    end: bucket.end_time.toNumber(),
    rows: bucket.results.map((result) => readRow(result, query.subject, groupBy)),
  };
}

function readRow(
  result: Readonly<Record<string, unknown>>,
  subject: SubjectTable,
  groupBy: readonly string[],
): Row {
  const row = {
    keys: groupBy.map((dimension) => readKey(result[dimension])),
    isOther: result["other"] === true,
  };
  if (subject.name !== COSTS) {
    const sums = Object.fromEntries(
      subject.quantities.map(({ name }) => [name, readNumber(result[name]) ?? new Big(0)]),
    );
    return { ...row, sums, currency: null, quantity: null, unit: null };
  }
  const amount = result["amount"] as { value: unknown; currency: string };
  const unit = result["quantity_unit"];
  return {
    ...row,
    sums: { [AMOUNT]: readNumber(amount.value) ?? new Big(0) },
    currency: amount.currency,
    quantity: readNumber(result["quantity"]),
    unit: typeof unit === "string" ? unit : null,
  };
}

function readKey(value: unknown): Key {
  return typeof value === "string" || typeof value === "boolean" ? value : null;
}

function readNumber(value: unknown): Big | null {
  return value instanceof Big ? value : null;
}
