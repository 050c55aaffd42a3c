import { subjectFor } from "../../state/question";
import type { Span } from "../../state/ranges";
import type { Filters } from "../../wire/query";
import { COSTS, canFilterBy, canGroupBy, type SubjectTable } from "../../wire/tables";
import type { Key } from "../../wire/usage";
import { DEFAULT_SORT, type Exploration, type Step } from "./state";

/** The way down, where a subject has it: whose it is, what it was, who did it, with which key. */
const WAY = ["project_id", "model", "user_id", "api_key_id"];
/** Most of what costs something is of no vector store: only its own kinds are told apart by it. */
const WAY_OF_KINDS = [...WAY, "vector_store_id"];

/** Where a step leads: to groups, or to the events themselves. */
export interface Destination {
  readonly section: "" | "events";
  readonly state: Exploration;
}

/** The dimension that comes next on the way down; null when only the events are left. */
export function nextDimension(subject: SubjectTable, filters: Filters): string | null {
  return (
    (subject.name === COSTS ? WAY : WAY_OF_KINDS).find(
      (dimension) =>
        canGroupBy(subject, dimension) &&
        canFilterBy(subject, dimension) &&
        filters.get(dimension)?.length !== 1,
    ) ?? null
  );
}

/**
 * One step into a group: its keys become filters, and the next dimension tells apart what is in it.
 *
 * Null for a group that no filter finds: one without a value, or of a dimension without a filter.
 */
export function intoGroup(
  state: Exploration,
  dimensions: readonly string[],
  keys: readonly Key[],
  span: Span,
): Destination | null {
  const subject = subjectFor(state);
  const steps: Step[] = [];
  for (const [at, dimension] of dimensions.entries()) {
    const key = keys[at] ?? null;
    // A filter by an empty text is no filter.
    if (key === null || key === "" || !canFilterBy(subject, dimension)) return null;
    steps.push({ dimension, value: String(key) });
  }
  if (steps.length === 0) return null;
  const where = new Map(state.where);
  for (const step of steps) if ("value" in step) where.set(step.dimension, [step.value]);
  const next = nextDimension(subject, where);
  const inside: Exploration = {
    ...state,
    where,
    by: next === null ? [] : [next],
    via: [...standingSteps(state), ...steps],
    sort: DEFAULT_SORT,
  };
  return next === null ? toEvents(inside, span) : { section: "", state: inside };
}

/** One step into a bar: its span becomes the range. Into a range's only bar: to its events. */
export function intoBar(state: Exploration, bar: Span, span: Span): Destination {
  if (bar.start <= span.start && bar.end >= span.end) return toEvents(state, span);
  const range = {
    span: { start: Math.max(bar.start, span.start), end: Math.min(bar.end, span.end) },
  };
  const via = [...standingSteps(state), { before: state.range }];
  return { section: "", state: { ...state, range, width: "auto", via, pages: [] } };
}

/** One step into a bar, and another into a group in it; where no filter finds the group, into the bar alone. */
export function intoPart(
  state: Exploration,
  dimensions: readonly string[],
  keys: readonly Key[] | null,
  bar: Span,
  span: Span,
): Destination {
  const within = intoBar(state, bar, span);
  const inside = keys && intoGroup(within.state, dimensions, keys, bar);
  return inside ?? within;
}

/** The events of what one looks at. Their range stands still: pages are pages of one list. */
export function toEvents(state: Exploration, span: Span): Destination {
  return { section: "events", state: { ...state, range: { span }, pages: [], event: "" } };
}

/** The steps that still hold: what one stepped into and then filtered otherwise is left. */
export function standingSteps(state: Exploration): readonly Step[] {
  return state.via.filter((step) => {
    if ("before" in step) return true;
    const values = state.where.get(step.dimension) ?? [];
    return values.length === 1 && values[0] === step.value;
  });
}

/** The way back: an exploration after its first so many steps. */
export function backTo(state: Exploration, count: number): Exploration {
  const steps = standingSteps(state);
  const undone = steps.slice(count);
  const where = new Map(state.where);
  let { range } = state;
  for (const step of undone.toReversed()) {
    if ("before" in step) range = step.before;
    else where.delete(step.dimension);
  }
  const first = undone.find((step) => "dimension" in step);
  const by = first && "dimension" in first ? [first.dimension] : state.by;
  return { ...state, range, where, by, via: steps.slice(0, count), pages: [], event: "" };
}
