/** Why a request has no answer, by what can be done about it. */
export type FaultKind =
  /** No session, or one that is over: log in. */
  | "unauthorized"
  /** The key does not open this: ask for another key. */
  | "forbidden"
  /** The request itself is wrong: ask for something else. */
  | "refused"
  /** It does not exist, or not any more. */
  | "missing"
  /** Too many requests, or too much to do: try again later. */
  | "busy"
  /** It takes longer than the server lets a question take: ask for less. */
  | "slow"
  /** The server failed. */
  | "defect"
  /** No server answered. */
  | "offline";

/** A request that has no answer: the API's own message, or what is known without one. */
export class Fault extends Error {
  override readonly name = "Fault";

  constructor(
    readonly kind: FaultKind,
    message: string,
    /** The HTTP status; 0 when no answer came. */
    readonly status = 0,
    /** The parameter or field that is at fault, where the API names one. */
    readonly param: string | null = null,
    readonly code: string | null = null,
    /** The id of the request, for whoever reads the server's log. */
    readonly requestId: string | null = null,
  ) {
    super(message);
  }

  /** Whether the same request may succeed later. */
  get isPassing(): boolean {
    return this.kind === "busy" || this.kind === "defect" || this.kind === "offline";
  }
}

/**
 * What a key is told that is good, but not for this. It comes with the status of a key that is
 * none, 401, and public clients search for the words: they are part of the contract.
 */
const NOT_FOR_THIS = "insufficient permissions";

/** The sort of fault that an HTTP status of 400 or more is, by what the answer says. */
export function faultKind(status: number, message: string | null = null): FaultKind {
  if (status === 401) return message?.includes(NOT_FOR_THIS) ? "forbidden" : "unauthorized";
  if (status === 403) return "forbidden";
  if (status === 404) return "missing";
  if (status === 429 || status === 503) return "busy";
  if (status === 504) return "slow";
  return status >= 500 ? "defect" : "refused";
}

/** The fault that an answer's status and body tell; the body may be anything. */
export function faultOf(status: number, body: unknown, requestId: string | null): Fault {
  const error = field(body, "error");
  const message = text(field(error, "message"));
  return new Fault(
    faultKind(status, message),
    message ?? `The server answered with status ${status} and no message.`,
    status,
    text(field(error, "param")),
    text(field(error, "code")),
    requestId,
  );
}

/** Whether something thrown means that the request was given up by its own sender. */
export function isAborted(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === "AbortError";
}

/** Whatever was thrown as a fault, so that one part can show it. */
export function asFault(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  return new Fault("defect", thrown instanceof Error ? thrown.message : String(thrown));
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
