import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { startOfDay } from "../state/zones";
import { anomaliesOf, type Beat, driverOf } from "./anomalies";
import { type Day, monthOutlook } from "./forecast";
import {
  firstEventByCurl,
  firstEventByRecorder,
  firstEventByTransport,
  shellQuoted,
} from "./snippets";
import { median, medianDeviation } from "./statistics";

/** Days from a date on, one amount each, by the calendar of a zone. */
function daysFrom(zone: string, month: number, day: number, amounts: readonly number[]): Day[] {
  return amounts.map((amount, at) => ({
    start: startOfDay(zone, { year: 2026, month, day: day + at }),
    end: startOfDay(zone, { year: 2026, month, day: day + at + 1 }),
    amount: new Big(amount),
  }));
}

const noon = (month: number, day: number): number => Date.UTC(2026, month - 1, day, 12) / 1000;

describe("the month's outlook", () => {
  test("of an even spend is the month at that rate", () => {
    // 1 October to 10 November at 10 a day; today is half over and half spent.
    const days = daysFrom("UTC", 10, 1, [...Array<number>(40).fill(10), 5]);
    const month = monthOutlook(days, noon(11, 10), "UTC");
    expect(month.spent.toString()).toBe("95");
    expect(month.today.toString()).toBe("5");
    expect(month.forecast?.toString()).toBe("300");
    expect(month.lastMonth.toString()).toBe("310");
    // Nine whole days and half of the tenth.
    expect(month.lastMonthSoFar.toString()).toBe("95");
  });

  test("follows the weekdays", () => {
    // Monday 2 November on: 10 on weekdays, nothing at weekends; four weeks before the same.
    const week = [10, 10, 10, 10, 10, 0, 0];
    const days = daysFrom("UTC", 10, 5, [
      ...week,
      ...week,
      ...week,
      ...week,
      10,
      10,
      10,
      10,
      10,
      0,
      0,
      0,
    ]);
    const month = monthOutlook(days, startOfDay("UTC", { year: 2026, month: 11, day: 9 }), "UTC");
    // November 2026 has 21 weekdays.
    expect(month.forecast?.toString()).toBe("210");
  });

  test("knows nothing before the first whole day", () => {
    expect(monthOutlook([], noon(11, 10), "UTC").forecast).toBeNull();
    const today = daysFrom("UTC", 11, 10, [5]);
    expect(monthOutlook(today, noon(11, 10), "UTC").forecast).toBeNull();
  });

  test("does not take the time before the ledger for days without spend", () => {
    const days = daysFrom("UTC", 10, 1, [...Array<number>(38).fill(0), 10, 10, 0]);
    const month = monthOutlook(days, startOfDay("UTC", { year: 2026, month: 11, day: 10 }), "UTC");
    expect(month.forecast?.toString()).toBe("230");
  });

  test("of the last day compares with the whole of a shorter month", () => {
    const days = daysFrom("UTC", 2, 1, Array<number>(59).fill(1));
    const month = monthOutlook(days, noon(3, 31), "UTC");
    expect(month.lastMonthSoFar.toString()).toBe("28");
    expect(month.lastMonth.toString()).toBe("28");
  });

  test("goes by the calendar of the zone, and never falls below what is spent", () => {
    const zones = fc.constantFrom("UTC", "Europe/Paris", "Pacific/Auckland", "America/Sao_Paulo");
    const amounts = fc.array(fc.nat(1000), { minLength: 70, maxLength: 70 });
    fc.assert(
      fc.property(zones, amounts, (zone, spend) => {
        const days = daysFrom(zone, 9, 1, spend);
        const month = monthOutlook(days, noon(11, 9), zone);
        expect(month.start).toBe(startOfDay(zone, { year: 2026, month: 11, day: 1 }));
        expect(month.end).toBe(startOfDay(zone, { year: 2026, month: 12, day: 1 }));
        if (month.forecast) expect(month.forecast.gte(month.spent)).toBe(true);
        expect(month.lastMonthSoFar.lte(month.lastMonth)).toBe(true);
      }),
    );
  });
});

describe("anomalies", () => {
  const week = [100, 102, 98, 101, 103, 20, 18];
  const beats = (weeks: readonly (readonly number[])[]): Beat[] =>
    weeks.flat().map((value, at) => ({ start: at, rhythm: `${at % 7}`, value }));

  test("are not found in a rhythm, with noise and weekends", () => {
    const noisy = [0.97, 1, 1.06, 0.94, 1.02].map((by) => week.map((value) => value * by));
    expect(anomaliesOf(beats(noisy))).toEqual([]);
  });

  test("are what is far above or below its weekday", () => {
    const weeks = [week, week.with(5, 100), week, week.with(2, 10), week];
    const found = anomaliesOf(beats(weeks));
    expect(found.map(({ start, usual }) => [start, usual])).toEqual([
      [7 + 5, 20],
      [21 + 2, 98],
    ]);
    expect(found.map(({ score }) => Math.sign(score))).toEqual([1, -1]);
  });

  test("need enough others, and more than a trifle", () => {
    expect(anomaliesOf(beats([week, week.with(0, 900), week]))).toEqual([]);
    const trifle = [0, 0, 0, 1, 0].map((value) => [...week.slice(0, 6), value]);
    expect(anomaliesOf(beats(trifle))).toEqual([]);
  });

  test("do not depend on the unit", () => {
    const values = fc.array(fc.nat(1000), { minLength: 28, maxLength: 70 });
    fc.assert(
      fc.property(values, (amounts) => {
        const of = (by: number) =>
          anomaliesOf(beats([amounts.map((value) => value * by)])).map(({ start }) => start);
        expect(of(1024)).toEqual(of(1));
      }),
    );
  });

  test("are driven by what moved the most in their direction", () => {
    const groups = [
      { id: "steady", value: 100, others: [100, 101, 99] },
      { id: "grown", value: 90, others: [10, 12, 11] },
      { id: "new", value: 60, others: [] },
      { id: "shrunk", value: 1, others: [50, 50, 50] },
    ];
    expect(driverOf(groups, true)).toEqual({ id: "grown", value: 90, usual: 11 });
    expect(driverOf(groups, false)?.id).toBe("shrunk");
    expect(driverOf([], true)).toBeNull();
  });
});

describe("statistics", () => {
  test.each([
    [[3], 3],
    [[1, 2], 1.5],
    [[5, 1, 9], 5],
  ])("the median of %j is %d", (values, middle) => {
    expect(median(values)).toBe(middle);
  });

  test("the median deviation is not moved by one outlier", () => {
    expect(medianDeviation([1, 2, 3, 4, 1000])).toBe(1);
    expect(median([])).toBeNaN();
  });
});

describe("snippets", () => {
  test("have the address of the server that shows them", () => {
    const address = "https://host/books/";
    expect(firstEventByCurl(address, 1_790_000_000.7)).toContain("'https://host/books/v1/events'");
    expect(firstEventByCurl(address, 1_790_000_000.7)).toContain('"time": 1790000000,');
    expect(firstEventByRecorder(address)).toContain('Recorder("https://host/books")');
    expect(firstEventByTransport(address)).toContain('Recorder("https://host/books")');
  });

  test("quote for a shell", () => {
    expect(shellQuoted("it's $HOME")).toBe(`'it'\\''s $HOME'`);
  });
});

describe("the first event", () => {
  test("is JSON as it stands between the quotes", () => {
    const [, body = ""] = /-d '([^']*)'/.exec(firstEventByCurl("http://host/", 1)) ?? [];
    expect(JSON.parse(body)).toMatchObject({ kind: "completions", time: 1, input_tokens: 1830 });
  });
});
