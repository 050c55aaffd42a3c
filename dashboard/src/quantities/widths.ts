import type { Width } from "../wire/tables";

/** What a bucket of a width is called: `Costs by day`. */
export const WIDTH_WORDS: Readonly<Record<Width, string>> = {
  "1m": "minute",
  "5m": "5 minutes",
  "15m": "15 minutes",
  "1h": "hour",
  "1d": "day",
  "1w": "week",
  "1mo": "month",
};
