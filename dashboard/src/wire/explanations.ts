import Big from "big.js";
import type { Wire } from "./wire";

/** One charge of an event: `quantity` in the rate's unit, times its price of one unit. */
export interface ExplainedLine {
  readonly label: string;
  readonly quantity: Big;
  readonly unit: string;
  /** Null where nobody states a price: unknown, and not free. */
  readonly unitPrice: Big | null;
  readonly currency: string | null;
  readonly amount: Big;
  readonly source: string;
  readonly note: string;
}

/** What one event costs, and by which card. */
export interface ExplainedEvent {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly kind: string;
  /** False for a sample of a stock that is not the largest of its day, and for what is voided. */
  readonly isCharged: boolean;
  /** Null for an event that counts. */
  readonly voided: Voided | null;
  readonly lines: readonly ExplainedLine[];
  /** By currency; none when nothing has a price. */
  readonly totals: readonly { readonly amount: Big; readonly currency: string }[];
  readonly card: Card;
}

/** When an event was taken out of every sum (ISO 8601, UTC), by which key, and why. */
export interface Voided {
  readonly at: string;
  readonly by: string;
  readonly reason: string;
}

/** The traits and dates of a rate card, as the API has them. */
export interface Card {
  readonly provider: string;
  readonly model: string | null;
  readonly batch: boolean;
  readonly service_tier: string | null;
  readonly above_input_tokens: number;
  readonly valid_from: string | null;
  readonly valid_until: string | null;
  readonly known_since: string | null;
  readonly rate_card: number | null;
}

interface WireRate {
  readonly label: string;
  readonly unit: string;
  readonly unit_price: string | null;
  readonly currency: string | null;
  readonly source: string;
  readonly note: string;
}

interface WireExplained {
  readonly id: string;
  readonly time: string;
  readonly kind: string;
  readonly charged: boolean;
  readonly voided?: Voided;
  readonly lines: readonly {
    readonly quantity: string;
    readonly amount: string;
    readonly rate: WireRate;
  }[];
  readonly totals: readonly { readonly amount: string; readonly currency: string }[];
  readonly card: Card;
}

/** The events of an id by time, each explained. Throws a `Fault`, or the signal's `AbortError`. */
export async function explanationOf(
  wire: Wire,
  eventId: string,
  signal?: AbortSignal,
): Promise<readonly ExplainedEvent[]> {
  const { value } = await wire.ask<{ readonly data: readonly WireExplained[] }>(
    "v1/prices/explanation",
    { parameters: { event_id: eventId }, signal },
  );
  return value.data.map((event) => ({
    id: event.id,
    time: event.time,
    kind: event.kind,
    isCharged: event.charged,
    voided: event.voided ?? null,
    lines: event.lines.map(({ quantity, amount, rate }) => ({
      label: rate.label,
      quantity: new Big(quantity),
      unit: rate.unit,
      unitPrice: rate.unit_price === null ? null : new Big(rate.unit_price),
      currency: rate.currency,
      amount: new Big(amount),
      source: rate.source,
      note: rate.note,
    })),
    totals: event.totals.map(({ amount, currency }) => ({ amount: new Big(amount), currency })),
    card: event.card,
  }));
}
