import Big from "big.js";
import { formatCount, formatCountShort } from "../../quantities/counts";
import { formatExact, formatMoney, formatMoneyShort } from "../../quantities/money";
import type { Measure } from "./state";

/** How the numbers of a measure are written. */
export interface Figures {
  readonly title: string;
  readonly short: (value: Big) => string;
  /** With all digits. */
  readonly exact: (value: Big) => string;
  /** For the axis of a chart. */
  readonly tick: (value: number) => string;
}

/** The figures of a measure; `currency` is that of spend. */
export function figuresOf(measure: Measure, currency: string): Figures {
  switch (measure) {
    case "spend":
      return {
        title: "Spend",
        short: (value) => formatMoney(value, currency),
        exact: (value) => formatExact(value, currency),
        tick: (value) => formatMoneyShort(new Big(value), currency),
      };
    case "requests":
    case "tokens":
      return {
        title: measure === "requests" ? "Requests" : "Tokens",
        short: formatCountShort,
        exact: formatCount,
        tick: formatCountShort,
      };
  }
}
