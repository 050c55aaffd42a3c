import { scaleLinear } from "d3-scale";

/** Of a bar: where it stands in its chart, in pixels, `y` down from the top. */
export interface Segment {
  readonly series: number;
  readonly y: number;
  readonly height: number;
}

/** The scale of amounts: its upper end, and the ticks from zero to it. */
export interface Scale {
  readonly max: number;
  readonly ticks: readonly number[];
}

/** A scale from zero to a round number that is no less than the largest value. */
export function scaleFor(largest: number, tickCount: number): Scale {
  const scale = scaleLinear()
    .domain([0, largest > 0 ? largest : 1])
    .nice(tickCount);
  const [, max = 1] = scale.domain();
  return { max, ticks: scale.ticks(tickCount) };
}

/**
 * The segments of one stacked bar, the first series at the bottom.
 *
 * `values` are those of the series at one bucket. What is more than nothing is at least half a
 * pixel high, so that it can be seen that it is there.
 */
export function stackedBar(
  values: readonly number[],
  scale: Scale,
  height: number,
): readonly Segment[] {
  let y = height;
  const segments: Segment[] = [];
  values.forEach((value, series) => {
    if (value <= 0) return;
    const tall = Math.max(0.5, (value / scale.max) * height);
    y -= tall;
    segments.push({ series, y, height: tall });
  });
  return segments;
}

/** The segment of a bar at a height, in pixels down from the top; null beside all of them. */
export function segmentAt(segments: readonly Segment[], y: number): Segment | null {
  return segments.find((segment) => y >= segment.y && y < segment.y + segment.height) ?? null;
}

/** Where bars stand: `step` from one to the next and `width` wide, in pixels. */
export interface Bands {
  readonly step: number;
  readonly width: number;
  readonly inset: number;
}

/** Bars side by side over a width, with a gap that shrinks with them. */
export function bandsFor(count: number, width: number): Bands {
  const step = count > 0 ? width / count : width;
  const gap = step >= 12 ? Math.min(step * 0.28, 14) : step >= 4 ? 1 : 0;
  return { step, width: Math.max(step - gap, 0.75), inset: gap / 2 };
}

/** The bar at a place across, from 0 on; places beyond the ends are the ends. */
export function bandAt(x: number, bands: Bands, count: number): number {
  return Math.min(Math.max(Math.floor(x / bands.step), 0), count - 1);
}

/** Which bars have a label, so that labels of a width do not touch: the indexes, ascending. */
export function labelledBars(count: number, step: number, labelWidth: number): readonly number[] {
  const every = Math.max(1, Math.ceil(labelWidth / step));
  const indexes: number[] = [];
  // Counted from the newest, which is what one looks for.
  for (let at = count - 1; at >= 0; at -= every) indexes.unshift(at);
  return indexes;
}

/** A path through values, `[0, max]` over a box, for SVG's `d`; empty for fewer than two. */
export function linePath(values: readonly number[], width: number, height: number): string {
  if (values.length < 2) return "";
  const max = Math.max(...values, 0) || 1;
  const step = width / (values.length - 1);
  return values
    .map((value, at) => {
      const y = height - (Math.max(value, 0) / max) * height;
      return `${at === 0 ? "M" : "L"}${(at * step).toFixed(2)} ${y.toFixed(2)}`;
    })
    .join("");
}
