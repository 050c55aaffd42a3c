import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ColourBook } from "../../charts/palette";
import { readFields, writeFields } from "../../state/fields";
import { readPlace, writePlace } from "../../state/place";
import { PRESETS } from "../../state/ranges";
import { subjectOf } from "../../wire/tables";
import type { Key, Row, Sums } from "../../wire/usage";
import {
  backTo,
  intoBar,
  intoGroup,
  intoPart,
  nextDimension,
  standingSteps,
  toEvents,
} from "./drill";
import { quantitiesOf } from "./events-table";
import { CHART_GROUPS, drawnGroups, type Grouped, groupedBy, sorted } from "./groups";
import { GROUPS_MAX, inquiryOf, valuesQuery } from "./inquiry";
import { courseAsCells, fileName, linesAsCells, nameOf, shownQuantities, sortOf } from "./lines";
import {
  aboutKind,
  askedOf,
  DEFAULT_SORT,
  drawnWidth,
  type Exploration,
  explorationFields,
  measureOf,
  type Step,
} from "./state";

const FIELDS = explorationFields("UTC");
const DAY = 86_400;
const NOW = 1_790_000_000;
const SPAN = { start: NOW - 2 * DAY, end: NOW };
const COUNTED = { quantities: ["amount"], measure: "amount", isStock: false };

const labelOf = (_: string, key: Key): string => `${key}`;

function explored(hash: string): Exploration {
  return readFields(FIELDS, readPlace(hash).pairs);
}

function row(keys: readonly Key[], amount: string, isOther = false): Row {
  return {
    keys,
    isOther,
    sums: { amount: new Big(amount) },
    currency: "usd",
    quantity: null,
    unit: null,
  };
}

function answer(...buckets: readonly (readonly Row[])[]): Sums {
  return {
    buckets: buckets.map((rows, at) => ({ start: at * DAY, end: (at + 1) * DAY, rows })),
    unpricedEvents: 0,
  };
}

describe("the address of an exploration", () => {
  const steps: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      dimension: fc.constantFrom("model", "project_id", "tag:team", "line_item"),
      value: fc.string(),
    }),
    fc.constantFrom(...PRESETS).map((preset) => ({ before: { preset } })),
  );

  test("keeps all of it", () => {
    const explorations = fc.record({
      sort: fc.record({ key: fc.stringMatching(/^[a-z:_]*$/), isDescending: fc.boolean() }),
      via: fc.array(steps, { maxLength: 12 }),
      event: fc.string(),
      pages: fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 40 }),
    });
    fc.assert(
      fc.property(explorations, (part) => {
        const state: Exploration = { ...explored("#/explore"), ...part };
        const place = {
          view: "explore" as const,
          section: "events",
          pairs: writeFields(FIELDS, state),
        };
        expect(readFields(FIELDS, readPlace(writePlace(place)).pairs)).toEqual(state);
      }),
    );
  });

  test("reads what is no step as none", () => {
    expect(explored("#/explore?via=shoe%3D4&via=range%3Dyes&via=&via=model%3Dx").via).toEqual([
      { dimension: "model", value: "x" },
    ]);
  });

  test("tells what is asked from how it is looked at", () => {
    const state = explored("#/explore");
    expect(askedOf({ ...state, event: "e", sort: { key: "model", isDescending: false } })).toBe(
      askedOf(state),
    );
    expect(askedOf({ ...state, by: ["user_id"] })).not.toBe(askedOf(state));
  });
});

