import Big from "big.js";
import { describe, expect, test } from "vitest";
import type { Query } from "./query";
import { filterParameters, parametersOf, pathOf } from "./query";
import { type SubjectTable, subjectOf } from "./tables";
import { sumsOf } from "./usage";
import { Wire } from "./wire";

function subject(name: string): SubjectTable {
  const found = subjectOf(name);
  if (!found) throw new Error(name);
  return found;
}

function query(name: string, more: Partial<Query> = {}): Query {
  return { subject: subject(name), start: 0, end: 86_400, width: "1d", zone: "UTC", ...more };
}

function wireOf(...pages: readonly { body: string; headers?: Record<string, string> }[]) {
  const asked: URL[] = [];
  const fetch = async (url: RequestInfo | URL): Promise<Response> => {
    const page = pages[asked.length];
    asked.push(new URL(String(url)));
    return new Response(page?.body, { headers: page?.headers ?? {} });
  };
  return { wire: new Wire("http://host/", () => undefined, fetch), asked };
}

describe("queries", () => {
  test("have a path and the largest pages of their width", () => {
    expect(pathOf(query("costs"))).toBe("v1/organization/costs");
    expect(pathOf(query("images"))).toBe("v1/organization/usage/images");
    expect(parametersOf(query("costs"))["limit"]).toBe(180);
    expect(parametersOf(query("images"))["limit"]).toBe(31);
  });

  test("filter by what their subject can be filtered by", () => {
    const filters = new Map([
      ["model", ["a", "b"]],
      ["tag:team", ["search"]],
      ["batch", ["true"]],
      ["line_item", ["x, input"]],
      ["provider", []],
    ]);
    expect(filterParameters(subject("completions"), filters)).toEqual({
      models: ["a", "b"],
      "tags[team]": ["search"],
      batch: "true",
    });
    expect(filterParameters(subject("costs"), filters)).toMatchObject({ line_items: ["x, input"] });
  });
});

describe("sumsOf", () => {
  test("walks to the last page and adds up what nobody prices", async () => {
    const page = (start: number, value: string, next: string | null) =>
      JSON.stringify({
        data: [
          {
            start_time: start,
            end_time: start + 10,
            results: [
              {
                amount: { value: "AMOUNT", currency: "usd" },
                model: "m",
                other: true,
                quantity: 3,
                quantity_unit: "tokens",
              },
            ],
          },
        ],
        next_page: next,
      }).replace('"AMOUNT"', value);
    const headers = { "tallybook-unpriced-events": "2" };
    const { wire, asked } = wireOf(
      { body: page(0, "0.1234567890123456789", "page_2"), headers },
      { body: page(10, "2", null), headers },
    );
    const sums = await sumsOf(wire, query("costs", { groupBy: ["model", "tag:team"] }));
    expect(asked.map((url) => url.searchParams.get("page"))).toEqual([null, "page_2"]);
    expect(asked[1]?.searchParams.getAll("group_by[]")).toEqual(["model", "tag:team"]);
    expect(sums.unpricedEvents).toBe(4);
    expect(sums.buckets).toEqual([
      {
        start: 0,
        end: 10,
        rows: [
          {
            keys: ["m", null],
            isOther: true,
            sums: { amount: new Big("0.1234567890123456789") },
            currency: "usd",
            quantity: new Big(3),
            unit: "tokens",
          },
        ],
      },
      expect.objectContaining({ start: 10, end: 20 }),
    ]);
  });

  test("reads every quantity of a kind, and none as zero", async () => {
    const results = [{ images: 7, num_model_requests: 2 }, { images: 1 }];
    const body = { data: [{ start_time: 0, end_time: 1, results }], next_page: null };
    const { wire } = wireOf({ body: JSON.stringify(body) });
    const { buckets, unpricedEvents } = await sumsOf(wire, query("images"));
    expect(unpricedEvents).toBeNull();
    expect(buckets[0]?.rows.map((row) => row.sums)).toEqual([
      { images: new Big(7), num_model_requests: new Big(2) },
      { images: new Big(1), num_model_requests: new Big(0) },
    ]);
  });
});
