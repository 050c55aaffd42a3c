import Big from "big.js";
import { grouped, threeDigits, trimmed } from "./digits";

/** The sign of a currency (lowercase ISO 4217), or its code and a space where it has none. */
export function currencySign(currency: string): string {
  const known = SIGNS.get(currency);
  if (known !== undefined) return known;
  const sign = signOf(currency.toUpperCase());
  SIGNS.set(currency, sign);
  return sign;
}

/** To ask the browser takes a while, and a table asks for every cell. */
const SIGNS = new Map<string, string>();

function signOf(code: string): string {
  try {
    const parts = new Intl.NumberFormat("en-US", { style: "currency", currency: code });
    const sign = parts.formatToParts(0).find((part) => part.type === "currency")?.value ?? code;
    return sign === code ? `${code}\u00a0` : sign;
  } catch {
    return `${code}\u00a0`;
  }
}

/**
 * An amount to read: whole cents, thousands apart, and two significant digits of what is less
 * than a cent, so that `$0.0042` is not `$0.00`. Rounds half up; `formatExact` has every decimal.
 */
export function formatMoney(amount: Big, currency = "usd"): string {
  const decimals = moneyDecimals(amount);
  return signed(amount, currency, grouped(amount.abs().toFixed(decimals, Big.roundHalfUp)));
}

/** An amount with all of its decimals, two at least. */
export function formatExact(amount: Big, currency = "usd"): string {
  const text = amount.abs().toFixed();
  const decimals = text.split(".")[1]?.length ?? 0;
  return signed(amount, currency, grouped(decimals < 2 ? amount.abs().toFixed(2) : text));
}

/** An amount for axes and narrow places: three significant digits, `$1.28M`, `$0`. */
export function formatMoneyShort(amount: Big, currency = "usd"): string {
  const absolute = amount.abs();
  if (absolute.eq(0)) return signed(absolute, currency, "0");
  for (const [limit, suffix] of SUFFIXES) {
    // What would be rounded up to the next suffix gets it.
    if (absolute.gte(limit.times("0.9995"))) {
      return signed(amount, currency, `${threeDigits(absolute.div(limit).toNumber())}${suffix}`);
    }
  }
  if (absolute.gte("0.01")) return signed(amount, currency, trimmed(absolute.toFixed(2)));
  return signed(amount, currency, trimmed(absolute.toFixed(moneyDecimals(absolute))));
}

/** How many decimals an amount is read with: two, or as many as two significant digits take. */
export function moneyDecimals(amount: Big): number {
  const absolute = amount.abs();
  if (absolute.eq(0) || absolute.gte("0.01")) return 2;
  // Counted after rounding: 0.00996 is 0.010.
  return 1 - absolute.prec(2).e;
}

/** The sum of amounts, exact. */
export function sum(amounts: Iterable<Big>): Big {
  let total = new Big(0);
  for (const amount of amounts) total = total.plus(amount);
  return total;
}

const SUFFIXES: readonly (readonly [Big, string])[] = [
  [new Big("1e12"), "T"],
  [new Big("1e9"), "B"],
  [new Big("1e6"), "M"],
  [new Big("1e3"), "k"],
];

function signed(amount: Big, currency: string, digits: string): string {
  return `${amount.lt(0) ? "\u2212" : ""}${currencySign(currency)}${digits}`;
}
