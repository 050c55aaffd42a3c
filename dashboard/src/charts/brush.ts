import type { Span } from "../state/ranges";

/** Bars from one to another, both included, in whichever direction they were chosen. */
export interface Brush {
  readonly from: number;
  readonly to: number;
}

/** The bars of a brush in ascending order. */
export function brushedBars({ from, to }: Brush): {
  readonly first: number;
  readonly last: number;
} {
  return { first: Math.min(from, to), last: Math.max(from, to) };
}

/** The span that the brushed buckets cover; null when they are not there. */
export function brushedSpan(brush: Brush, buckets: readonly Span[]): Span | null {
  const { first, last } = brushedBars(brush);
  const start = buckets[first]?.start;
  const end = buckets[last]?.end;
  return start === undefined || end === undefined ? null : { start, end };
}
