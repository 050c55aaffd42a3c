import { describe, expect, test } from "vitest";
import { faultKind } from "./errors";
import { canFilterEventsBy, eventsOf } from "./events";
import { explanationOf } from "./explanations";
import { Wire } from "./wire";

function wireWith(answer: unknown) {
  const sent: URL[] = [];
  const fetch = async (url: RequestInfo | URL): Promise<Response> => {
    sent.push(new URL(String(url)));
    return Response.json(answer);
  };
  return { sent, wire: new Wire("https://host/books/", () => undefined, fetch) };
}

const QUERY = { start: 1, end: 2, kind: "images", filters: new Map(), limit: 50, page: null };

describe("stored events", () => {
  test("are asked by all that is filtered by, but for what events do not have", async () => {
    const { wire, sent } = wireWith({ object: "list", data: [], has_more: false, next_page: null });
    const filters = new Map([
      ["model", ["m"]],
      ["tag:team", ["a", "b"]],
      ["line_item", ["x"]],
      ["currency", ["usd"]],
    ]);
    await eventsOf(wire, { ...QUERY, filters, page: "page_1" });
    expect(sent[0]?.pathname).toBe("/books/v1/events");
    expect([...(sent[0]?.searchParams ?? [])]).toEqual([
      ["start_time", "1"],
      ["end_time", "2"],
      ["kinds[]", "images"],
      ["models[]", "m"],
      ["tags[team][]", "a"],
      ["tags[team][]", "b"],
      ["limit", "50"],
      ["page", "page_1"],
    ]);
  });

  test("come with the token of the next page", async () => {
    const event = { id: "e", time: 1.5, kind: "images", images: 2 };
    const { wire, sent } = wireWith({ data: [event], next_page: "page_2" });
    const page = await eventsOf(wire, { ...QUERY, kind: null });
    expect(page).toEqual({ events: [event], nextPage: "page_2" });
    expect(sent[0]?.search).toBe("?start_time=1&end_time=2&limit=50");
  });

  test.each([
    ["model", true],
    ["tag:team", true],
    ["line_item", false],
    ["currency", false],
    ["service_tier", false],
  ])("can be filtered by %s: %s", (dimension, can) => {
    expect(canFilterEventsBy(dimension)).toBe(can);
  });
});

describe("an explanation", () => {
  test("is read exactly, and what has no price has none", async () => {
    const rate = { label: "input", unit: "token", currency: "usd", source: "a file", note: "" };
    const card = { provider: "openai", model: "m" };
    const { wire, sent } = wireWith({
      data: [
        {
          id: "e/1",
          time: "2026-10-01T00:00:00Z",
          kind: "completions",
          charged: true,
          lines: [
            {
              quantity: "3",
              amount: "0.000000000000000003",
              rate: { ...rate, unit_price: "1e-18" },
            },
            { quantity: "1", amount: "0", rate: { ...rate, unit_price: null, currency: null } },
          ],
          totals: [{ amount: "0.000000000000000003", currency: "usd" }],
          card,
        },
      ],
    });
    const [event] = await explanationOf(wire, "e/1");
    expect(sent[0]?.search).toBe("?event_id=e%2F1");
    expect(event?.lines.map(({ amount }) => amount.toFixed())).toEqual([
      "0.000000000000000003",
      "0",
    ]);
    expect(event?.lines.map(({ unitPrice }) => unitPrice?.toFixed() ?? null)).toEqual([
      "0.000000000000000001",
      null,
    ]);
    expect(event?.totals[0]?.amount.toFixed()).toBe("0.000000000000000003");
    expect(event?.card).toEqual(card);
  });
});

describe("a fault", () => {
  test("of a question that takes too long is not that of a busy server", () => {
    expect([503, 504, 500].map((status) => faultKind(status))).toEqual(["busy", "slow", "defect"]);
  });
});
