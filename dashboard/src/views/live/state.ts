import { choiceField, type Fields, textField, writeFields } from "../../state/fields";
import type { Place } from "../../state/place";
import { type Question, questionFields } from "../../state/question";
import type { Span } from "../../state/ranges";
import { COSTS } from "../../wire/tables";

/** How far back one looks, in minutes. */
export const SPANS = ["15", "30", "60"] as const;
export type SpanMinutes = (typeof SPANS)[number];

/** What a minute is measured by. */
export const MEASURES = ["requests", "tokens", "spend"] as const;
export type Measure = (typeof MEASURES)[number];

/** What one looks at: of the question that views share, its zone and filters. */
export interface LiveState extends Question {
  readonly minutes: SpanMinutes;
  readonly show: Measure;
  /** Lowercase ISO 4217; empty is the one that is used most. */
  readonly currency: string;
}

/** The fields of the view; `zone` is that of whoever has said nothing about it. */
export function liveFields(zone: string): Fields<LiveState> {
  return {
    ...questionFields(zone),
    minutes: choiceField(SPANS, "30"),
    show: choiceField(MEASURES, "requests"),
    currency: textField(),
  };
}

/** The first moment of what is looked at, in Unix seconds: a whole minute. */
export function startOf(minutes: SpanMinutes, now: number): number {
  const minute = Math.floor(now / 60);
  return (minute - Number(minutes) + 1) * 60;
}

/** Where a minute is looked into: its costs in Explore, with the same filters. */
export function minutePlace(state: LiveState, span: Span): Place {
  const { zone, where, by, order } = state;
  const question: Question = { kind: COSTS, range: { span }, width: "1m", zone, where, by, order };
  return { view: "explore", section: "", pairs: writeFields(questionFields(zone), question) };
}
