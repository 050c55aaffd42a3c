import Big from "big.js";
import type { RateCard, Traits } from "../../wire/prices";
import { PRICE_KEYS, type PriceKey, STANDARD_TIERS } from "../../wire/tables";
import { isStandard } from "./traits";
import { lotOf } from "./unit-prices";

/** An entry of the price file as it is being written. */
export interface Entry {
  readonly traits: Traits;
  /** The first day that it holds, `2026-05-01` in UTC; empty for always. */
  readonly from: string;
  /** Lowercase ISO 4217. */
  readonly currency: string;
  /** What was typed for each price, by the name of its key; empty is left out. */
  readonly prices: Readonly<Record<string, string>>;
  readonly note: string;
}

/** What can be typed into an entry for a card. */
export interface EntryKeys {
  /** Prices that stand for themselves. */
  readonly main: readonly PriceKey[];
  /** Prices that are those of a wider one unless they are stated. */
  readonly narrow: readonly PriceKey[];
}

/** The prices that a card lacks. */
export function missingKeys({ rates }: RateCard): EntryKeys {
  const keys = rates
    .filter(({ standing }) => standing === "unpriced")
    .flatMap(({ label }) => PRICE_KEYS.get(label) ?? []);
  const wideUnits = new Set(keys.filter((key) => key.isWide).map(({ unit }) => unit));
  const isMain = (key: PriceKey): boolean => key.isWide || !wideUnits.has(key.unit);
  return { main: keys.filter(isMain), narrow: keys.filter((key) => !isMain(key)) };
}

/** The most decimals of the price of one unit, inclusive. */
const DECIMALS_MAX = 15;
/** The price of one unit is less. */
const UNIT_PRICE_END = 1_000;

/** What is wrong with an amount as it was typed; null when nothing is, or when nothing was typed. */
export function amountFault(typed: string, unit: string): string | null {
  const text = typed.trim();
  if (text === "" || text === "free") return null;
  if (!/^\d{1,12}(\.\d{1,30})?$/.test(text)) {
    return "Digits, and a point if need be; or free.";
  }
  const amount = new Big(text);
  if (amount.eq(0)) return "What costs nothing is written free.";
  const { count } = lotOf(unit);
  if (amount.gte(UNIT_PRICE_END * count)) return `Less than ${UNIT_PRICE_END} per ${unit}.`;
  const decimals = (text.split(".")[1] ?? "").replace(/0+$/, "").length + String(count).length - 1;
  return decimals > DECIMALS_MAX ? `At most ${DECIMALS_MAX} decimals per ${unit}.` : null;
}

/** Whether an entry can be pasted: one price at least, and none that is wrong. */
export function isComplete(entry: Entry, keys: readonly PriceKey[]): boolean {
  const typed = keys.filter(({ name }) => (entry.prices[name] ?? "").trim() !== "");
  const isGood = keys.every(({ name, unit }) => !amountFault(entry.prices[name] ?? "", unit));
  return typed.length > 0 && isGood && (entry.from === "" || isDay(entry.from));
}

/** The entry as a price file has it: `[[price]]` and its lines. */
export function entryText(entry: Entry, keys: readonly PriceKey[]): string {
  const { traits, from, currency, prices, note } = entry;
  const lines = ["[[price]]"];
  const add = (name: string, value: string | null): void => {
    if (value !== null && value !== "") lines.push(`${name} = ${value}`);
  };
  add("provider", quoted(traits.provider));
  add("model", quoted(traits.model));
  // The card's own kind: what else the model does keeps the prices that it has.
  add("kind", quoted(traits.kind));
  if (!isStandard(traits)) {
    add("batch", traits.isBatch ? "true" : null);
    const { serviceTier } = traits;
    add(
      "service_tier",
      serviceTier && !STANDARD_TIERS.has(serviceTier) ? quoted(serviceTier) : null,
    );
  }
  add("size", quoted(traits.size));
  add("quality", quoted(traits.quality));
  add("context_level", quoted(traits.contextLevel));
  add("input_tokens_above", traits.aboveInputTokens > 0 ? String(traits.aboveInputTokens) : null);
  add("from", isDay(from) ? from : null);
  add("currency", currency === "usd" ? null : quoted(currency));
  for (const { name, unit } of keys) {
    const typed = (prices[name] ?? "").trim();
    if (typed === "" || amountFault(typed, unit)) continue;
    add(name, quoted(typed === "free" ? typed : `${typed} / ${lotOf(unit).text}`));
  }
  add("note", quoted(note.trim() || null));
  return `${lines.join("\n")}\n`;
}

/** A text as a basic string of TOML, whose escapes are those of JSON but for DEL. */
function quoted(text: string | null): string | null {
  return text === null ? null : JSON.stringify(text).replaceAll("\u007f", "\\u007f");
}

function isDay(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}$/.test(text);
}
