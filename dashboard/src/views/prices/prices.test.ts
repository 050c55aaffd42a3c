import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFields, writeFields } from "../../state/fields";
import { readPlace, writePlace } from "../../state/place";
import { PRICES_WRITE, type Rate, type RateCard, type Repricing } from "../../wire/prices";
import type { Who } from "../../wire/session";
import { priceAccess } from "./access";
import { repriceCommand } from "./command";
import { amountFault, type Entry, entryText, isComplete, missingKeys } from "./entry";
import { priceHistory, STEPS_MAX } from "./history";
import { type PricesState, pricesFields } from "./state";
import { matchingCards, mergedCards, sortsOf, traitsText, unpricedCards } from "./traits";
import { formatRate, groupedRates, mainRates } from "./unit-prices";
import { holdsAt, validityText } from "./validity";
import { repricedDays, wishOf } from "./wish";

const DAY = 86_400;
const FIELDS = pricesFields("Europe/Paris");

function rate(label: string, unitPrice: string | null, part: Partial<Rate> = {}): Rate {
  return {
    label,
    standing: unitPrice === null ? "unpriced" : "priced",
    unitPrice: unitPrice === null ? null : new Big(unitPrice),
    unit: "token",
    currency: unitPrice === null ? null : "usd",
    source: "",
    note: "",
    ...part,
  };
}

function card(rates: readonly Rate[], part: Partial<RateCard> = {}): RateCard {
  return {
    traits: {
      kind: "completions",
      provider: "openai",
      model: "acme-1",
      isBatch: false,
      serviceTier: "default",
      size: null,
      quality: null,
      contextLevel: null,
      aboveInputTokens: 0,
    },
    validFrom: null,
    validUntil: null,
    standing: "priced",
    rates,
    events: null,
    firstEvent: null,
    lastEvent: null,
    ...part,
  };
}

function entry(part: Partial<Entry> = {}): Entry {
  return { traits: card([]).traits, from: "", currency: "usd", prices: {}, note: "", ...part };
}

describe("the address of the prices", () => {
  test("reads every state as it was written", () => {
    const initial = readFields(FIELDS, []);
    const states: fc.Arbitrary<Partial<PricesState>> = fc.record({
      model: fc.string(),
      provider: fc.string(),
      at: fc.option(fc.nat(99_999_999_999), { nil: null }),
      find: fc.string(),
    });
    fc.assert(
      fc.property(states, (part) => {
        const state = { ...initial, ...part };
        const pairs = writeFields(FIELDS, state);
        const read = readPlace(writePlace({ view: "prices", section: "", pairs }));
        expect(readFields(FIELDS, read.pairs)).toEqual(state);
      }),
    );
  });

  test("passes over a moment that is none", () => {
    expect(readFields(FIELDS, [["at", "tomorrow"]]).at).toBeNull();
  });
});

describe("what a key may do", () => {
  const who: Who = {
    key_id: "key_1",
    name: "a key",
    scopes: ["api.usage.read"],
    projects: null,
    csrf_token: null,
    expires_at: null,
  };

  test("pricing again takes its scope and the whole organization", () => {
    const writes = { ...who, scopes: [PRICES_WRITE] };
    expect(priceAccess({ is: "in", who })).toEqual({ seesBook: true, mayReprice: false });
    expect(priceAccess({ is: "in", who: writes }).mayReprice).toBe(true);
    expect(priceAccess({ is: "in", who: { ...writes, projects: ["proj_a"] } })).toEqual({
      seesBook: false,
      mayReprice: false,
    });
    expect(priceAccess({ is: "unknown" }).seesBook).toBe(false);
  });
});

