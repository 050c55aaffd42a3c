import type { Rate } from "../../wire/prices";
import { formatRate, lotOf, mainRates } from "./unit-prices";

/** What a card costs in one line, and who says so below it. */
export function RatesInShort({ rates }: { readonly rates: readonly Rate[] }) {
  const told = mainRates(rates);
  const [first] = told;
  if (!first) return null;
  return (
    <span class="two-lines">
      {told.some(({ unitPrice }) => unitPrice !== null) ? (
        <Prices rates={told} unit={first.unit} />
      ) : (
        <span>no price</span>
      )}
      <span class="second-line">{sourceOf(first)}</span>
    </span>
  );
}

/** Who states a rate, and why it is so. */
export function sourceOf({ source, note }: Rate): string {
  return [source, note].filter((part) => part !== "").join(": ");
}

function Prices({ rates, unit }: { readonly rates: readonly Rate[]; readonly unit: string }) {
  const isFree = rates.every(({ standing }) => standing === "free");
  return (
    <span class="rates">
      {rates.map((rate) => (
        <span key={rate.label}>
          <span class="quiet">{rate.label}</span>{" "}
          <span title={titleOf(rate)}>{formatRate(rate)}</span>
        </span>
      ))}
      {!isFree && <span class="quiet">per {lotOf(unit).text}</span>}
    </span>
  );
}

/** The price of one unit, with all of its decimals. */
function titleOf({ unitPrice, unit, currency }: Rate): string | undefined {
  if (unitPrice === null || currency === null) return undefined;
  return `${unitPrice.toFixed()} ${currency.toUpperCase()} per ${unit}`;
}
