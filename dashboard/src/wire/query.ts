import { COSTS, isTag, type SubjectTable, tagName, type Width } from "./tables";
import type { Parameters } from "./wire";

/** Values by dimension; a row passes that has one of the values of every dimension. */
export type Filters = ReadonlyMap<string, readonly string[]>;

/** What is asked of usage or costs. */
export interface Query {
  readonly subject: SubjectTable;
  /** Unix seconds, inclusive. */
  readonly start: number;
  /** Unix seconds, exclusive; null is now, as the server has it. */
  readonly end: number | null;
  readonly width: Width;
  /** A name of the IANA time zone database; buckets begin and end by its clocks. */
  readonly zone: string;
  readonly groupBy?: readonly string[];
  readonly filters?: Filters;
  /** The number whose largest come first: of costs `amount`, of usage a quantity. */
  readonly orderBy?: string;
  /** Keep the groups with the largest sums, and add up the others: 1 to 1000. */
  readonly top?: number;
}

/** The path of a query below the page's address. */
export function pathOf(query: Query): string {
  const { name } = query.subject;
  return `v1/organization/${name === COSTS ? name : `usage/${name}`}`;
}

/** The parameters of a query, as the API has them, with the largest pages that there are. */
export function parametersOf(query: Query): Parameters {
  return {
    start_time: query.start,
    end_time: query.end,
    bucket_width: query.width,
    timezone: query.zone === "UTC" ? null : query.zone,
    group_by: query.groupBy ?? [],
    ...filterParameters(query.subject, query.filters ?? new Map()),
    order_by: query.orderBy,
    top: query.top,
    limit: query.subject.bucketsMax[query.width],
  };
}

/** Filters as parameters of a subject; a dimension that it has no filter for is left out. */
export function filterParameters(subject: SubjectTable, filters: Filters): Parameters {
  const parameters: Record<string, readonly string[] | string> = {};
  for (const [dimension, values] of filters) {
    if (values.length === 0) continue;
    const name = isTag(dimension) ? `tags[${tagName(dimension)}]` : subject.filters.get(dimension);
    if (name === undefined) continue;
    // A yes or no, and so the one filter that is no array: both together filter nothing.
    if (name === "batch") {
      const [value] = values;
      if (values.length === 1 && value !== undefined) parameters[name] = value;
    } else parameters[name] = values;
  }
  return parameters;
}
