import Big from "big.js";
import { CURRENCY } from "../../logic/currencies";
import { sum } from "../../quantities/money";
import type { Question } from "../../state/question";
import {
  type Span,
  spanBefore,
  spanOf,
  WIDTH_SECONDS,
  wholeSpan,
  widthFor,
} from "../../state/ranges";
import { DAY_SECONDS, dateAt, startOfDay } from "../../state/zones";
import type { Filters, Query } from "../../wire/query";
import { COSTS, canFilterBy, SUBJECTS, type SubjectTable, type Width } from "../../wire/tables";
import { AMOUNT, type Bucket, sumsOf } from "../../wire/usage";
import type { Wire } from "../../wire/wire";

/** So many groups have a colour in the chart; the rest is one. */
export const CHART_GROUPS = 7;
/** So many stand in a list of the largest. */
export const LEADERS = 5;
/** A rhythm needs so many weeks. */
const RHYTHM_DAYS = 84;
const HOURLY_RHYTHM_DAYS = 28;

const REQUESTS = "num_model_requests";
const TOKENS = ["input_tokens", "output_tokens"];

/** The subject that the Overview is about. */
export function costsSubject(): SubjectTable {
  const subject = SUBJECTS.find(({ name }) => name === COSTS);
  if (!subject) throw new Error("the table of kinds has no costs");
  return subject;
}

/** What is asked for the whole view: one span, one width, filters of costs. */
export interface Frame {
  readonly span: Span;
  readonly width: Width;
  readonly zone: string;
  readonly filters: Filters;
  /** Lowercase ISO 4217; null when there is one at most, so that nothing has to be kept apart. */
  readonly currency: string | null;
  /** What the chart tells apart. */
  readonly dimension: string;
  /** Unix seconds. */
  readonly now: number;
}

/** The frame of a question at a moment. */
export function frameOf(question: Question, now: number, currency: string | null): Frame {
  const subject = costsSubject();
  const span = spanOf(question.range, now, question.zone);
  const [chosen = "model"] = question.by;
  return {
    span,
    width: question.width === "auto" ? widthFor(span) : question.width,
    zone: question.zone,
    filters: new Map([...question.where].filter(([each]) => canFilterBy(subject, each))),
    currency,
    dimension: subject.dimensions.includes(chosen) || chosen.startsWith("tag:") ? chosen : "model",
    now,
  };
}

/** Costs over the frame, the largest groups of a dimension apart. */
export function leadersQuery(frame: Frame, dimension: string, top: number): Query {
  return {
    subject: costsSubject(),
    ...frame.span,
    width: frame.width,
    zone: frame.zone,
    filters: costsFilters(frame),
    groupBy: [dimension],
    top,
  };
}

/** The filters of a frame, with the currency that it is in. */
function costsFilters({ filters, currency }: Frame): Filters {
  return currency === null ? filters : new Map([...filters, [CURRENCY, [currency]]]);
}

/** Costs by currency of the whole days that months and their rhythm are told from, today's among them. */
export function historyQuery(frame: Frame): Query {
  const today = dateAt(frame.zone, frame.now);
  const lastMonth = startOfDay(frame.zone, { ...today, month: today.month - 1, day: 1 });
  const rhythm = startOfDay(frame.zone, { ...today, day: today.day - RHYTHM_DAYS });
  return {
    subject: costsSubject(),
    start: Math.min(lastMonth, rhythm),
    end: null,
    width: "1d",
    zone: frame.zone,
    groupBy: [CURRENCY],
    filters: new Map([...frame.filters].filter(([dimension]) => dimension !== CURRENCY)),
  };
}

/** Whether days or hours are what can be remarkable in a frame. */
export function rhythmWidth({ width }: Frame): "1h" | "1d" {
  return WIDTH_SECONDS[width] < DAY_SECONDS ? "1h" : "1d";
}

/** Costs that the hours or days of a frame are compared with, and those of the frame itself. */
export function rhythmQuery(frame: Frame): Query {
  const width = rhythmWidth(frame);
  const days = width === "1h" ? HOURLY_RHYTHM_DAYS : RHYTHM_DAYS;
  const start = dateAt(frame.zone, frame.span.start);
  return {
    ...historyQuery(frame),
    width,
    start: startOfDay(frame.zone, { ...start, day: start.day - days }),
    end: Math.min(frame.span.end, Math.floor(frame.now)),
  };
}

