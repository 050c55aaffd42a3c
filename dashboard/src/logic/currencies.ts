import type { Filters } from "../wire/query";
import type { Sums } from "../wire/usage";

/** What costs are in when there are none that would say it. */
const USUAL = "usd";

/** The dimension by which amounts in different currencies are kept apart. */
export const CURRENCY = "currency";

/** The currency of an answer, which has one: the API never adds up two. Dollars of nothing. */
export function currencyOf({ buckets }: Sums): string {
  for (const { rows } of buckets) {
    for (const { currency } of rows) if (currency) return currency;
  }
  return USUAL;
}

/** The currencies of an answer that is grouped by them: those of the most buckets first, dollars
 * before others of as many. */
export function currenciesOf({ buckets }: Sums): readonly string[] {
  const counts = new Map<string, number>();
  for (const { rows } of buckets) {
    for (const { currency } of rows) {
      if (currency) counts.set(currency, (counts.get(currency) ?? 0) + 1);
    }
  }
  const rank = (currency: string): number =>
    (counts.get(currency) ?? 0) + (currency === USUAL ? 0.5 : 0);
  return [...counts.keys()].toSorted((one, other) => rank(other) - rank(one));
}

/** Which of the currencies one looks at: the one that is filtered by, else the first. */
export function chosenCurrency(currencies: readonly string[], filters: Filters): string {
  return filters.get(CURRENCY)?.[0] ?? currencies[0] ?? USUAL;
}

/** The same answer with what is in one currency. */
export function inCurrency(sums: Sums, currency: string): Sums {
  return {
    ...sums,
    buckets: sums.buckets.map((bucket) => ({
      ...bucket,
      rows: bucket.rows.filter((row) => row.currency === currency),
    })),
  };
}