describe("prices to read", () => {
  test("are exact, in the lot that people name them for", () => {
    expect(formatRate(rate("input", "0.00000125"))).toBe("$1.25");
    expect(formatRate(rate("input", "0.0000000375"))).toBe("$0.0375");
    expect(formatRate(rate("images", "0.04", { unit: "image" }))).toBe("$0.04");
    expect(formatRate(rate("calls", "0.0025", { unit: "call" }))).toBe("$2.50");
    expect(formatRate(rate("input", "0.001", { currency: "eur" }))).toBe("€1,000.00");
    expect(formatRate(rate("input", "0", { standing: "free" }))).toBe("free");
    expect(formatRate(rate("input", null))).toBe("no price");
  });

  test("lines of one price are told together", () => {
    const rates = [
      rate("input", "0.000001"),
      rate("audio input", "0.000001"),
      rate("output", "0.000002"),
      rate("audio output", "0.000002", { note: "estimated" }),
    ];
    expect(groupedRates(rates).map(({ labels }) => labels)).toEqual([
      ["input", "audio input"],
      ["output"],
      ["audio output"],
    ]);
    expect(mainRates(rates).map(({ label }) => label)).toEqual(["input", "output"]);
    const images = [rate("images", "0.04", { unit: "image" })];
    expect(mainRates(images)).toEqual(images);
  });

  test("what a card is for is said by what sets it apart", () => {
    const { traits } = card([]);
    expect(traitsText(traits)).toBe("completions");
    expect(traitsText({ ...traits, isBatch: true, aboveInputTokens: 272_000 })).toBe(
      "completions, batch, above 272,000 input tokens",
    );
    expect(
      traitsText({ ...traits, kind: "web_search_calls", contextLevel: "low", serviceTier: "flex" }),
    ).toBe("web search calls, flex, low context");
  });

  test("sorts have the prices of longer requests after the others", () => {
    const { traits } = card([]);
    const long = card([], { traits: { ...traits, aboveInputTokens: 10 } });
    const batch = card([], { traits: { ...traits, isBatch: true } });
    expect(sortsOf([long, batch, card([])])).toEqual([
      { name: "completions", cards: [card([]), long] },
      { name: "completions, batch", cards: [batch] },
    ]);
  });

  test("a validity has its ends, and midnights are dates", () => {
    const open = card([]);
    expect(validityText(open)).toBe("always");
    const both = card([], { validFrom: 20_000 * DAY, validUntil: 20_001 * DAY + 3_600 });
    expect(validityText(both)).toBe("from 4 Oct 2024 until 5 Oct 2024, 01:00");
    expect(holdsAt(both, 20_000 * DAY)).toBe(true);
    expect(holdsAt(both, 20_001 * DAY + 3_600)).toBe(false);
    expect(holdsAt(open, 0)).toBe(true);
  });
});

describe("the book", () => {
  const priced = card([rate("input", "0.000001", { source: "prices.toml line 3" })]);
  const lacking = card([rate("input", "1"), rate("output", null)], { events: 5 });
  const lackingMore = card([rate("speech", null)], { events: 9 });

  test("is searched for every word, wherever it stands", () => {
    const cards = [priced, lackingMore];
    expect(matchingCards(cards, "")).toEqual(cards);
    expect(matchingCards(cards, "ACME completions")).toEqual(cards);
    expect(matchingCards(cards, "acme prices.toml")).toEqual([priced]);
    expect(matchingCards(cards, "acme nothing")).toEqual([]);
  });

  test("has one card for what reads the same", () => {
    const { traits } = priced;
    const used = (serviceTier: string | null, events: number, at: number): RateCard => ({
      ...priced,
      traits: { ...traits, serviceTier },
      events,
      firstEvent: at,
      lastEvent: at + 10,
    });
    const cards = mergedCards([used("default", 2, 100), used(null, 3, 50), used("flex", 4, 0)]);
    expect(cards.map(({ traits: each, events }) => [each.serviceTier, events])).toEqual([
      [null, 5],
      ["flex", 4],
    ]);
    expect(cards[0]).toMatchObject({ firstEvent: 50, lastEvent: 110 });
  });

  test("tells what has no price by how much was used", () => {
    expect(unpricedCards([priced, lacking, lackingMore])).toEqual([lackingMore, lacking]);
  });
});

describe("an entry of the price file", () => {
  test("offers what stands for itself before what follows it", () => {
    const { main, narrow } = missingKeys(
      card([rate("input", null), rate("cached input", null), rate("output", null)]),
    );
    expect(main.map(({ name }) => name)).toEqual(["input", "output"]);
    expect(narrow.map(({ name }) => name)).toEqual(["cached_input"]);
    // Where the wider one has a price, the narrow one is what is missing.
    const audio = missingKeys(card([rate("input", "1"), rate("audio input", null)]));
    expect(audio.main.map(({ name }) => name)).toEqual(["audio_input"]);
    const spoken = missingKeys(card([rate("transcription", null, { unit: "hour" })]));
    expect(spoken.main.map(({ name }) => name)).toEqual(["transcription"]);
  });

  test("is written as the file has it", () => {
    const { main, narrow } = missingKeys(
      card([rate("input", null), rate("cached input", null), rate("output", null)]),
    );
    const text = entryText(
      entry({
        from: "2026-11-01",
        currency: "eur",
        prices: { input: "1.25", output: " free ", cached_input: "" },
        note: 'agreed with "Acme"',
      }),
      [...main, ...narrow],
    );
    expect(text).toBe(
      [
        "[[price]]",
        'provider = "openai"',
        'model = "acme-1"',
        'kind = "completions"',
        "from = 2026-11-01",
        'currency = "eur"',
        'input = "1.25 / 1M tokens"',
        'output = "free"',
        'note = "agreed with \\"Acme\\""',
        "",
      ].join("\n"),
    );
  });

  test("says which requests it is for", () => {
    const { traits } = card([]);
    const of = (part: Partial<RateCard["traits"]>): string =>
      entryText(entry({ traits: { ...traits, ...part } }), []);
    expect(of({ isBatch: true })).toContain("batch = true\n");
    expect(of({ isBatch: true })).not.toContain("service_tier");
    expect(of({ serviceTier: "priority" })).toContain('service_tier = "priority"\n');
    expect(of({ model: null, size: "1024x1024", quality: "high" })).toBe(
      '[[price]]\nprovider = "openai"\nkind = "completions"\nsize = "1024x1024"\nquality = "high"\n',
    );
    expect(of({ aboveInputTokens: 200_000 })).toContain("input_tokens_above = 200000\n");
  });

  test("refuses what the file would refuse", () => {
    for (const good of ["", "1", "1.25", "free", "0.000000001"]) {
      expect(amountFault(good, "token")).toBeNull();
    }
    for (const bad of ["$1", "1,25", "-1", "1e3", "0", "0.0", "0.0000000001", "1000000000"]) {
      expect(amountFault(bad, "token")).not.toBeNull();
    }
    expect(amountFault("999.99", "image")).toBeNull();
    expect(amountFault("1000", "image")).toBe("Less than 1000 per image.");
    // Trailing zeros take no decimals.
    expect(amountFault("1.00000000000000000", "token")).toBeNull();
  });

  test("is complete with one good price", () => {
    const { main } = missingKeys(card([rate("input", null), rate("output", null)]));
    expect(isComplete(entry(), main)).toBe(false);
    expect(isComplete(entry({ prices: { input: "1" } }), main)).toBe(true);
    expect(isComplete(entry({ prices: { input: "1", output: "x" } }), main)).toBe(false);
    expect(isComplete(entry({ prices: { input: "1" }, from: "soon" }), main)).toBe(false);
  });
});