/** Whether the history of the months says enough about the rhythm of a frame. */
export function historyHasRhythm(frame: Frame): boolean {
  const enough = historyQuery(frame).start + HOURLY_RHYTHM_DAYS * DAY_SECONDS;
  return rhythmWidth(frame) === "1d" && frame.span.start >= enough;
}

/** Costs around a bucket by group: what drove it is seen beside the others of its rhythm. */
export function driversQuery(frame: Frame, start: number): Query {
  const span = HOURLY_RHYTHM_DAYS * DAY_SECONDS;
  return {
    ...leadersQuery(frame, frame.dimension, 20),
    width: rhythmWidth(frame),
    start: start - span,
    end: Math.min(start + span, Math.floor(frame.now)),
  };
}

/** What groups had in the buckets before those that are over; null where no bucket is over. */
export function beforeQuery(
  frame: Frame,
  buckets: readonly Span[],
  dimension: string,
  values: readonly string[],
): Query | null {
  const whole = wholeSpan(buckets, frame.now);
  if (!whole || values.length === 0) return null;
  return {
    ...leadersQuery(frame, dimension, values.length),
    ...spanBefore(whole, frame.width, frame.zone),
    filters: new Map([...costsFilters(frame), [dimension, values]]),
  };
}

/** Counts over the frame and over the span before it. */
export interface Counts {
  readonly requests: readonly Big[];
  readonly tokens: readonly Big[];
  readonly requestsBefore: Big;
  readonly tokensBefore: Big;
}

/** Requests and tokens of every kind that has them. */
export async function countsOf(wire: Wire, frame: Frame, signal: AbortSignal): Promise<Counts> {
  const { start, end } = frame.span;
  const before = { start: start - (end - start), end: start };
  const kinds = SUBJECTS.filter((kind) => isCounted(kind, frame.filters));
  const ask = (subject: SubjectTable, span: Span, width: Width) =>
    sumsOf(wire, { subject, ...span, width, zone: frame.zone, filters: frame.filters }, signal);
  const [during, earlier] = await Promise.all([
    Promise.all(kinds.map((kind) => ask(kind, frame.span, frame.width))),
    // Usage is cut at the ends of its span, so that wide buckets lose nothing.
    Promise.all(kinds.map((kind) => ask(kind, before, "1mo"))),
  ]);
  const count = Math.max(0, ...during.map(({ buckets }) => buckets.length));
  const perBucket = (names: readonly string[]): readonly Big[] =>
    Array.from({ length: count }, (_, at) =>
      sum(during.map(({ buckets }) => quantitiesOf(buckets.slice(at, at + 1), names))),
    );
  const total = (names: readonly string[]): Big =>
    sum(earlier.map(({ buckets }) => quantitiesOf(buckets, names)));
  return {
    requests: perBucket([REQUESTS]),
    tokens: perBucket(TOKENS),
    requestsBefore: total([REQUESTS]),
    tokensBefore: total(TOKENS),
  };
}

/** Whether a kind has requests, and can be filtered by all that is filtered by. */
function isCounted(kind: SubjectTable, filters: Filters): boolean {
  const dimensions = [...filters.keys()].filter((dimension) => dimension !== CURRENCY);
  return (
    kind.quantities.some(({ name }) => name === REQUESTS) &&
    dimensions.every((dimension) => canFilterBy(kind, dimension))
  );
}

/** The amount of each bucket over all of its rows. */
export function amountsOf(buckets: readonly Bucket[]): readonly Big[] {
  return buckets.map((bucket) => quantitiesOf([bucket], [AMOUNT]));
}

function quantitiesOf(buckets: readonly Bucket[], names: readonly string[]): Big {
  return sum(
    buckets.flatMap(({ rows }) =>
      rows.flatMap((row) => names.map((name) => row.sums[name] ?? new Big(0))),
    ),
  );
}
