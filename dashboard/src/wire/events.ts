import { type Filters, filterParameters } from "./query";
import { COSTS, canFilterBy, isTag, subjectOf } from "./tables";
import type { Wire } from "./wire";

/** A stored event, as `GET /v1/events` gives it: the fields of a post, without those that are empty. */
export interface StoredEvent {
  readonly id: string;
  /** Unix seconds, with a fraction. */
  readonly time: number;
  readonly kind: string;
  readonly provider?: string;
  readonly tags?: Readonly<Record<string, string>>;
  /** Other dimensions, and the quantities of its kind. */
  readonly [field: string]: unknown;
}

/** A page of events, by time and id. */
export interface EventsPage {
  readonly events: readonly StoredEvent[];
  /** The token of the next page; null on the last one. */
  readonly nextPage: string | null;
}

/** Which events: all that is asked twice the same way is one list, walked by its tokens. */
export interface EventsQuery {
  /** Unix seconds, inclusive and exclusive. */
  readonly start: number;
  readonly end: number;
  /** One kind; null for all. */
  readonly kind: string | null;
  readonly filters: Filters;
  readonly limit: number;
  /** The token of a page; null for the first. */
  readonly page: string | null;
}

/** Of costs alone: an event has several line items, and a currency only by its price. */
const OF_COSTS = new Set(["line_item", "currency"]);

/** Whether events can be filtered by a dimension. */
export function canFilterEventsBy(dimension: string): boolean {
  const costs = subjectOf(COSTS);
  if (OF_COSTS.has(dimension) || !costs) return false;
  return isTag(dimension) || canFilterBy(costs, dimension);
}

/** A page of stored events. Throws a `Fault`, or the signal's `AbortError`. */
export async function eventsOf(
  wire: Wire,
  query: EventsQuery,
  signal?: AbortSignal,
): Promise<EventsPage> {
  const costs = subjectOf(COSTS);
  const filters = new Map([...query.filters].filter(([each]) => canFilterEventsBy(each)));
  const { value } = await wire.ask<{
    readonly data: readonly StoredEvent[];
    readonly next_page: string | null;
  }>("v1/events", {
    parameters: {
      start_time: query.start,
      end_time: query.end,
      kinds: query.kind === null ? [] : [query.kind],
      ...(costs ? filterParameters(costs, filters) : {}),
      limit: query.limit,
      page: query.page,
    },
    signal,
  });
  return { events: value.data, nextPage: value.next_page };
}
