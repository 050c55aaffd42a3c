/** What a cell of a CSV file may be: text of anybody's making, or a number's exact digits. */
export type Cell = { readonly text: string } | { readonly number: string };

/** What a spreadsheet would take for a formula, and run. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * A CSV file (RFC 4180), with its header.
 *
 * Texts come from events, and so from anybody: one that a spreadsheet would run as a formula gets
 * an apostrophe before it, which a spreadsheet does not show. Numbers stand as they are.
 */
export function csvOf(header: readonly string[], rows: readonly (readonly Cell[])[]): string {
  const lines = [header.map((text) => ({ text })), ...rows];
  return lines.map((cells) => `${cells.map(written).join(",")}\r\n`).join("");
}

function written(cell: Cell): string {
  if ("number" in cell) return cell.number;
  const text = FORMULA.test(cell.text) ? `'${cell.text}` : cell.text;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
