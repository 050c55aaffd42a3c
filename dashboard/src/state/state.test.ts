import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SUBJECTS, WIDTHS } from "../wire/tables";
import { readDates, writeDates } from "./dates";
import { readFields, writeFields } from "./fields";
import { type Place, readPlace, VIEWS, writePlace } from "./place";
import { DIMENSIONS_MAX, type Question, queryFor, questionFields } from "./question";
import {
  PRESETS,
  type Range,
  readRange,
  spanBefore,
  spanOf,
  wholeSpan,
  writeRange,
} from "./ranges";
import { DAY_SECONDS, dateAt, offsetAt, startOfDay, weekdayAt } from "./zones";

const ZONES = [
  "UTC",
  "Europe/Paris",
  "America/Sao_Paulo",
  "Asia/Kathmandu",
  "Africa/Cairo",
  "Australia/Lord_Howe",
];
const FIELDS = questionFields("Europe/Berlin");

const ranges: fc.Arbitrary<Range> = fc.oneof(
  fc.constantFrom(...PRESETS).map((preset) => ({ preset })),
  fc
    .tuple(fc.nat(2_000_000_000), fc.integer({ min: 1, max: 400_000_000 }))
    .map(([start, length]) => ({ span: { start, end: start + length } })),
);
const dimensions = fc.oneof(
  fc.constantFrom("model", "project_id", "line_item", "provider"),
  fc.string({ minLength: 1 }).map((name) => `tag:${name.replaceAll("=", "")}x`),
);
const questions: fc.Arbitrary<Question> = fc.record({
  kind: fc.constantFrom(...SUBJECTS.map((subject) => subject.name)),
  range: ranges,
  width: fc.constantFrom("auto" as const, ...WIDTHS),
  zone: fc.constantFrom(...ZONES),
  by: fc.uniqueArray(dimensions, { maxLength: DIMENSIONS_MAX }),
  where: fc
    .uniqueArray(fc.tuple(dimensions, fc.uniqueArray(fc.string(), { minLength: 1 })), {
      selector: ([dimension]) => dimension,
    })
    .map((entries) => new Map<string, readonly string[]>(entries)),
  order: fc.string(),
});

describe("the address", () => {
  test("reads every question as it was written", () => {
    fc.assert(
      fc.property(questions, fc.constantFrom(...VIEWS), (question, view) => {
        const place = { view, section: "", pairs: writeFields(FIELDS, question) };
        const read = readPlace(writePlace(place));
        expect(read).toEqual(place);
        expect(readFields(FIELDS, read.pairs)).toEqual(question);
      }),
    );
  });

  test("keeps sections, whatever is in them", () => {
    const sections = fc.array(fc.string({ minLength: 1 }).filter((part) => !part.includes("/")));
    fc.assert(
      fc.property(sections, (parts) => {
        const place: Place = { view: "prices", section: parts.join("/"), pairs: [] };
        expect(readPlace(writePlace(place))).toEqual(place);
      }),
    );
  });

  test("reads any text as something", () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.tuple(fc.string(), fc.string())), (hash, pairs) => {
        expect(VIEWS).toContain(readPlace(hash).view);
        const question = readFields(FIELDS, pairs);
        expect(readFields(FIELDS, writeFields(FIELDS, question))).toEqual(question);
      }),
    );
  });

  test("falls back to what is usual", () => {
    const pairs = readPlace(
      "#/explore?kind=nothing&range=yes&width=2d&zone=Mars/Base&by=shoe&where=shoe%3D4",
    ).pairs;
    expect(readFields(FIELDS, pairs)).toEqual({
      kind: "costs",
      range: { preset: "30d" },
      width: "auto",
      zone: "Europe/Berlin",
      by: [],
      where: new Map(),
      order: "",
    });
    expect(readPlace("#/nowhere?range=7d")).toEqual({ view: "overview", section: "", pairs: [] });
  });

  test("is short, and says its zone", () => {
    const pairs = writeFields(FIELDS, readFields(FIELDS, []));
    expect(writePlace({ view: "explore", section: "", pairs })).toBe(
      "#/explore?zone=Europe/Berlin",
    );
  });
});

describe("a question", () => {
  test("asks for what its subject has, and for no more", () => {
    const pairs = readPlace(
      "#/explore?kind=images&by=model&by=line_item&where=line_item=x&where=model=y",
    ).pairs;
    const query = queryFor(readFields(FIELDS, pairs), 1_790_000_000);
    expect(query.groupBy).toEqual(["model"]);
    expect([...(query.filters ?? [])]).toEqual([["model", ["y"]]]);
    expect(query.width).toBe("1d");
  });
});

