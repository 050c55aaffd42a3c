import { spanOf } from "../../state/ranges";
import type { ListSource } from "../../wire/lists";
import type { Parameters } from "../../wire/wire";
import type { ListState } from "./fields";

/** Entries of a page of the log. */
const ENTRIES = 50;

/** The entries that filters let through at a moment in Unix seconds, the newest first. */
export function auditList(state: ListState, now: number): ListSource {
  return {
    path: "v1/organization/audit_logs",
    parameters: {
      limit: ENTRIES,
      include: ["changes"],
      event_types: state.types,
      actor_ids: state.actors,
      resource_ids: state.subjects,
      ...timesOf(state, now),
    },
  };
}

/** Whether a state lets everything through. */
export function isUnfiltered({ types, actors, subjects, when }: ListState): boolean {
  return types.length + actors.length + subjects.length === 0 && when === null;
}

function timesOf({ when, zone }: ListState, now: number): Parameters {
  if (when === null) return {};
  const { start, end } = spanOf(when, now, zone);
  // What reaches up to now has no end: an entry of this very second is one of it.
  const until = end < Math.floor(now) ? end : null;
  return { "effective_at[gte]": start, "effective_at[lt]": until };
}
