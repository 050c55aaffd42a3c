import type Big from "big.js";
import { grouped } from "../../quantities/digits";
import { currencySign } from "../../quantities/money";
import type { Rate } from "../../wire/prices";

/** How many of a unit people name a price for, and how a price file writes that. */
interface Lot {
  readonly count: number;
  /** As a price file has it: `1M tokens`. */
  readonly text: string;
}

const LOTS: Readonly<Record<string, Lot>> = {
  token: { count: 1_000_000, text: "1M tokens" },
  character: { count: 1_000_000, text: "1M characters" },
  call: { count: 1_000, text: "1k calls" },
  request: { count: 1_000, text: "1k requests" },
};

/** How many of a unit people name a price for; of most units one. */
export function lotOf(unit: string): Lot {
  return LOTS[unit] ?? { count: 1, text: unit };
}

/** What a lot costs, of a price for one: exact, two decimals at least. */
export function lotPrice(unitPrice: Big, unit: string): Big {
  return unitPrice.times(lotOf(unit).count);
}

/** A rate to read, exact: `$1.25`, `free`, `no price`. */
export function formatRate({ unitPrice, unit, currency, standing }: Rate): string {
  if (unitPrice === null) return "no price";
  if (standing === "free" || unitPrice.eq(0)) return "free";
  const price = lotPrice(unitPrice, unit);
  const text = price.toFixed();
  const decimals = text.split(".")[1]?.length ?? 0;
  return `${currencySign(currency ?? "usd")}${grouped(decimals < 2 ? price.toFixed(2) : text)}`;
}

/** Lines of a card that cost the same, as one. */
export interface RateGroup {
  readonly labels: readonly string[];
  /** The first of the lines; the others differ in their label alone. */
  readonly rate: Rate;
}

/**
 * The lines of a card in their order, those of one price, source and note together.
 *
 * Most models have one price for all that is read and one for all that is written: eleven lines
 * that say three things.
 */
export function groupedRates(rates: readonly Rate[]): readonly RateGroup[] {
  const groups = new Map<string, { labels: string[]; rate: Rate }>();
  for (const rate of rates) {
    const { unitPrice, unit, currency, source, note, standing } = rate;
    const id = JSON.stringify([unitPrice?.toFixed(), unit, currency, source, note, standing]);
    const group = groups.get(id);
    if (group) group.labels.push(rate.label);
    else groups.set(id, { labels: [rate.label], rate });
  }
  return [...groups.values()];
}

/** What people compare models by. */
const TOLD = ["input", "cached input", "output"];

/** The lines that say most about a card: input, cached input and output, or all it has. */
export function mainRates(rates: readonly Rate[]): readonly Rate[] {
  const told = rates.filter(({ label }) => TOLD.includes(label));
  return told.length > 0 ? told : rates;
}
