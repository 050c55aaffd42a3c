import type { Parameters, Wire } from "./wire";

/** A list of the organization: where it is asked for, and how. */
export interface ListSource {
  /** Below the page's address, as `v1/organization/projects`. */
  readonly path: string;
  readonly parameters?: Parameters;
}

/** One page of a list, as the API has it. */
export interface ListPage<T> {
  readonly data: readonly T[];
  /** The cursor of the page after; null on a page without rows. */
  readonly last_id: string | null;
  readonly has_more: boolean;
}

/** A list as far as it was walked. */
export interface Walked<T> {
  readonly rows: readonly T[];
  /** The row that the next page comes after; null before the first page. */
  readonly after: string | null;
  readonly isWhole: boolean;
}

/** Rows of a page, at most what the API gives. */
export const PAGE_ROWS = 100;

/** A list before its first page. */
export const UNWALKED: Walked<never> = { rows: [], after: null, isWhole: false };

/** Go on page by page until there are `count` rows, or no more. */
export async function walk<T>(
  ask: (after: string | null) => Promise<ListPage<T>>,
  from: Walked<T>,
  count: number,
): Promise<Walked<T>> {
  let walked = from;
  while (!walked.isWhole && walked.rows.length < count) {
    const { data, last_id: after, has_more: hasMore } = await ask(walked.after);
    walked = {
      rows: [...walked.rows, ...data],
      after: after ?? walked.after,
      // A page without a cursor cannot be followed by another.
      isWhole: !hasMore || after === null,
    };
  }
  return walked;
}

/** One page of a list, that which comes after a row. */
export async function listPage<T>(
  wire: Wire,
  source: ListSource,
  after: string | null,
  signal?: AbortSignal,
): Promise<ListPage<T>> {
  const parameters = { limit: PAGE_ROWS, ...source.parameters, after };
  return (await wire.ask<ListPage<T>>(source.path, { parameters, signal })).value;
}

/** All rows of a list. */
export async function wholeList<T>(
  wire: Wire,
  source: ListSource,
  signal?: AbortSignal,
): Promise<readonly T[]> {
  const ask = (after: string | null): Promise<ListPage<T>> => listPage(wire, source, after, signal);
  return (await walk<T>(ask, UNWALKED, Number.POSITIVE_INFINITY)).rows;
}
