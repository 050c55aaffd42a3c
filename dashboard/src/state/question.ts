import type { Filters, Query } from "../wire/query";
import {
  COSTS,
  canFilterBy,
  canGroupBy,
  SUBJECTS,
  type SubjectTable,
  subjectOf,
  WIDTHS,
  type Width,
} from "../wire/tables";
import { choiceField, type Field, type Fields, listField, parsedField, textField } from "./fields";
import { DEFAULT_RANGE, type Range, readRange, spanOf, widthFor, writeRange } from "./ranges";
import { isZone } from "./zones";

/** What one looks at: the state that the views share, and that an address has. */
export interface Question {
  /** `costs`, or a kind of usage. */
  readonly kind: string;
  readonly range: Range;
  /** `auto` follows the range. */
  readonly width: Width | "auto";
  readonly zone: string;
  /** Up to three dimensions, the first is the one that charts tell apart. */
  readonly by: readonly string[];
  readonly where: Filters;
  /** The number that is shown and ordered by; empty is the subject's first. */
  readonly order: string;
}

/** The most dimensions that one groups by at once. */
export const DIMENSIONS_MAX = 3;

const KINDS = SUBJECTS.map((subject) => subject.name);
const ALL_WIDTHS: readonly (Width | "auto")[] = ["auto", ...WIDTHS];

/** The fields of a question; `zone` is that of whoever has said nothing about it. */
export function questionFields(zone: string): Fields<Question> {
  return {
    kind: choiceField(KINDS, COSTS),
    range: parsedField<Range>(readRange, writeRange, DEFAULT_RANGE),
    width: choiceField(ALL_WIDTHS, "auto"),
    zone: zoneField(zone),
    by: listField(isDimension, DIMENSIONS_MAX, ["model"]),
    where: filtersField,
    order: textField(),
  };
}

/** The subject of a question. */
export function subjectFor(question: Question): SubjectTable {
  const subject = subjectOf(question.kind) ?? subjectOf(COSTS);
  if (!subject) throw new Error("the table of kinds has no costs");
  return subject;
}

/** The dimensions of a question that its subject can be grouped by. */
export function dimensionsFor(question: Question): readonly string[] {
  const subject = subjectFor(question);
  return question.by.filter((dimension) => canGroupBy(subject, dimension));
}

/** The width of a question's buckets at a moment. */
export function widthOf(question: Question, now: number): Width {
  if (question.width !== "auto") return question.width;
  return widthFor(spanOf(question.range, now, question.zone));
}

/** The query that a question is at a moment in Unix seconds. */
export function queryFor(question: Question, now: number): Query {
  const subject = subjectFor(question);
  return {
    subject,
    ...spanOf(question.range, now, question.zone),
    width: widthOf(question, now),
    zone: question.zone,
    groupBy: dimensionsFor(question),
    filters: new Map([...question.where].filter(([dimension]) => canFilterBy(subject, dimension))),
  };
}

/** A zone is always written, so that an address means the same everywhere. */
function zoneField(initial: string): Field<string> {
  return {
    read: ([text]) => (text !== undefined && isZone(text) ? text : initial),
    write: (zone) => [zone],
  };
}

/** Filters as texts `DIMENSION=VALUE`, one for each value. */
const filtersField: Field<Filters> = {
  read: (texts) => {
    const filters = new Map<string, readonly string[]>();
    for (const text of texts) {
      const [, dimension, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (dimension === undefined || value === undefined || !isFilter(dimension)) continue;
      const values = filters.get(dimension) ?? [];
      if (!values.includes(value)) filters.set(dimension, [...values, value]);
    }
    return filters;
  },
  write: (filters) =>
    [...filters].flatMap(([dimension, values]) => values.map((value) => `${dimension}=${value}`)),
};

function isDimension(text: string): boolean {
  return SUBJECTS.some((subject) => canGroupBy(subject, text));
}

/** Whether a name is a dimension that anything can be filtered by. */
export function isFilter(text: string): boolean {
  return SUBJECTS.some((subject) => canFilterBy(subject, text));
}
