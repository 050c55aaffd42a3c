import Big from "big.js";
import type { Wire } from "./wire";

/** The routes of `v1/prices`: amounts are exact decimals, times Unix seconds. */

/** What is known of a price: somebody states it, it is nothing, it is a share of another, nobody does. */
export type Standing = "priced" | "free" | "estimated" | "unpriced";

/** One line of a rate card. */
export interface Rate {
  /** What is paid for: `cached input`. */
  readonly label: string;
  readonly standing: Standing;
  /** For one `unit`; null where nobody states it. */
  readonly unitPrice: Big | null;
  readonly unit: string;
  /** Lowercase ISO 4217; null where nobody states a price. */
  readonly currency: string | null;
  /** Who says so: a catalogue and its version, or a line of the price file. */
  readonly source: string;
  /** Why it is so; empty without a reason. */
  readonly note: string;
}

/** Which requests a rate card is for. Null is any, but for a model: tools have none. */
export interface Traits {
  readonly kind: string;
  readonly provider: string;
  readonly model: string | null;
  readonly isBatch: boolean;
  readonly serviceTier: string | null;
  readonly size: string | null;
  readonly quality: string | null;
  readonly contextLevel: string | null;
  /** For requests of more input tokens (exclusive). */
  readonly aboveInputTokens: number;
}

/** The prices of one sort of request, valid in `[validFrom, validUntil)`; null is open. */
export interface RateCard {
  readonly traits: Traits;
  readonly validFrom: number | null;
  readonly validUntil: number | null;
  readonly standing: Standing;
  readonly rates: readonly Rate[];
  /** How many events have it; null for a card that is read from the price book alone. */
  readonly events: number | null;
  readonly firstEvent: number | null;
  readonly lastEvent: number | null;
}

/** Rate cards, and why the price file as it is now is not in force (null when it is). */
export interface Cards {
  readonly cards: readonly RateCard[];
  readonly fault: string | null;
}

/** What a model's requests cost on a day (UTC), before and after: null where nobody states a price. */
export interface Difference {
  /** `2026-11-25`. */
  readonly day: string;
  readonly model: string | null;
  readonly currency: string;
  /** How many events have another rate card. */
  readonly events: number;
  readonly before: Big | null;
  readonly after: Big | null;
}

/** What a repricing changes, or changed. */
export interface Repricing {
  readonly isApplied: boolean;
  /** How many events have another rate card. */
  readonly events: number;
  readonly differences: readonly Difference[];
  readonly totals: readonly { readonly currency: string; before: Big; after: Big }[];
  readonly since: number;
  readonly until: number;
  /** A name or a pattern; null for all. */
  readonly model: string | null;
  /** When, by whom and why; null of one that was not applied, or that was just now. */
  readonly at: number | null;
  readonly who: string | null;
  readonly why: string | null;
}

/** Which events are priced again, as the API takes it: `[since, until)` in Unix seconds. */
export interface RepricingWish {
  readonly since: number;
  readonly until: number | null;
  readonly model: string | null;
}

/** The scope that pricing again takes. */
export const PRICES_WRITE = "api.prices.write";

interface WireRate {
  readonly label: string;
  readonly standing: Standing;
  readonly unit_price: string | null;
  readonly unit: string;
  readonly currency: string | null;
  readonly source: string;
  readonly note: string;
}

interface WireCard {
  readonly kind: string;
  readonly provider: string;
  readonly model: string | null;
  readonly batch: boolean;
  readonly service_tier: string | null;
  readonly size: string | null;
  readonly quality: string | null;
  readonly context_level: string | null;
  readonly above_input_tokens: number;
  readonly valid_from: string | null;
  readonly valid_until: string | null;
  readonly standing: Standing;
  readonly rates: readonly WireRate[];
  readonly events: number | null;
  readonly first_event: string | null;
  readonly last_event: string | null;
}

interface WireCards {
  readonly data: readonly WireCard[];
  readonly fault: string | null;
}

