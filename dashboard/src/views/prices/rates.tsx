import type { Rate } from "../../wire/prices";
import { formatRate, lotOf, mainRates } from "./unit-prices";

/** What a card costs in one line, and who says so below it. */
export function RatesInShort({ rates }: { readonly rates: readonly Rate[] }) {
  const told = mainRates(rates);
  const [first] = told;
  if (!first) return null;
  const isUnpriced = told.every(({ unitPrice }) => unitPrice === null);
  const priced = isUnpriced ? [] : told;
  const isFree = told.every(({ standing }) => standing === "free");
  return (
    <span class="two-lines">
      <span class="rates">
        {isUnpriced && <span>no price</span>}
        {priced.map((rate) => (
          <span key={rate.label} class="rate">
            <span class="quiet">{rate.label}</span>{" "}
            <span title={titleOf(rate)}>{formatRate(rate)}</span>
          </span>
        ))}
        {!isFree && !isUnpriced && <span class="quiet">per {lotOf(first.unit).text}</span>}
      </span>
      <span class="second-line">{sourceOf(first)}</span>
    </span>
  );
}

/** Who states a rate, and why it is so. */
export function sourceOf({ source, note }: Rate): string {
  return [source, note].filter((part) => part !== "").join(": ");
}

function titleOf({ unitPrice, unit, currency }: Rate): string | undefined {
  return unitPrice === null
    ? undefined
    : `${unitPrice.toFixed()} ${(currency ?? "").toUpperCase()} per ${unit}`;
}
