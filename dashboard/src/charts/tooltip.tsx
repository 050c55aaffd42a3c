import Big from "big.js";
import { Swatch } from "./legend";
import type { DrawnSeries } from "./series";

export interface TooltipProps {
  /** The bucket in words. */
  readonly title: string;
  readonly total: Big;
  /** The bucket's place in the series. */
  readonly index: number;
  readonly series: readonly DrawnSeries[];
  readonly format: (value: Big) => string;
  /** What is remarkable about the bucket. */
  readonly note: string | null;
  /** Pixels from the left of the chart, and how wide the chart is. */
  readonly x: number;
  readonly width: number;
}

/** So many groups are named; the others are counted. */
const ROWS_MAX = 9;

/** What a bar is made of, beside it. */
export function Tooltip(props: TooltipProps) {
  const { index, series, format, x, width } = props;
  const rows = series
    .map((each) => ({ each, value: each.values[index] ?? new Big(0) }))
    .filter(({ value }) => value.gt(0))
    .toSorted((one, other) => other.value.cmp(one.value));
  const side = x > width / 2 ? "left" : "right";
  return (
    <div
      class={`chart-tooltip chart-tooltip-${side}`}
      style={{ "--at": `${x}px` }}
      aria-hidden="true"
    >
      <div class="chart-tooltip-head">
        <span>{props.title}</span>
        <span>{format(props.total)}</span>
      </div>
      {rows.slice(0, ROWS_MAX).map(({ each, value }) => (
        <div key={each.id} class="chart-tooltip-row">
          <Swatch slot={each.slot} />
          <span class="clipped">{each.label}</span>
          <span>{format(value)}</span>
        </div>
      ))}
      {rows.length > ROWS_MAX && (
        <div class="chart-tooltip-row quiet">and {rows.length - ROWS_MAX} more</div>
      )}
      {props.note && <div class="chart-tooltip-note">{props.note}</div>}
    </div>
  );
}