describe("an inquiry", () => {
  test("is one question for the chart and the table", () => {
    const { query, dimensions } = inquiryOf(explored("#/explore?by=model&by=project_id"), NOW);
    expect(dimensions).toEqual(["model", "project_id"]);
    expect(query).toMatchObject({ groupBy: ["model", "project_id"], top: GROUPS_MAX, width: "1d" });
  });

  test("ranks nothing without groups, and usage by the number that is shown", () => {
    expect(inquiryOf(explored("#/explore?by="), NOW).query.top).toBeUndefined();
    const usage = explored("#/explore?kind=completions&order=output_tokens");
    expect(inquiryOf(usage, NOW).query.orderBy).toBe("output_tokens");
    expect(measureOf(explored("#/explore?kind=completions&order=shoes"))).toBe("input_tokens");
  });

  test("is never of more bars than can be drawn", () => {
    const state = explored("#/explore?range=12mo&width=1m");
    expect(drawnWidth(state, { start: 0, end: 365 * DAY })).toBe("1w");
    expect(drawnWidth(state, { start: 0, end: DAY })).toBe("1m");
  });

  test("asks for values with all filters but their own", () => {
    const state = explored("#/explore?where=model%3Dx&where=project_id%3Dp");
    const query = valuesQuery(inquiryOf(state, NOW), "model");
    expect(query.groupBy).toEqual(["model"]);
    expect([...(query.filters ?? [])]).toEqual([["project_id", ["p"]]]);
  });

  test("of another kind keeps what that can be asked", () => {
    const state = explored("#/explore?by=line_item&by=model&where=line_item%3Dx&where=model%3Dy");
    const changed = aboutKind(state, "images");
    expect(changed.by).toEqual(["model"]);
    expect([...changed.where.keys()]).toEqual(["model"]);
    expect(aboutKind(state, "shoes")).toBe(state);
  });
});

describe("groups", () => {
  const sums = answer(
    [row(["a"], "0.1"), row(["b"], "1"), row([null], "7", true)],
    [row(["a"], "0.2")],
    [row(["b"], "0.000000000000000001")],
  );

  test("add up exactly, in all and in each", () => {
    const { lines, totals } = groupedBy(sums, COUNTED, true);
    expect(totals["amount"]?.toFixed()).toBe("8.300000000000000001");
    expect(lines.map(({ sums: { amount } }) => amount?.toFixed())).toEqual([
      "0.3",
      "1.000000000000000001",
      "7",
    ]);
    expect(lines[0]?.values.map(Number)).toEqual([0.1, 0.2, 0]);
  });

  test("of nothing are the buckets", () => {
    const { lines } = groupedBy(answer([row([], "1")], []), COUNTED, false);
    expect(lines.map(({ bucket, sums: { amount } }) => [bucket?.start, Number(amount)])).toEqual([
      [0, 1],
      [DAY, 0],
    ]);
  });

  test("of line items say how much of them there is, in their unit", () => {
    const used = (unit: string, quantity: number | null): Row => ({
      ...row([unit], "1"),
      unit,
      quantity: quantity === null ? null : new Big(quantity),
    });
    const items = answer([used("tokens", 3), used("images", null)], [used("tokens", 4)]);
    expect(groupedBy(items, COUNTED, true).lines.map((line) => line.used)).toEqual([
      { quantity: new Big(7), unit: "tokens" },
      null,
    ]);
  });

  test("of a stock have what they had at most", () => {
    const stock = answer([row(["a"], "5"), row(["b"], "2")], [row(["a"], "1"), row(["b"], "9")]);
    const { lines, totals } = groupedBy(stock, { ...COUNTED, isStock: true }, true);
    expect(lines.map(({ sums: { amount } }) => Number(amount))).toEqual([5, 9]);
    expect(Number(totals["amount"])).toBe(10);
  });

  test("are sorted by what one chooses, the others last", () => {
    const { lines } = groupedBy(sums, COUNTED, true);
    const by = (key: string, isDescending: boolean) =>
      sorted(lines, ["model"], { key, isDescending }, labelOf).map(({ keys }) => keys[0]);
    expect(by("amount", true)).toEqual(["b", "a", null]);
    expect(by("amount", false)).toEqual(["a", "b", null]);
    expect(by("model", true)).toEqual(["b", "a", null]);
  });

  test("are drawn as the largest and the rest, which is all of it", () => {
    const amounts = fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(amounts, (values) => {
        const many = answer(values.map((value, at) => row([`m${at}`], String(value))));
        const grouped = groupedBy(many, COUNTED, true);
        const drawn = drawnGroups(grouped, "amount", ["model"], new ColourBook(), () => "");
        const drawnTotal = drawn.reduce((sum, { total }) => sum + Number(total), 0);
        expect(drawnTotal).toBe(values.reduce((sum, value) => sum + value, 0));
        expect(drawn.length).toBe(Math.min(values.length, CHART_GROUPS + 1));
      }),
    );
  });
});

