import Big from "big.js";

/** What the reviver is told of a number: its own text, where the browser tells it. */
interface NumberContext {
  readonly source?: string;
}

/**
 * A JSON document whose numbers are exact decimals.
 *
 * The text of a number on the wire is exact, and a float of it is not always.
 * A browser that does not tell the text gives the shortest decimal of the float.
 */
export function parseExact(text: string): unknown {
  const revive = (_key: string, value: unknown, context?: NumberContext): unknown =>
    typeof value === "number" ? new Big(context?.source ?? String(value)) : value;
  return JSON.parse(text, revive);
}
