import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFields, writeFields } from "../../state/fields";
import { writePlace } from "../../state/place";
import { Fault } from "../../wire/errors";
import type { StoredEvent } from "../../wire/events";
import type { Bucket, Sums } from "../../wire/usage";
import { Wire } from "../../wire/wire";
import { figuresOf } from "./figures";
import { ALL_KINDS_EVERY, kindsToAsk } from "./look";
import { Looking, PAUSE_MS, pauseAfter, type Timers } from "./looking";
import { lastWhole, leadingSeries, minutesOf, modelLines, totalsOf } from "./minutes";
import { amountText, NEWEST, newestEvents, newestSince } from "./newest";
import { liveFields, MEASURES, minutePlace, SPANS, startOf } from "./state";

const NOTHING: Sums = { buckets: [], unpricedEvents: null };

function usage(start: number, model: string, requests: number, tokens: number): Bucket {
  const sums = {
    num_model_requests: new Big(requests),
    input_tokens: new Big(tokens),
    output_tokens: new Big(1),
  };
  const row = { keys: [model], isOther: false, sums, currency: null, quantity: null, unit: null };
  return { start, end: start + 60, rows: [row] };
}

function cost(start: number, model: string, amount: string, currency = "usd"): Bucket {
  const sums = { amount: new Big(amount) };
  const keys = [model, currency];
  return {
    start,
    end: start + 60,
    rows: [{ keys, isOther: false, sums, currency, quantity: null, unit: null }],
  };
}

const sumsOf = (...buckets: Bucket[]): Sums => ({ buckets, unpricedEvents: null });

describe("the minutes", () => {
  const usages = [sumsOf(usage(0, "a", 2, 10), usage(60, "b", 1, 5)), sumsOf(usage(60, "a", 3, 0))];
  const costs: Sums = {
    ...sumsOf(
      cost(0, "a", "0.1"),
      cost(60, "a", "0.2"),
      cost(60, "a", "9", "eur"),
      cost(120, "b", "1"),
    ),
    unpricedEvents: 4,
  };
  const minutes = minutesOf(usages, costs, "usd");

  test("add up kinds and costs by model, minute by minute", () => {
    expect(minutes.buckets.map(({ start }) => start)).toEqual([0, 60, 120]);
    expect(minutes.unpricedEvents).toBe(4);
    const text = (measure: "requests" | "tokens" | "spend") =>
      totalsOf(minutes, measure).map((total) => total.toFixed());
    expect(text("requests")).toEqual(["2", "4", "0"]);
    expect(text("tokens")).toEqual(["11", "7", "0"]);
    // Exact, and in one currency.
    expect(text("spend")).toEqual(["0.1", "0.2", "1"]);
  });

  test("have a line for each model, in the order of what is shown", () => {
    const lines = modelLines(minutes, "spend");
    expect(lines.map(({ series }) => series.keys[0])).toEqual(["b", "a"]);
    expect(lines[1]?.totals.requests?.toFixed()).toBe("5");
    expect(lines[1]?.totals.spend?.toFixed()).toBe("0.3");
  });

  test("tell the last minute that is over", () => {
    expect(lastWhole(minutes, "requests", 121)?.toFixed()).toBe("4");
    expect(lastWhole(minutes, "requests", 59)).toBeNull();
  });

  test("keep the largest groups apart and add up the others", () => {
    const models = ["a", "b", "c", "d"].map((model, at) => usage(0, model, 10 - at, 0));
    const sums = minutesOf(
      models.map((bucket) => sumsOf(bucket)),
      NOTHING,
      "usd",
    );
    const series = leadingSeries(sums, "requests", 2);
    expect(series.map(({ total }) => total.toNumber())).toEqual([10, 9, 15]);
    expect(series.map(({ isOther }) => isOther)).toEqual([false, false, true]);
    // One group alone is not worth being called the others.
    expect(leadingSeries(sums, "requests", 3)).toHaveLength(4);
    expect(leadingSeries(sums, "spend", 3)).toEqual([]);
  });
});

describe("the newest events", () => {
  const minute = (start: number) => ({ start, end: start + 60 });
  const minutes = [minute(0), minute(60), minute(120)];

  test("are looked for as far back as it takes", () => {
    expect(newestSince(minutes, [50, 5, 30], 150)).toBe(120);
    expect(newestSince(minutes, [50, 25, 3], 150)).toBe(60);
    expect(newestSince(minutes, [1, 1, 1], 150)).toBe(0);
    expect(newestSince([], [], 150.5)).toBe(150);
  });

  test("are in the last seconds when there are many", () => {
    // 60,000 in half a minute are 2,000 a second.
    expect(newestSince(minutes, [0, 0, 60_000], 150)).toBe(149);
    expect(newestSince(minutes, [0, 60_000, 0], 150)).toBe(119);
  });

  test("are the last ones of the pages, the newest first", async () => {
    const all = Array.from({ length: 45 }, (_, at) => ({ id: `e${at}`, time: at, kind: "images" }));
    const pages = [all.slice(0, 40), all.slice(40)];
    const asked: (string | null)[] = [];
    const wire = new Wire(
      "http://host/",
      () => undefined,
      async (address) => {
        const page = new URL(String(address)).searchParams.get("page");
        asked.push(page);
        const data = pages[page === null ? 0 : 1];
        return Response.json({ data, next_page: page === null ? "page_2" : null });
      },
    );
    const wish = { since: 0, now: 50, filters: new Map() };
    const events = await newestEvents(wire, wish, new AbortController().signal);
    expect(asked).toEqual([null, "page_2"]);
    expect(events.map(({ id }) => id)).toEqual(
      all
        .map(({ id }) => id)
        .slice(-NEWEST)
        .toReversed(),
    );
  });

  test("say how much they are", () => {
    const event = (part: Partial<StoredEvent>): StoredEvent => ({
      id: "e",
      time: 0,
      kind: "completions",
      ...part,
    });
    expect(
      amountText(event({ input_tokens: 1830, output_tokens: 212, num_model_requests: 1 })),
    ).toBe("1,830 input tokens, 212 output tokens");
    expect(amountText(event({ kind: "images", images: 2, num_model_requests: 1 }))).toBe(
      "2 images",
    );
    expect(amountText(event({ kind: "unheard-of" }))).toBe("");
  });
});