describe("lines", () => {
  const inquiry = inquiryOf(explored("#/explore?by=model&by=project_id"), NOW);
  const sums = answer([row(["=x", "p"], "0.10"), row([null, null], "1", true)]);
  const grouped: Grouped = groupedBy(sums, COUNTED, true);
  const named = (dimension: string, key: Key): string =>
    dimension === "project_id" ? `name of ${key}` : `${key}`;

  test("are called by their keys", () => {
    expect(grouped.lines.map((line) => nameOf(line, inquiry.dimensions, named))).toEqual([
      "=x · name of p",
      "all others",
    ]);
  });

  test("are a file with ids, names and exact numbers", () => {
    const { header, rows } = linesAsCells(grouped.lines, inquiry, ["amount"], "usd", named);
    expect(header).toEqual(["model", "project_id", "project_name", "other", "amount", "currency"]);
    expect(rows.map((cells) => cells.map((cell) => Object.values(cell)[0]))).toEqual([
      ["=x", "p", "name of p", "false", "0.1", "usd"],
      ["", "", "", "true", "1", "usd"],
    ]);
  });

  test("are a file by bucket, without those that have nothing in it", () => {
    const { header, rows } = courseAsCells(grouped.lines, sums.buckets, inquiry, "usd", named);
    expect(header.slice(0, 2)).toEqual(["bucket_start", "bucket_end"]);
    expect(rows).toHaveLength(2);
    expect(rows[0]?.slice(0, 2)).toEqual([
      { text: "1970-01-01T00:00:00.000Z" },
      { text: "1970-01-02T00:00:00.000Z" },
    ]);
  });

  test("have the columns that say something, and an order that they have", () => {
    const usage = inquiryOf(explored("#/explore?kind=completions"), NOW);
    const totals = {
      input_tokens: new Big(5),
      output_tokens: new Big(0),
      num_model_requests: new Big(1),
    };
    expect(shownQuantities(usage, { lines: [], totals })).toEqual([
      "input_tokens",
      "num_model_requests",
    ]);
    expect(sortOf(DEFAULT_SORT, usage, grouped)).toEqual({
      key: "input_tokens",
      isDescending: true,
    });
    expect(sortOf({ key: "shoes", isDescending: false }, usage, grouped).key).toBe("input_tokens");
    expect(sortOf({ key: "model", isDescending: false }, usage, grouped).key).toBe("model");
  });

  test("are saved under a name that says what they are", () => {
    const span = { start: 1_790_812_800, end: 1_790_899_200 };
    expect(fileName({ ...inquiry, span }, "")).toBe(
      "tallybook-costs-by-model-project_id-1-Oct-2026.csv",
    );
  });
});

