import type Big from "big.js";

/** A part of a whole, from 0 to 1; 0 of nothing. */
export function shareOf(part: Big, whole: Big): number {
  return whole.eq(0) ? 0 : part.div(whole).toNumber();
}

/** A share in percent: one decimal below 10 %, `<0.1%` for what is more than nothing. */
export function formatShare(share: number): string {
  if (share > 0 && share < 0.001) return "<0.1%";
  if (share < 1 && share > 0.999) return ">99.9%";
  const percent = share * 100;
  return `${percent.toFixed(Math.abs(percent) < 9.95 && percent !== 0 ? 1 : 0)}%`;
}

/** How much something changed. */
export interface Change {
  /** 0.12 is 12 % more; null when there was nothing before. */
  readonly ratio: number | null;
  readonly direction: "up" | "down" | "level";
}

/** The change from one amount to another. */
export function changeOf(now: Big, before: Big): Change {
  const direction = now.gt(before) ? "up" : now.lt(before) ? "down" : "level";
  return { ratio: before.eq(0) ? null : now.minus(before).div(before).toNumber(), direction };
}

/** A change in words: `+12%`, `−3.4%`, `new` when there was nothing, `×14` from tenfold on. */
export function formatChange(change: Change): string {
  if (change.ratio === null) return change.direction === "level" ? "\u2013" : "new";
  const percent = change.ratio * 100;
  if (percent >= 900) return `\u00d7${Math.round(change.ratio + 1)}`;
  const digits = Math.abs(percent).toFixed(Math.abs(percent) < 9.95 ? 1 : 0);
  if (Number(digits) === 0) return "0%";
  return `${percent < 0 ? "\u2212" : "+"}${digits}%`;
}
