import Big from "big.js";

/** What the reviver is told of a number: its own text, where the browser tells it. */
interface NumberContext {
  readonly source?: string;
}

/** Sixteen digits in a row, a point among them or not: more than every float keeps. */
const LONG_NUMBER = /\d{16}|[\d.]{17}/;

/**
 * A JSON document whose numbers are exact decimals.
 *
 * The text of a number on the wire is exact, and a float of it is while it has no more than 15
 * digits (IEEE 754). Where there may be a longer one, each number is read from its text, which takes
 * several times as long; a browser that does not tell the text gives the shortest decimal of the float.
 */
export function parseExact(text: string): unknown {
  return LONG_NUMBER.test(text) ? JSON.parse(text, revive) : withDecimals(JSON.parse(text));
}

function revive(_key: string, value: unknown, context?: NumberContext): unknown {
  return typeof value === "number" ? new Big(context?.source ?? String(value)) : value;
}

/** A parsed document with a decimal in the place of each number; it is changed itself. */
function withDecimals(value: unknown): unknown {
  if (typeof value === "number") return new Big(value);
  if (typeof value !== "object" || value === null) return value;
  const parts = value as Record<string, unknown>;
  for (const key of Object.keys(parts)) {
    const part = parts[key];
    if (typeof part === "number" || typeof part === "object") parts[key] = withDecimals(part);
  }
  return value;
}
