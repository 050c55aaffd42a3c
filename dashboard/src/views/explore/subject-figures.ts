import Big from "big.js";
import {
  formatBytes,
  formatCount,
  formatCountShort,
  formatQuantity,
  quantityLabel,
} from "../../quantities/counts";
import { formatExact, formatMoney, formatMoneyShort } from "../../quantities/money";
import { COSTS, type SubjectTable } from "../../wire/tables";

/** How the numbers of a subject are written. */
export interface Figures {
  /** To be read: `$1,284.02`, `1.28M tokens`. */
  readonly read: (quantity: string, value: Big) => string;
  /** For a cell whose column says the unit. */
  readonly cell: (quantity: string, value: Big) => string;
  /** With every digit. */
  readonly exact: (quantity: string, value: Big) => string;
  /** For the axis. */
  readonly short: (quantity: string, value: number) => string;
  /** The head of a column. */
  readonly title: (quantity: string) => string;
}

/** The figures of a subject; amounts are in a currency (lowercase ISO 4217). */
export function figuresOf(subject: SubjectTable, currency: string): Figures {
  if (subject.name === COSTS) {
    const read = (_: string, value: Big): string => formatMoney(value, currency);
    return {
      read,
      cell: read,
      exact: (_, value) => formatExact(value, currency),
      short: (_, value) => formatMoneyShort(new Big(value), currency),
      title: () => "Cost",
    };
  }
  const unitOf = (quantity: string): string =>
    subject.quantities.find(({ name }) => name === quantity)?.unit ?? "";
  const isBytes = (quantity: string): boolean => unitOf(quantity) === "bytes";
  return {
    read: (quantity, value) => formatQuantity(value, unitOf(quantity)),
    cell: (quantity, value) => (isBytes(quantity) ? formatBytes(value) : formatCountShort(value)),
    exact: (_, value) => formatCount(value),
    short: (quantity, value) => (isBytes(quantity) ? formatBytes(value) : formatCountShort(value)),
    title: (quantity) => {
      const words = quantityLabel(quantity);
      return words.charAt(0).toUpperCase() + words.slice(1);
    },
  };
}
