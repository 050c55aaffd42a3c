import { describe, expect, test } from "vitest";
import { Fault } from "./errors";
import { queryOf, Wire } from "./wire";

interface Sent {
  readonly url: string;
  readonly init: RequestInit | undefined;
}

function wireWith(answer: () => Response | Promise<Response>) {
  const sent: Sent[] = [];
  const told: Fault[] = [];
  const fetch = async (url: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    sent.push({ url: String(url), init });
    return answer();
  };
  const wire = new Wire("https://host/books/", (fault) => told.push(fault), fetch);
  return { wire, sent, told };
}

function refusal(status: number, error: Record<string, unknown>): Response {
  const headers = { "x-request-id": "req_1" };
  return new Response(JSON.stringify({ error }), { status, headers });
}

describe("addresses", () => {
  test("are relative to the page", () => {
    const { wire } = wireWith(() => Response.json({}));
    expect(wire.address("v1/events", { limit: 1 })).toBe("https://host/books/v1/events?limit=1");
    expect(wire.address("")).toBe("https://host/books/");
  });

  test("have arrays in brackets, and nothing of null", () => {
    expect(queryOf({ a: ["x", "y,z"], b: null, c: undefined, d: 0, e: false })).toBe(
      "a%5B%5D=x&a%5B%5D=y%2Cz&d=0&e=false",
    );
  });
});

describe("ask", () => {
  test("sends the token of the session with what changes something, and only with that", async () => {
    const { wire, sent } = wireWith(() => Response.json({}));
    wire.csrfToken = "token";
    await wire.ask("v1/x");
    await wire.ask("v1/x", { method: "POST", body: { a: 1 } });
    const [got, posted] = sent.map(({ init }) => new Headers(init?.headers));
    expect(got?.get("x-tallybook-csrf")).toBeNull();
    expect(posted?.get("x-tallybook-csrf")).toBe("token");
    expect(posted?.get("content-type")).toBe("application/json");
  });

  test("tells a key that is not for this from one that is none", async () => {
    const message = "You have insufficient permissions for this operation. Missing scopes: a.b.";
    const lacking = wireWith(() => refusal(401, { message }));
    await expect(lacking.wire.ask("v1/x")).rejects.toMatchObject({ kind: "forbidden", message });
    expect(lacking.told).toEqual([]);
    const over = wireWith(() => refusal(401, { message: "It is over.", code: "invalid_session" }));
    await expect(over.wire.ask("v1/x")).rejects.toMatchObject({ kind: "unauthorized" });
    expect(over.told).toHaveLength(1);
  });

  test("throws the API's own words", async () => {
    const error = { message: "limit is 0.", param: "limit", code: "integer_below_min_value" };
    const { wire, told } = wireWith(() => refusal(400, error));
    await expect(wire.ask("v1/x")).rejects.toMatchObject({
      kind: "refused",
      message: "limit is 0.",
      param: "limit",
      code: "integer_below_min_value",
      status: 400,
      requestId: "req_1",
    });
    expect(told).toEqual([]);
  });

  test("tells of a session that is over", async () => {
    const { wire, told } = wireWith(() => refusal(401, { message: "Log in." }));
    await expect(wire.ask("v1/x")).rejects.toBeInstanceOf(Fault);
    expect(told.map((fault) => fault.message)).toEqual(["Log in."]);
  });

  test("has a message when the server has none", async () => {
    const { wire } = wireWith(() => new Response("<html>", { status: 502 }));
    await expect(wire.ask("v1/x")).rejects.toMatchObject({ kind: "defect", status: 502 });
  });

  test("says that nobody answers, and lets those pass who gave up", async () => {
    const gone = wireWith(() => Promise.reject(new TypeError("network")));
    await expect(gone.wire.ask("v1/x")).rejects.toMatchObject({ kind: "offline", status: 0 });
    const aborted = wireWith(() => Promise.reject(new DOMException("", "AbortError")));
    await expect(aborted.wire.ask("v1/x")).rejects.toMatchObject({ name: "AbortError" });
  });
});