describe("the kinds that are asked", () => {
  test("are all in the beginning and now and then, and else those that are used", () => {
    const filters = new Map();
    const all = kindsToAsk(filters, null, 0);
    expect(all.length).toBeGreaterThan(5);
    const used = kindsToAsk(filters, new Set(["images", "file_search_calls"]), 1);
    expect(used.map(({ name }) => name)).toEqual(["images"]);
    expect(kindsToAsk(filters, new Set(), ALL_KINDS_EVERY)).toEqual(all);
  });

  test("can be filtered by what is filtered by", () => {
    const filters = new Map([["size", ["1024x1024"]]]);
    expect(kindsToAsk(filters, null, 0).map(({ name }) => name)).toEqual(["images"]);
  });
});

describe("looking again and again", () => {
  /** Timers that go on when they are told to. */
  class Clock implements Timers {
    time = 0;
    readonly pauses: number[] = [];
    private next: (() => void) | null = null;
    readonly now = (): number => this.time;
    readonly after = (pauseMs: number, call: () => void): (() => void) => {
      this.pauses.push(pauseMs);
      this.next = call;
      return () => {
        this.next = null;
      };
    };
    /** Call what is due, and let its look end. */
    async goOn(): Promise<void> {
      const call = this.next;
      this.next = null;
      call?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  function looking(answers: readonly (() => Promise<number>)[]) {
    const clock = new Clock();
    const seen: number[] = [];
    const faults: Fault[] = [];
    let asked = 0;
    const subject = new Looking<number>(
      () => {
        const answer = answers[asked];
        asked += 1;
        return answer ? answer() : new Promise(() => undefined);
      },
      { onSeen: (each) => seen.push(each), onFault: (fault) => faults.push(fault) },
      clock,
    );
    return { subject, clock, seen, faults, asked: () => asked };
  }

  test("waits at least twice as long as the server took, and longer after failures", () => {
    expect(pauseAfter(10, 0)).toBe(PAUSE_MS);
    expect(pauseAfter(5_000, 0)).toBe(10_000);
    expect(pauseAfter(10, 2)).toBe(4 * PAUSE_MS);
    expect(pauseAfter(10, 50)).toBe(60_000);
  });

  test("asks one look after the other", async () => {
    const { subject, clock, seen, asked } = looking([async () => 1, async () => 2]);
    subject.start();
    expect(asked()).toBe(1);
    await clock.goOn();
    await clock.goOn();
    await clock.goOn();
    expect(seen).toEqual([1, 2]);
    // The third is not answered: nothing is asked on top of it.
    expect(asked()).toBe(3);
    await clock.goOn();
    expect(asked()).toBe(3);
  });

  test("goes on after what may pass, and ends with what is refused", async () => {
    const { subject, clock, seen, faults, asked } = looking([
      () => Promise.reject(new Fault("offline", "gone")),
      async () => 7,
      () => Promise.reject(new Fault("forbidden", "no")),
    ]);
    subject.start();
    await clock.goOn();
    expect(clock.pauses).toEqual([2 * PAUSE_MS]);
    await clock.goOn();
    expect(seen).toEqual([7]);
    expect(clock.pauses.at(-1)).toBe(PAUSE_MS);
    await clock.goOn();
    await clock.goOn();
    expect(faults.map(({ kind }) => kind)).toEqual(["offline", "forbidden"]);
    expect(asked()).toBe(3);
  });

  test("says nothing of what was given up", async () => {
    const { subject, clock, seen, asked } = looking([async () => 1]);
    subject.start();
    subject.stop();
    await clock.goOn();
    expect(seen).toEqual([]);
    expect(asked()).toBe(1);
  });
});

describe("the address of the last minutes", () => {
  const fields = liveFields("Europe/Paris");

  test("reads every state as it was written", () => {
    const initial = readFields(fields, []);
    const states = fc.record({
      minutes: fc.constantFrom(...SPANS),
      show: fc.constantFrom(...MEASURES),
      currency: fc.string(),
    });
    fc.assert(
      fc.property(states, (part) => {
        const state = { ...initial, ...part };
        expect(readFields(fields, writeFields(fields, state))).toEqual(state);
      }),
    );
    expect(readFields(fields, [["minutes", "7"]]).minutes).toBe("30");
  });

  test("a minute is looked into with the filters that one has", () => {
    const state = readFields(fields, [["where", "project_id=proj_a"]]);
    const place = minutePlace(state, { start: 60, end: 120 });
    expect(writePlace(place)).toBe(
      "#/explore?range=60..120&width=1m&zone=Europe/Paris&where=project_id=proj_a",
    );
  });

  test("a span has so many minutes, this one among them", () => {
    expect(startOf("15", 1_800 + 59)).toBe(1_800 - 14 * 60);
  });
});

test("each measure has its figures", () => {
  expect(figuresOf("spend", "usd").short(new Big("0.0042"))).toBe("$0.0042");
  expect(figuresOf("tokens", "usd").short(new Big(1_280_000))).toBe("1.28M");
  expect(figuresOf("requests", "usd").exact(new Big(1_280_000))).toBe("1,280,000");
  expect(figuresOf("spend", "eur").tick(0.5)).toBe("€0.5");
});