describe("the way down", () => {
  test("goes by what is not chosen yet, to the events", () => {
    const costs = subjectOf("costs");
    if (!costs) throw new Error("costs");
    expect(nextDimension(costs, new Map())).toBe("project_id");
    expect(nextDimension(costs, new Map([["project_id", ["a", "b"]]]))).toBe("project_id");
    const calls = subjectOf("file_search_calls");
    const chosen = ["project_id", "user_id", "api_key_id"].map((each) => [each, ["x"]] as const);
    expect(calls && nextDimension(calls, new Map(chosen))).toBe("vector_store_id");
    let to = intoGroup(explored("#/explore?by=model"), ["model"], ["m"], SPAN);
    const path: string[] = [];
    while (to && to.section === "") {
      const [dimension = ""] = to.state.by;
      path.push(dimension);
      to = intoGroup(to.state, [dimension], [`${dimension} 1`], SPAN);
    }
    expect(path).toEqual(["project_id", "user_id", "api_key_id"]);
    expect(to?.section).toBe("events");
    expect(to?.state.range).toEqual({ span: SPAN });
    expect(to?.state.where.get("user_id")).toEqual(["user_id 1"]);
  });

  test("takes all keys of a group at once, and none that no filter finds", () => {
    const state = explored("#/explore?by=model&by=batch");
    const to = intoGroup(state, ["model", "batch"], ["m", false], SPAN);
    expect([...(to?.state.where ?? [])]).toEqual([
      ["model", ["m"]],
      ["batch", ["false"]],
    ]);
    expect(to?.state.by).toEqual(["project_id"]);
    expect(intoGroup(state, ["model"], [null], SPAN)).toBeNull();
    expect(intoGroup(state, ["tag:team"], [""], SPAN)).toBeNull();
    expect(intoGroup(state, ["service_tier"], ["flex"], SPAN)).toBeNull();
    expect(intoGroup(state, [], [], SPAN)).toBeNull();
  });

  test("goes into a bar, within the range, and from the last bar to its events", () => {
    const state = explored("#/explore");
    const bar = { start: SPAN.start - 100, end: SPAN.start + 3600 };
    const to = intoBar(state, bar, SPAN);
    const inside = { start: SPAN.start, end: SPAN.start + 3600 };
    expect(to).toMatchObject({ section: "", state: { range: { span: inside } } });
    expect(to.state.via).toEqual([{ before: { preset: "30d" } }]);
    expect(intoBar(to.state, bar, inside).section).toBe("events");
  });

  test("goes into a part of a bar: its group in its bucket, or the bucket alone", () => {
    const state = explored("#/explore");
    const bar = { start: SPAN.start, end: SPAN.start + DAY };
    const part = intoPart(state, ["model"], ["m"], bar, SPAN).state;
    expect(part.range).toEqual({ span: bar });
    expect(part.where.get("model")).toEqual(["m"]);
    for (const keys of [null, [null]]) {
      expect(intoPart(state, ["model"], keys, bar, SPAN)).toEqual(intoBar(state, bar, SPAN));
    }
  });

  test("leads back, step by step and at once", () => {
    const start = explored("#/explore?by=model");
    const bar = intoBar(start, { start: SPAN.start, end: SPAN.start + DAY }, SPAN).state;
    const model = intoGroup(bar, ["model"], ["m"], SPAN)?.state ?? start;
    const project = intoGroup(model, ["project_id"], ["p"], SPAN)?.state ?? start;
    expect(backTo(project, 2)).toEqual(model);
    expect(backTo(project, 1)).toEqual(bar);
    expect(backTo(project, 0)).toEqual({ ...start, width: "auto" });
    expect(backTo(toEvents(project, SPAN).state, 3).by).toEqual(project.by);
  });

  test("forgets steps whose filter is not there any more", () => {
    const state = explored("#/explore?via=model%3Dm&via=project_id%3Dp&where=model%3Dm");
    expect(standingSteps(state)).toEqual([{ dimension: "model", value: "m" }]);
    const two = explored("#/explore?via=model%3Dm&where=model%3Dm&where=model%3Dn");
    expect(standingSteps(two)).toEqual([]);
  });
});

describe("an event", () => {
  test("tells its quantities, the unit once", () => {
    const event = { id: "e", time: 1, kind: "completions", input_tokens: 1830, output_tokens: 212 };
    expect(quantitiesOf({ ...event, num_model_requests: 1 })).toBe(
      "1,830 input · 212 output tokens",
    );
    expect(quantitiesOf({ ...event, num_model_requests: 3 })).toBe(
      "1,830 input · 212 output tokens · 3 model requests",
    );
  });
});
