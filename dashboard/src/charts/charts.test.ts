import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brushedSpan } from "./brush";
import {
  bandAt,
  bandsFor,
  labelledBars,
  linePath,
  scaleFor,
  segmentAt,
  stackedBar,
} from "./geometry";
import { COLOURS, ColourBook } from "./palette";
import { bucketTotals, seriesOf } from "./series";

const amounts = fc.oneof(fc.constant(0), fc.double({ min: 1e-15, max: 1e9, noNaN: true }));

describe("scales", () => {
  test("reach over the largest value in round steps from zero", () => {
    fc.assert(
      fc.property(amounts, fc.integer({ min: 2, max: 8 }), (largest, count) => {
        const { max, ticks } = scaleFor(largest, count);
        expect(max).toBeGreaterThanOrEqual(largest);
        expect(ticks[0]).toBe(0);
        expect(ticks.at(-1)).toBeLessThanOrEqual(max);
      }),
    );
  });
});

describe("stacked bars", () => {
  test("are found by how far down one points", () => {
    const segments = stackedBar([10, 0, 30], { max: 100, ticks: [] }, 200);
    expect(segmentAt(segments, 199)?.series).toBe(0);
    expect(segmentAt(segments, 179)?.series).toBe(2);
    expect(segmentAt(segments, 100)).toBeNull();
  });

  test("stand on one another and reach up to their sum", () => {
    fc.assert(
      fc.property(fc.array(amounts, { minLength: 1 }), (values) => {
        const total = values.reduce((one, other) => one + other, 0);
        const segments = stackedBar(values, scaleFor(total, 5), 200);
        let bottom = 200;
        for (const segment of segments) {
          expect(segment.y + segment.height).toBeCloseTo(bottom, 6);
          bottom = segment.y;
        }
        expect(segments).toHaveLength(values.filter((value) => value > 0).length);
      }),
    );
  });

  test("show what is hardly there", () => {
    const [, little] = stackedBar([1000, 0.0001], scaleFor(1000, 5), 200);
    expect(little?.height).toBe(0.5);
  });

  test("are found by the place of the pointer", () => {
    const bands = bandsFor(30, 600);
    expect(bandAt(-5, bands, 30)).toBe(0);
    expect(bandAt(19.9, bands, 30)).toBe(0);
    expect(bandAt(20, bands, 30)).toBe(1);
    expect(bandAt(9999, bands, 30)).toBe(29);
  });

  test("have labels that do not touch, the newest among them", () => {
    expect(labelledBars(30, 20, 60)).toEqual([2, 5, 8, 11, 14, 17, 20, 23, 26, 29]);
    expect(labelledBars(3, 200, 60)).toEqual([0, 1, 2]);
  });
});

describe("lines", () => {
  test("go from the left to the right between the bottom and the top", () => {
    expect(linePath([0, 5, 10], 20, 10)).toBe("M0.00 10.00L10.00 5.00L20.00 0.00");
    expect(linePath([1], 20, 10)).toBe("");
    expect(linePath([0, 0], 20, 10)).toBe("M0.00 10.00L20.00 10.00");
  });
});

describe("brushes", () => {
  const buckets = [0, 10, 20].map((start) => ({ start, end: start + 10 }));
  test("cover their bars in either direction", () => {
    expect(brushedSpan({ from: 2, to: 1 }, buckets)).toEqual({ start: 10, end: 30 });
    expect(brushedSpan({ from: 0, to: 0 }, buckets)).toEqual({ start: 0, end: 10 });
    expect(brushedSpan({ from: 0, to: 7 }, buckets)).toBeNull();
  });
});

describe("colours", () => {
  const groups = fc.uniqueArray(fc.string(), { maxLength: COLOURS });

  test("differ within a chart and stay from chart to chart where they can", () => {
    fc.assert(
      fc.property(groups, groups, (first, second) => {
        const book = new ColourBook();
        const before = book.slotsFor("model", first);
        expect(new Set(before).size).toBe(first.length);
        expect(new Set(book.slotsFor("model", second)).size).toBe(second.length);
        expect(book.slotsFor("model", first)).toEqual(before);
      }),
    );
  });

  test("are shared when there are more groups than colours", () => {
    const many = Array.from({ length: 20 }, (_, at) => `${at}`);
    for (const slot of new ColourBook().slotsFor("model", many)) expect(slot).toBeLessThan(COLOURS);
  });
});

describe("series", () => {
  const row = (key: string | null, amount: string, isOther = false) => ({
    keys: [key],
    isOther,
    sums: { amount: new Big(amount) },
    currency: "usd",
    quantity: null,
    unit: null,
  });
  const sums = {
    unpricedEvents: 0,
    buckets: [
      { start: 0, end: 1, rows: [row("a", "0.1"), row(null, "5", true)] },
      { start: 1, end: 2, rows: [row("b", "3"), row("a", "0.2"), row(null, "1")] },
    ],
  };

  test("have a value for each bucket, the largest first and the rest last", () => {
    const series = seriesOf(sums, "amount");
    expect(series.map((each) => [each.keys[0], each.isOther, each.total.toString()])).toEqual([
      ["b", false, "3"],
      [null, false, "1"],
      ["a", false, "0.3"],
      [null, true, "5"],
    ]);
    expect(series[2]?.values.map(String)).toEqual(["0.1", "0.2"]);
    expect(new Set(series.map((each) => each.id)).size).toBe(4);
  });

  test("add up to the buckets", () => {
    expect(bucketTotals(sums, "amount").map(String)).toEqual(["5.1", "4.2"]);
  });
});
