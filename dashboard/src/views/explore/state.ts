import type { Field, Fields } from "../../state/fields";
import { listField, parsedField, textField } from "../../state/fields";
import {
  dimensionsFor,
  isFilter,
  type Question,
  questionFields,
  subjectFor,
} from "../../state/question";
import { bucketCount, type Range, readRange, widthFor, writeRange } from "../../state/ranges";
import { COSTS, canFilterBy, subjectOf, WIDTHS, type Width } from "../../wire/tables";
import { AMOUNT } from "../../wire/usage";

/** By which column lines are in order; an empty key is the number that is shown. */
export interface Sort {
  readonly key: string;
  readonly isDescending: boolean;
}

/** A step down: into a group, or into a bar, from the range that was before. */
export type Step =
  | { readonly dimension: string; readonly value: string }
  | { readonly before: Range };

/** What one explores, and how one came there: all of it is in the address. */
export interface Exploration extends Question {
  readonly sort: Sort;
  readonly via: readonly Step[];
  /** The id of the event whose price is explained; empty for none. */
  readonly event: string;
  /** The tokens of the pages of events up to the one that is shown; none for the first. */
  readonly pages: readonly string[];
}

export const DEFAULT_SORT: Sort = { key: "", isDescending: true };

/** More steps than there are dimensions to go by. */
const STEPS_MAX = 12;
/** So many pages can be gone back; whoever needs more filters. */
const PAGES_MAX = 40;
/** The most bars: a narrower width is no chart any more, and hundreds of pages of the API. */
const BUCKETS_MAX = 1500;

/** The fields of an exploration; `zone` is that of whoever has said nothing about it. */
export function explorationFields(zone: string): Fields<Exploration> {
  return {
    ...questionFields(zone),
    sort: parsedField<Sort>(readSort, writeSort, DEFAULT_SORT),
    via: stepsField,
    event: textField(),
    pages: listField((text) => text !== "", PAGES_MAX),
  };
}

/** The number that is shown: that of the address where the subject has it, else its first. */
export function measureOf(question: Question): string {
  const subject = subjectFor(question);
  if (subject.name === COSTS) return AMOUNT;
  const names = subject.quantities.map(({ name }) => name);
  return names.find((name) => name === question.order) ?? names[0] ?? AMOUNT;
}

/** What of an exploration is asked: sorting, opening an event and the way down ask nothing anew. */
export function askedOf(state: Exploration): string {
  const { kind, range, width, zone, by, where, order } = state;
  return JSON.stringify([kind, writeRange(range), width, zone, by, [...where], order]);
}

/** The widths that show a span in a number of bars that can be drawn. */
export function widthsFor(span: { start: number; end: number }): readonly Width[] {
  return WIDTHS.filter((width) => bucketCount(span, width) <= BUCKETS_MAX);
}

/** The width of a question over its span: the chosen one where it can be drawn, else the usual. */
export function drawnWidth(question: Question, span: { start: number; end: number }): Width {
  return widthsFor(span).find((width) => width === question.width) ?? widthFor(span);
}

/** The same exploration of another subject, without what that cannot be asked. */
export function aboutKind(state: Exploration, kind: string): Exploration {
  const subject = subjectOf(kind);
  if (!subject) return state;
  const changed = { ...state, kind, order: "", sort: DEFAULT_SORT, pages: [] };
  return {
    ...changed,
    by: dimensionsFor(changed),
    where: new Map([...state.where].filter(([dimension]) => canFilterBy(subject, dimension))),
  };
}

function readSort(text: string): Sort {
  const isDescending = text.startsWith("-");
  return { key: isDescending ? text.slice(1) : text, isDescending };
}

function writeSort({ key, isDescending }: Sort): string {
  return `${isDescending ? "-" : ""}${key}`;
}

/** Steps as texts: `DIMENSION=VALUE`, or `range=BEFORE`, which is no dimension's name. */
const stepsField: Field<readonly Step[]> = {
  read: (texts) =>
    texts
      .map(readStep)
      .filter((step) => step !== null)
      .slice(0, STEPS_MAX),
  write: (steps) =>
    steps.map((step) =>
      "before" in step ? `range=${writeRange(step.before)}` : `${step.dimension}=${step.value}`,
    ),
};

function readStep(text: string): Step | null {
  const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) return null;
  if (name !== "range") return isFilter(name) ? { dimension: name, value } : null;
  const before = readRange(value);
  return before && { before };
}
