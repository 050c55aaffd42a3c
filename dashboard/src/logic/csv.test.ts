import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvOf } from "./csv";

const text = (value: string) => ({ text: value });

/** A reader of CSV files by the letter of RFC 4180. */
function readCsv(file: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  const cell = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/gy;
  for (let found = cell.exec(file); found; found = cell.exec(file)) {
    row.push(found[1]?.replaceAll('""', '"') ?? found[2] ?? "");
    if (found[3] !== ",") {
      rows.push(row);
      row = [];
    }
  }
  return rows;
}

describe("a CSV file", () => {
  test("has its header, and numbers with every digit", () => {
    const rows = [
      [text("a, b"), { number: "0.000000000000000001" }],
      [text('"'), { number: "-1" }],
    ];
    expect(csvOf(["model", "amount"], rows)).toBe(
      'model,amount\r\n"a, b",0.000000000000000001\r\n"""",-1\r\n',
    );
  });

  test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])(
    "lets no spreadsheet run %j",
    (formula) => {
      const [, [cell = ""] = []] = readCsv(csvOf(["model"], [[text(formula)]]));
      expect(cell).toBe(`'${formula}`);
    },
  );

  test("is read as it was written", () => {
    const cells = fc.array(
      fc.string().filter((value) => !/^[=+\-@\t\r]/.test(value)),
      {
        minLength: 2,
        maxLength: 2,
      },
    );
    fc.assert(
      fc.property(fc.array(cells), (rows) => {
        const file = csvOf(
          ["a", "b"],
          rows.map((row) => row.map(text)),
        );
        expect(readCsv(file)).toEqual([["a", "b"], ...rows]);
      }),
    );
  });
});
