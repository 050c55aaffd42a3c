import { Fault, faultOf, isAborted } from "./errors";
import { parseExact } from "./json";

/** Query parameters: an array is sent as `name[]=a&name[]=b`, null and undefined not at all. */
export type Parameters = Readonly<
  Record<string, string | number | boolean | readonly string[] | null | undefined>
>;

/** How a request is sent. */
export interface Sending {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly parameters?: Parameters;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Gives the request up. */
  readonly signal?: AbortSignal | undefined;
  /** Numbers of the answer become exact decimals (`Big`); wanted where there is money. */
  readonly exact?: boolean;
}

/** An answer with a status below 400. `value` has the shape that the API documents. */
export interface Answer<T> {
  readonly value: T;
  readonly headers: Headers;
}

const CSRF_HEADER = "x-tallybook-csrf";

/** The query string of parameters, without a question mark; empty without any. */
export function queryOf(parameters: Parameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (Array.isArray(value)) for (const each of value) query.append(`${name}[]`, each);
    else if (value !== null && value !== undefined) query.append(name, String(value));
  }
  return query.toString();
}

/** The one way to the server: addresses relative to the page, a session's cookie, typed faults. */
export class Wire {
  /** What unsafe requests prove themselves with; null without a session. */
  csrfToken: string | null = null;

  constructor(
    /** The page's own address, which API addresses are relative to. */
    private readonly base: string,
    /** Called when an answer says that nobody is logged in, before the fault is thrown. */
    private readonly onUnauthorized: (fault: Fault) => void,
    private readonly fetch: typeof globalThis.fetch = globalThis.fetch.bind(globalThis),
  ) {}

  /** The absolute address of an API path such as `v1/events`. */
  address(path: string, parameters: Parameters = {}): string {
    const address = new URL(path, this.base);
    address.hash = "";
    address.search = queryOf(parameters);
    return address.href;
  }

  /** Ask for a path and read its JSON. Throws a `Fault`, or the `AbortError` of its signal. */
  async ask<T>(path: string, sending: Sending = {}): Promise<Answer<T>> {
    const response = await this.send(path, sending);
    const text = await response.text();
    if (!response.ok) {
      const fault = faultOf(response.status, parsed(text), response.headers.get("x-request-id"));
      if (fault.kind === "unauthorized") this.onUnauthorized(fault);
      throw fault;
    }
    // The edge of the wire: from here on the answer is what the API's contract says it is.
    const value = (sending.exact ? parseExact(text) : JSON.parse(text)) as T;
    return { value, headers: response.headers };
  }

  private async send(path: string, sending: Sending): Promise<Response> {
    const { method = "GET", parameters = {}, body, signal = null } = sending;
    const headers = new Headers({ accept: "application/json" });
    if (body !== undefined) headers.set("content-type", "application/json");
    if (method !== "GET" && this.csrfToken) headers.set(CSRF_HEADER, this.csrfToken);
    try {
      return await this.fetch(this.address(path, parameters), {
        method,
        headers,
        body: body === undefined ? null : JSON.stringify(body),
        signal,
        credentials: "same-origin",
      });
    } catch (thrown) {
      if (isAborted(thrown)) throw thrown;
      throw new Fault(
        "offline",
        "The server does not answer. Is it running, and can you reach it?",
      );
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