describe("a model's history", () => {
  const span = (validFrom: number | null, validUntil: number | null, price: string): RateCard =>
    card([rate("input", price)], { validFrom, validUntil });

  test("is walked from change to change, both ways, the newest first", async () => {
    const all = [
      span(null, 100, "3"),
      span(100, 200, "2"),
      span(200, 300, "1"),
      span(300, null, "4"),
    ];
    const asked: number[] = [];
    const history = await priceHistory(250, async (at) => {
      asked.push(at);
      return all.filter((each) => holdsAt(each, at));
    });
    expect(asked).toEqual([250, 199, 99, 300]);
    expect(history.changes).toEqual(all.toReversed());
    expect(history.isCut).toBe(false);
  });

  test("has cards of several sorts, each with its own changes", async () => {
    const batch = { ...card([]).traits, isBatch: true };
    const all = [
      span(null, null, "1"),
      { ...span(null, 50, "2"), traits: batch },
      { ...span(50, null, "3"), traits: batch },
    ];
    const history = await priceHistory(60, async (at) => all.filter((each) => holdsAt(each, at)));
    // What never changed has no history.
    expect(history.changes).toEqual([all[2], all[1]]);
  });

  test("ends after so many changes", async () => {
    let count = 0;
    const history = await priceHistory(1_000_000, async (at) => {
      count += 1;
      return [span(at - 10, null, "1")];
    });
    expect(count).toBe(STEPS_MAX + 1);
    expect(history.isCut).toBe(true);
  });

  test("of an unknown model is empty", async () => {
    expect(await priceHistory(5, async () => [])).toEqual({ changes: [], isCut: false });
  });
});

describe("a wish to price again", () => {
  test("has whole days of UTC", () => {
    expect(wishOf({ first: "2026-11-01", last: "2026-11-02", model: " acme-* " })).toEqual({
      since: 1_793_491_200,
      until: 1_793_491_200 + 2 * DAY,
      model: "acme-*",
    });
    expect(wishOf({ first: "2026-11-01", last: "", model: "" })).toEqual({
      since: 1_793_491_200,
      until: null,
      model: null,
    });
    expect(wishOf({ first: "2026-11-02", last: "2026-11-01", model: "" })).toBeNull();
    expect(wishOf({ first: "", last: "", model: "" })).toBeNull();
  });

  test("is said as a command", () => {
    const wish = { since: 1_793_491_200, until: null, model: "acme-*" };
    expect(repriceCommand(wish)).toBe("tallybook reprice --since 2026-11-01 --model 'acme-*'");
    expect(repriceCommand({ ...wish, until: 1_793_491_200 + DAY, model: null })).toBe(
      "tallybook reprice --since 2026-11-01 --until 2026-11-02",
    );
  });

  test("that was applied says its days, and none for an end that was open", () => {
    const repricing: Repricing = {
      isApplied: true,
      events: 1,
      differences: [],
      totals: [],
      since: 1_793_491_200,
      until: 1_793_491_200 + 3 * DAY,
      model: null,
      at: 1_793_491_200 + 5 * DAY,
      who: "key_1",
      why: "",
    };
    expect(repricedDays(repricing)).toEqual({ first: "2026-11-01", last: "2026-11-03" });
    expect(repricedDays({ ...repricing, until: 1_793_491_200 + 6 * DAY }).last).toBeNull();
  });
});
