import type { Wire } from "./wire";

interface EventsPage {
  readonly data: readonly { readonly tags?: Readonly<Record<string, string>> }[];
}

/** So many events are looked at: there is no list of tags, and most events have all of them. */
const EVENTS_LOOKED_AT = 200;

/** The names of tags that the first events of a span have, in the order of the alphabet. */
export async function tagNamesOf(
  wire: Wire,
  span: { readonly start: number; readonly end: number },
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const parameters = { start_time: span.start, end_time: span.end, limit: EVENTS_LOOKED_AT };
  const { value } = await wire.ask<EventsPage>("v1/events", { parameters, signal });
  return [...new Set(value.data.flatMap((event) => Object.keys(event.tags ?? {})))].toSorted();
}
