import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  formatBytes,
  formatCount,
  formatCountShort,
  formatQuantity,
  quantityLabel,
} from "./counts";
import { formatExact, formatMoney, formatMoneyShort, sum } from "./money";
import { changeOf, formatChange, formatShare, shareOf } from "./shares";
import { formatAgo, formatBucket, formatRange, formatTick } from "./times";

/** Amounts as the wire has them: up to 12 decimals. */
const amounts = fc
  .tuple(fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }), fc.integer({ min: 0, max: 12 }))
  .map(([digits, decimals]) => new Big(digits.toString()).div(new Big(10).pow(decimals)));

/** The number that a formatted amount says. */
function said(text: string): Big {
  return new Big(text.replace(/[$,]/g, "").replace("\u2212", "-"));
}

describe("money", () => {
  test.each([
    ["0", "$0.00"],
    ["0.0042", "$0.0042"],
    ["0.004249", "$0.0042"],
    ["0.0099", "$0.0099"],
    ["0.00996", "$0.010"],
    ["0.000000123456", "$0.00000012"],
    ["0.01", "$0.01"],
    ["12.345", "$12.35"],
    ["1234567.891", "$1,234,567.89"],
    ["-3.5", "\u2212$3.50"],
  ])("%s is read as %s", (value, text) => {
    expect(formatMoney(new Big(value))).toBe(text);
  });

  test.each([
    ["0", "$0"],
    ["0.0042", "$0.0042"],
    ["0.5", "$0.5"],
    ["20", "$20"],
    ["999.6", "$1k"],
    ["1284000", "$1.28M"],
    ["2500000000", "$2.5B"],
  ])("%s is short as %s", (value, text) => {
    expect(formatMoneyShort(new Big(value))).toBe(text);
  });

  test("is never nothing when it is something", () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(said(formatMoney(amount)).eq(0)).toBe(amount.eq(0));
      }),
    );
  });

  test("is as near as its digits let it be", () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        const distance = said(formatMoney(amount)).minus(amount).abs();
        expect(distance.lte("0.005")).toBe(true);
        expect(distance.lte(amount.abs().times("0.5"))).toBe(true);
      }),
    );
  });

  test("has every decimal when it is exact", () => {
    fc.assert(
      fc.property(amounts, (amount) => {
        expect(said(formatExact(amount)).eq(amount)).toBe(true);
      }),
    );
  });

  test("has the sign of its currency, or its code", () => {
    expect(formatMoney(new Big(5), "eur")).toBe("€5.00");
    expect(formatMoney(new Big(5), "chf")).toBe("CHF\u00a05.00");
    expect(formatMoney(new Big(5), "credits")).toBe("CREDITS\u00a05.00");
  });

  test("adds up without a loss", () => {
    expect(sum(["0.1", "0.2"].map((value) => new Big(value))).toString()).toBe("0.3");
  });
});

describe("counts", () => {
  test.each([
    [0, "0"],
    [9_999, "9,999"],
    [12_345, "12.3k"],
    [999_600, "1M"],
    [1_284_000, "1.28M"],
    [233_000_000, "233M"],
  ])("%d is short as %s", (count, text) => {
    expect(formatCountShort(count)).toBe(text);
  });

  test("keep digits that a float has not", () => {
    expect(formatCount(new Big("9007199254740993"))).toBe("9,007,199,254,740,993");
  });

  test("stand in their units", () => {
    expect(formatQuantity(1, "requests")).toBe("1\u00a0request");
    expect(formatQuantity(1_280_000, "tokens")).toBe("1.28M\u00a0tokens");
    expect(formatQuantity(1536, "bytes")).toBe("1.5\u00a0KiB");
    expect(formatBytes(1023)).toBe("1,023\u00a0B");
    expect(quantityLabel("num_model_requests")).toBe("model requests");
  });
});

describe("shares and changes", () => {
  test.each([
    [0, "0%"],
    [0.0004, "<0.1%"],
    [0.052, "5.2%"],
    [0.0997, "10%"],
    [0.46, "46%"],
    [0.9999, ">99.9%"],
    [1, "100%"],
  ])("%d is %s", (share, text) => {
    expect(formatShare(share)).toBe(text);
  });

  test("a part of nothing is nothing", () => {
    expect(shareOf(new Big(0), new Big(0))).toBe(0);
  });

  test.each([
    ["112", "100", "+12%"],
    ["96.6", "100", "\u22123.4%"],
    ["100", "100", "0%"],
    ["100.001", "100", "0%"],
    ["1400", "100", "\u00d714"],
    ["5", "0", "new"],
    ["0", "0", "\u2013"],
  ])("from %s after %s it changed by %s", (now, before, text) => {
    expect(formatChange(changeOf(new Big(now), new Big(before)))).toBe(text);
  });
});

describe("times", () => {
  const noon = Date.UTC(2026, 10, 25, 12) / 1000;

  test("are those of the chosen zone", () => {
    expect(formatTick(noon, "1h", "Asia/Tokyo")).toBe("21:00");
    expect(formatTick(noon, "1d", "UTC")).toBe("25 Nov");
    expect(formatBucket(noon, noon + 3600, "1h", "Europe/Paris")).toBe("25 Nov 2026, 13:00–14:00");
    expect(formatBucket(noon, noon + 86_400, "1d", "UTC")).toBe("Wed, 25 Nov 2026");
  });

  test("are dates when they are whole days", () => {
    const midnight = Date.UTC(2026, 10, 25) / 1000;
    const day = { start: midnight, end: midnight + 86_400 };
    expect(formatRange(day, "UTC")).toBe("25 Nov 2026");
    expect(formatRange({ ...day, end: day.end + 86_400 }, "UTC")).toBe("25 Nov 2026 – 26 Nov 2026");
    expect(formatRange(day, "Europe/Paris")).toBe("25 Nov 2026, 01:00 – 26 Nov 2026, 01:00");
  });

  test.each([
    [10, "just now"],
    [50, "1 minute ago"],
    [3600, "1 hour ago"],
    [3 * 86_400, "3 days ago"],
    [800 * 86_400, "2 years ago"],
  ])("%d seconds are %s", (past, text) => {
    expect(formatAgo(noon - past, noon)).toBe(text);
  });
});
