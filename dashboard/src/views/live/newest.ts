import { formatCount, quantityLabel } from "../../quantities/counts";
import { DAY_SECONDS } from "../../state/zones";
import { eventsOf, type StoredEvent } from "../../wire/events";
import type { Filters } from "../../wire/query";
import { subjectOf } from "../../wire/tables";
import type { Bucket } from "../../wire/usage";
import type { Wire } from "../../wire/wire";

/** So many events are listed. */
export const NEWEST = 20;
/** Of one request; about so many may be asked for to find the newest. */
const PAGE = 500;
/** The list of events goes forward in time: so many pages are walked towards its end. */
const PAGES_MAX = 4;

/**
 * From when on to list events, so that the newest `NEWEST` are among them and few others: a whole
 * second. `minutes` are the requests by the minute; requests that come in by the thousand are
 * found in the last seconds.
 */
export function newestSince(
  minutes: readonly Pick<Bucket, "start" | "end">[],
  requests: readonly number[],
  now: number,
): number {
  let count = 0;
  for (let at = minutes.length - 1; at >= 0; at -= 1) {
    const minute = minutes[at];
    const inMinute = requests[at] ?? 0;
    if (!minute) continue;
    if (inMinute > PAGE) {
      const end = Math.min(minute.end, Math.max(now, minute.start + 1));
      const seconds = Math.ceil(((end - minute.start) * PAGE) / inMinute);
      return Math.max(minute.start, Math.floor(end) - seconds);
    }
    count += inMinute;
    if (count >= NEWEST) return minute.start;
  }
  return minutes[0]?.start ?? Math.floor(now);
}

/** The newest events since a moment, the newest first. Throws a `Fault`, or an `AbortError`. */
export async function newestEvents(
  wire: Wire,
  asked: { readonly since: number; readonly now: number; readonly filters: Filters },
  signal: AbortSignal,
): Promise<readonly StoredEvent[]> {
  let newest: readonly StoredEvent[] = [];
  let page: string | null = null;
  for (let pages = 0; pages < PAGES_MAX; pages += 1) {
    const query = {
      start: asked.since,
      // No event is accepted that is further ahead.
      end: Math.ceil(asked.now) + DAY_SECONDS,
      kind: null,
      filters: asked.filters,
      limit: PAGE,
      page,
    };
    const found = await eventsOf(wire, query, signal);
    newest = [...newest, ...found.events].slice(-NEWEST);
    page = found.nextPage;
    if (page === null) break;
  }
  return newest.toReversed();
}

/** How much an event is: `1,830 input tokens, 212 output tokens`, or its one request. */
export function amountText(event: StoredEvent): string {
  const quantities = subjectOf(event.kind)?.quantities ?? [];
  const told = quantities.flatMap(({ name }) => {
    const value = event[name];
    return typeof value === "number" && value > 0 ? [{ name, value }] : [];
  });
  const main = told.filter(({ name }) => MAIN.includes(name));
  const others = told.filter(({ name }) => name !== "num_model_requests");
  const shown = main.length > 0 ? main : others.length > 0 ? others.slice(0, 1) : told;
  return shown.map(({ name, value }) => `${formatCount(value)} ${quantityLabel(name)}`).join(", ");
}

const MAIN: readonly string[] = ["input_tokens", "output_tokens"];
