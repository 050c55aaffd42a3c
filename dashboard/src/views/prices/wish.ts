import { readDates } from "../../state/dates";
import { DAY_SECONDS, UTC } from "../../state/zones";
import type { Repricing, RepricingWish } from "../../wire/prices";

/** What one fills in to price events again. Days are of UTC, as those of the price file are. */
export interface WishForm {
  /** The first day: `2026-11-01`. */
  readonly first: string;
  /** The last day, included; empty for all that follow. */
  readonly last: string;
  /** A name, or a pattern with * and ?; empty for all. */
  readonly model: string;
}

/** The wish of a form; null while its days are none, or in reverse. */
export function wishOf({ first, last, model }: WishForm): RepricingWish | null {
  const span = readDates(first, last === "" ? first : last, UTC);
  if (!span) return null;
  const until = last === "" ? null : span.end;
  return { since: span.start, until, model: model.trim() === "" ? null : model.trim() };
}

/** A day of UTC as a date field has it. */
export function dayOf(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 10);
}

/** Which days were priced again: `from 1 Nov 2026` or both ends, as dates. */
export function repricedDays({ since, until, at }: Repricing): {
  readonly first: string;
  /** Null when there was no end but the latest moment that any event could have. */
  readonly last: string | null;
} {
  const isOpen = at !== null && until >= at + DAY_SECONDS / 2;
  return { first: dayOf(since), last: isOpen ? null : dayOf(until - 1) };
}
