import { describe, expect, test } from "vitest";
import { applyRepricing, cardsInUse, previewRepricing, priceList, repricings } from "./prices";
import { Wire } from "./wire";

const CARD = {
  kind: "completions",
  provider: "openai",
  model: "acme-1",
  batch: true,
  service_tier: null,
  size: null,
  quality: null,
  context_level: null,
  above_input_tokens: 272_000,
  valid_from: "2026-05-01T00:00:00Z",
  valid_until: null,
  standing: "priced",
  rates: [
    {
      line_item: "acme-1, input",
      label: "input",
      standing: "priced",
      unit_price: "0.000000000000001",
      unit: "token",
      currency: "usd",
      source: "prices.toml line 1",
      note: "",
    },
  ],
  events: 3,
  first_event: "2026-05-02T00:00:00.500000Z",
  last_event: null,
};

const REPRICING = {
  applied: false,
  events: 2,
  differences: [
    { day: "2026-05-02", model: "acme-1", currency: "usd", events: 2, old: null, new: "0.1" },
  ],
  totals: [{ currency: "usd", old: "0", new: "12345678901234567.000000000000000001" }],
  since: "2026-05-01T00:00:00Z",
  until: "2026-05-03T00:00:00Z",
  model: null,
  at: null,
  who: null,
  why: null,
};

function wireOf(answer: unknown): { readonly wire: Wire; readonly asked: Request[] } {
  const asked: Request[] = [];
  const fetch = async (address: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    asked.push(new Request(address, init));
    return Response.json(answer);
  };
  return { wire: new Wire("http://host/books/", () => undefined, fetch), asked };
}

describe("rate cards", () => {
  test("are read with exact prices and moments", async () => {
    const { wire } = wireOf({ data: [CARD], fault: "line 3" });
    const { cards, fault } = await cardsInUse(wire);
    const [card] = cards;
    expect(fault).toBe("line 3");
    expect(card?.traits).toMatchObject({ isBatch: true, aboveInputTokens: 272_000 });
    expect(card?.validFrom).toBe(1_777_593_600);
    expect(card?.validUntil).toBeNull();
    expect(card?.firstEvent).toBe(1_777_680_000.5);
    expect(card?.rates[0]?.unitPrice?.toFixed()).toBe("0.000000000000001");
  });

  test("of a model are asked for a moment", async () => {
    const { wire, asked } = wireOf({ data: [], fault: null });
    await priceList(wire, { provider: "acme", model: "acme 1", at: 5 });
    expect(asked[0]?.url).toBe("http://host/books/v1/prices/list?provider=acme&model=acme+1&at=5");
  });
});

describe("pricing again", () => {
  const wish = { since: 1, until: null, model: "acme-*" };

  test("is previewed without a change, to the last digit", async () => {
    const { wire, asked } = wireOf(REPRICING);
    const repricing = await previewRepricing(wire, wish);
    expect(await asked[0]?.json()).toEqual({ ...wish, apply: false });
    expect(repricing.differences[0]).toMatchObject({ before: null, day: "2026-05-02" });
    expect(repricing.totals[0]?.after.toFixed()).toBe("12345678901234567.000000000000000001");
    expect(repricing.until - repricing.since).toBe(2 * 86_400);
  });

  test("is applied with its reason", async () => {
    const { wire, asked } = wireOf({ ...REPRICING, applied: true });
    expect((await applyRepricing(wire, wish, "agreed")).isApplied).toBe(true);
    expect(await asked[0]?.json()).toEqual({ ...wish, apply: true, why: "agreed" });
  });

  test("has a history", async () => {
    const at = "2026-05-04T00:00:00Z";
    const { wire } = wireOf({ data: [{ ...REPRICING, at, who: "key_1", why: "agreed" }] });
    expect(await repricings(wire)).toMatchObject([
      { at: 1_777_852_800, who: "key_1", why: "agreed" },
    ]);
  });
});
