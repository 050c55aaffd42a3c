import Big from "big.js";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseExact } from "./json";

describe("parseExact", () => {
  test("keeps what a float does not", () => {
    const text = '{"value":123456789.123456789012,"list":[9007199254740993]}';
    expect(JSON.stringify(JSON.parse(text))).not.toBe(text);
    const parsed = parseExact(text);
    expect(parsed).toEqual({
      value: new Big("123456789.123456789012"),
      list: [new Big("9007199254740993")],
    });
  });

  test("keeps every number to the digit, however long", () => {
    const digits = fc.stringMatching(/^-?(0|[1-9]\d{0,20})(\.\d{1,20})?([eE]-?\d{1,2})?$/);
    fc.assert(
      fc.property(fc.array(digits), (numbers) => {
        const parsed = parseExact(`{"list":[${numbers.join()}]}`);
        expect(parsed).toEqual({ list: numbers.map((each) => new Big(each)) });
      }),
    );
  });

  test("leaves everything else as JSON has it", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const text = JSON.stringify(value);
        expect(asFloats(parseExact(text))).toEqual(JSON.parse(text));
      }),
    );
  });
});

/** The same with floats in place of decimals. */
function asFloats(value: unknown): unknown {
  if (value instanceof Big) return value.toNumber();
  if (Array.isArray(value)) return value.map(asFloats);
  if (typeof value !== "object" || value === null) return value;
  const copy: Record<string, unknown> = {};
  for (const [key, each] of Object.entries(value)) {
    Object.defineProperty(copy, key, { value: asFloats(each), enumerable: true });
  }
  return copy;
}