describe("ranges", () => {
  test("are read as they were written", () => {
    fc.assert(
      fc.property(ranges, (range) => {
        expect(readRange(writeRange(range))).toEqual(range);
      }),
    );
  });

  test.each(["", "1d", "5..4", "4..4", "1..9999999999999", "-1..4", "1.5..4"])(
    "%s is none",
    (text) => {
      expect(readRange(text)).toBeNull();
    },
  );

  test("always have a length and end by now", () => {
    const moments = fc.integer({ min: 100_000_000, max: 4_000_000_000 });
    fc.assert(
      fc.property(
        fc.constantFrom(...PRESETS),
        moments,
        fc.constantFrom(...ZONES),
        (preset, now, zone) => {
          const { start, end } = spanOf({ preset }, now, zone);
          expect(start).toBeLessThan(end);
          expect(end).toBeLessThanOrEqual(now);
          expect(Number.isInteger(start)).toBe(true);
        },
      ),
    );
  });

  test("begin with whole days of the zone", () => {
    const now = Date.UTC(2026, 2, 31, 23, 30) / 1000;
    const paris = spanOf({ preset: "month" }, now, "Europe/Paris");
    // In Paris it is April already.
    expect(paris.start).toBe(Date.UTC(2026, 2, 31, 22) / 1000);
    expect(spanOf({ preset: "month" }, now, "UTC").start).toBe(Date.UTC(2026, 2, 1) / 1000);
    expect(spanOf({ preset: "last-month" }, now, "UTC")).toEqual({
      start: Date.UTC(2026, 1, 1) / 1000,
      end: Date.UTC(2026, 2, 1) / 1000,
    });
  });

  test("before others have as many days, also when clocks change", () => {
    const start = startOfDay("Europe/Paris", { year: 2026, month: 3, day: 29 });
    const end = startOfDay("Europe/Paris", { year: 2026, month: 4, day: 5 });
    expect(end - start).toBe(7 * DAY_SECONDS - 3600);
    expect(spanBefore({ start, end }, "1d", "Europe/Paris")).toEqual({
      start: startOfDay("Europe/Paris", { year: 2026, month: 3, day: 22 }),
      end: start,
    });
    expect(spanBefore({ start: 7200, end: 10_800 }, "1h", "UTC")).toEqual({
      start: 3600,
      end: 7200,
    });
    const months = {
      start: startOfDay("UTC", { year: 2026, month: 3, day: 1 }),
      end: startOfDay("UTC", { year: 2026, month: 5, day: 1 }),
    };
    expect(dateAt("UTC", spanBefore(months, "1mo", "UTC").start)).toEqual({
      year: 2026,
      month: 1,
      day: 1,
    });
  });

  test("of whole buckets leave out the one that goes on", () => {
    const buckets = [0, 10, 20].map((start) => ({ start, end: start + 10 }));
    expect(wholeSpan(buckets, 25)).toEqual({ start: 0, end: 20 });
    expect(wholeSpan(buckets, 5)).toBeNull();
  });
});

describe("dates", () => {
  test("are read as they were written, in every zone", () => {
    const days = fc.integer({ min: 1, max: 30_000 });
    fc.assert(
      fc.property(
        days,
        fc.integer({ min: 1, max: 500 }),
        fc.constantFrom(...ZONES),
        (day, length, zone) => {
          const start = startOfDay(zone, { year: 1970, month: 1, day: day + 1 });
          const end = startOfDay(zone, { year: 1970, month: 1, day: day + 1 + length });
          const { first, last } = writeDates({ start, end }, zone);
          expect(readDates(first, last, zone)).toEqual({ start, end });
        },
      ),
    );
  });

  test.each([
    ["2026-02-30", "2026-03-01"],
    ["2026-03-02", "2026-03-01"],
    ["", "2026-03-01"],
    ["x", "y"],
  ])("%s to %s is no span", (first, last) => {
    expect(readDates(first, last, "UTC")).toBeNull();
  });
});

describe("zones", () => {
  test("a day begins where its date does, and never later than the next", () => {
    const days = fc.integer({ min: 1, max: 24_000 });
    fc.assert(
      fc.property(days, fc.constantFrom(...ZONES), (day, zone) => {
        const date = { year: 1970, month: 1, day };
        const start = startOfDay(zone, date);
        const shown = new Date(Date.UTC(1970, 0, day));
        expect(dateAt(zone, start)).toEqual({
          year: shown.getUTCFullYear(),
          month: shown.getUTCMonth() + 1,
          day: shown.getUTCDate(),
        });
        // A moment before it was the day before.
        expect(dateAt(zone, start - 1).day).not.toBe(shown.getUTCDate());
        expect(weekdayAt(zone, start)).toBe((shown.getUTCDay() + 6) % 7);
      }),
    );
  });

  test("a midnight that clocks skip is the moment of the jump", () => {
    // Cairo, 28 April 2023: from 23:59:59 to 01:00:00.
    const start = startOfDay("Africa/Cairo", { year: 2023, month: 4, day: 28 });
    expect(start).toBe(Date.UTC(2023, 3, 27, 22) / 1000);
    expect(offsetAt("Africa/Cairo", start)).toBe(3 * 3600);
  });

  test("of two midnights the first counts", () => {
    // Sao Paulo, 18 February 2018: at midnight clocks went back to 23:00 of the 17th.
    expect(startOfDay("America/Havana", { year: 2026, month: 11, day: 1 })).toBe(
      Date.UTC(2026, 10, 1, 4) / 1000,
    );
  });
});
