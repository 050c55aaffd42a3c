import { dimensionsFor, queryFor, subjectFor } from "../../state/question";
import { type Span, spanOf } from "../../state/ranges";
import type { Filters, Query } from "../../wire/query";
import { COSTS, canFilterBy, type SubjectTable, type Width } from "../../wire/tables";
import { AMOUNT } from "../../wire/usage";
import type { Counted } from "./groups";
import { drawnWidth, type Exploration, measureOf } from "./state";

/** So many groups are told apart; what is beyond them is one line, and in the total. */
export const GROUPS_MAX = 100;

/** What an exploration asks at a moment. */
export interface Inquiry {
  readonly subject: SubjectTable;
  readonly span: Span;
  readonly width: Width;
  readonly zone: string;
  /** What groups are told apart by, in the order of their keys. */
  readonly dimensions: readonly string[];
  readonly filters: Filters;
  readonly counted: Counted;
  /** All of it in one question: the chart and the table are of one answer. */
  readonly query: Query;
}

/** The inquiry of an exploration at a moment in Unix seconds. */
export function inquiryOf(state: Exploration, now: number): Inquiry {
  const subject = subjectFor(state);
  const span = spanOf(state.range, now, state.zone);
  const dimensions = dimensionsFor(state);
  const measure = measureOf(state);
  const isCosts = subject.name === COSTS;
  const filters = new Map([...state.where].filter(([each]) => canFilterBy(subject, each)));
  const width = drawnWidth(state, span);
  const query: Query = {
    ...queryFor(state, now),
    width,
    ...(isCosts ? {} : { orderBy: measure }),
    ...(dimensions.length > 0 ? { top: GROUPS_MAX } : {}),
  };
  const quantities = isCosts ? [AMOUNT] : subject.quantities.map(({ name }) => name);
  return {
    subject,
    span,
    width,
    zone: state.zone,
    dimensions,
    filters,
    counted: { quantities, measure, isStock: subject.isStock },
    query,
  };
}

/** What values of a dimension there are in an inquiry's span, its other filters kept. */
export function valuesQuery(inquiry: Inquiry, dimension: string): Query {
  const { subject, span, width, zone, filters, counted } = inquiry;
  return {
    subject,
    ...span,
    width,
    zone,
    groupBy: [dimension],
    filters: new Map([...filters].filter(([each]) => each !== dimension)),
    ...(subject.name === COSTS ? {} : { orderBy: counted.measure }),
    top: VALUES_MAX,
  };
}

/** So many values are offered, the largest; others can be typed. */
const VALUES_MAX = 500;
