import type { Sums } from "../../wire/usage";

/** The currency of an answer, which has one: the API never adds up two. Dollars of nothing. */
export function currencyOf({ buckets }: Sums): string {
  for (const { rows } of buckets) {
    for (const { currency } of rows) if (currency) return currency;
  }
  return "usd";
}