interface WireRepricing {
  readonly applied: boolean;
  readonly events: number;
  readonly differences: readonly (Omit<Difference, "before" | "after"> & {
    readonly old: string | null;
    readonly new: string | null;
  })[];
  readonly totals: readonly { readonly currency: string; readonly old: string; new: string }[];
  readonly since: string;
  readonly until: string;
  readonly model: string | null;
  readonly at: string | null;
  readonly who: string | null;
  readonly why: string | null;
}

/** The rate cards that events have. Throws a `Fault`, like all of these. */
export async function cardsInUse(wire: Wire, signal?: AbortSignal): Promise<Cards> {
  return readCards((await wire.ask<WireCards>("v1/prices/cards", { signal })).value);
}

/** What requests to a model cost at a moment. */
export async function priceList(
  wire: Wire,
  asked: { readonly provider: string; readonly model: string; readonly at: number },
  signal?: AbortSignal,
): Promise<Cards> {
  const sending = { parameters: { ...asked }, signal };
  return readCards((await wire.ask<WireCards>("v1/prices/list", sending)).value);
}

/** Every repricing that was applied, in order of time. */
export async function repricings(wire: Wire, signal?: AbortSignal): Promise<readonly Repricing[]> {
  interface Answer {
    readonly data: readonly WireRepricing[];
  }
  return (await wire.ask<Answer>("v1/prices/repricings", { signal })).value.data.map(readRepricing);
}

/** What pricing again would change. */
export function previewRepricing(
  wire: Wire,
  wish: RepricingWish,
  signal?: AbortSignal,
): Promise<Repricing> {
  return postRepricing(wire, { ...wish, apply: false }, signal);
}

/** Price again; `why` is kept with it. */
export function applyRepricing(wire: Wire, wish: RepricingWish, why: string): Promise<Repricing> {
  return postRepricing(wire, { ...wish, apply: true, why });
}

async function postRepricing(
  wire: Wire,
  body: Readonly<Record<string, unknown>>,
  signal?: AbortSignal,
): Promise<Repricing> {
  const sending = { method: "POST", body, signal } as const;
  return readRepricing((await wire.ask<WireRepricing>("v1/prices/repricings", sending)).value);
}

function readCards({ data, fault }: WireCards): Cards {
  return { cards: data.map(readCard), fault };
}

function readCard(card: WireCard): RateCard {
  return {
    traits: {
      kind: card.kind,
      provider: card.provider,
      model: card.model,
      isBatch: card.batch,
      serviceTier: card.service_tier,
      size: card.size,
      quality: card.quality,
      contextLevel: card.context_level,
      aboveInputTokens: card.above_input_tokens,
    },
    validFrom: seconds(card.valid_from),
    validUntil: seconds(card.valid_until),
    standing: card.standing,
    rates: card.rates.map(({ unit_price, ...rate }) => ({
      ...rate,
      unitPrice: decimal(unit_price),
    })),
    events: card.events,
    firstEvent: seconds(card.first_event),
    lastEvent: seconds(card.last_event),
  };
}

function readRepricing(repricing: WireRepricing): Repricing {
  return {
    isApplied: repricing.applied,
    events: repricing.events,
    differences: repricing.differences.map(({ old, new: after, ...each }) => ({
      ...each,
      before: decimal(old),
      after: decimal(after),
    })),
    totals: repricing.totals.map(({ currency, old, new: after }) => ({
      currency,
      before: new Big(old),
      after: new Big(after),
    })),
    since: Date.parse(repricing.since) / 1000,
    until: Date.parse(repricing.until) / 1000,
    model: repricing.model,
    at: seconds(repricing.at),
    who: repricing.who,
    why: repricing.why,
  };
}

function decimal(text: string | null): Big | null {
  return text === null ? null : new Big(text);
}

function seconds(moment: string | null): number | null {
  return moment === null ? null : Date.parse(moment) / 1000;
}
