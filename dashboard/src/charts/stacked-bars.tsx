import Big from "big.js";
import { useRef, useState } from "preact/hooks";
import { sum } from "../quantities/money";
import { formatBucket, formatTick } from "../quantities/times";
import type { Span } from "../state/ranges";
import type { Width } from "../wire/tables";
import { TimeAxis, ValueAxis } from "./axes";
import { Bars } from "./bars";
import { brushedBars } from "./brush";
import { bandAt, bandsFor, scaleFor, segmentAt, stackedBar } from "./geometry";
import { Legend } from "./legend";
import type { DrawnSeries } from "./series";
import { Tooltip } from "./tooltip";
import { useBarPointer } from "./use-bar-pointer";
import { useWidth } from "./use-width";
import "./chart.css";

export interface StackedBarsProps {
  /** The chart's accessible name. */
  readonly title: string;
  /** Its numbers in short, for those who do not see it; the table beside it has all of them. */
  readonly description: string;
  readonly buckets: readonly Span[];
  /** The first is at the bottom. Each has a value for each bucket. */
  readonly series: readonly DrawnSeries[];
  readonly width: Width;
  readonly zone: string;
  readonly format: (value: Big) => string;
  /** For the axis. */
  readonly formatShort: (value: number) => string;
  /** What is remarkable, by the index of its bucket. */
  readonly marks?: ReadonlyMap<number, string>;
  /** Called with the span that was chosen by dragging, or by Shift and arrow keys and Enter. */
  readonly onBrush?: (span: Span) => void;
  /**
   * Called with the index of the bucket that was clicked, or that Enter was pressed on, and with
   * the series that was clicked; null beside the bar, and by keyboard.
   */
  readonly onChoose?: (index: number, series: DrawnSeries | null) => void;
  /** Called with the series whose name in the legend was clicked. */
  readonly onChooseSeries?: (series: DrawnSeries) => void;
  readonly isSmall?: boolean;
}

const MARGIN = { top: 14, right: 4, bottom: 26, left: 46 };
const HEIGHTS = { normal: 272, small: 160 };

/**
 * Sums over time as bars, stacked by group.
 *
 * The chart is one stop of the keyboard: arrow keys go from bar to bar, and each is said.
 */
export function StackedBars(props: StackedBarsProps) {
  const { buckets, series, format, isSmall = false } = props;
  const frame = useRef<HTMLDivElement>(null);
  const outer = useWidth(frame);
  const [pointed, point] = useState<string | null>(null);
  const width = Math.max(outer - MARGIN.left - MARGIN.right, 0);
  const height = HEIGHTS[isSmall ? "small" : "normal"] - MARGIN.top - MARGIN.bottom;
  const totals = buckets.map((_, at) => sum(series.map((each) => each.values[at] ?? new Big(0))));
  const scale = scaleFor(Math.max(0, ...totals.map(Number)), isSmall ? 3 : 5);
  const bands = bandsFor(buckets.length, width);
  const seriesAt = (index: number, clientY: number): DrawnSeries | null => {
    const top = (frame.current?.getBoundingClientRect().top ?? 0) + MARGIN.top;
    const values = series.map((each) => each.values[index]?.toNumber() ?? 0);
    const segment = segmentAt(stackedBar(values, scale, height), clientY - top);
    return (segment && series[segment.series]) ?? null;
  };
  const { active, brush, ...handlers } = useBarPointer({
    buckets,
    barAt: (clientX) => {
      const left = frame.current?.getBoundingClientRect().left ?? 0;
      return bandAt(clientX - left - MARGIN.left, bands, buckets.length);
    },
    onBrush: props.onBrush,
    onChoose:
      props.onChoose &&
      ((index, clientY) =>
        props.onChoose?.(index, clientY === null ? null : seriesAt(index, clientY))),
  });
  const titleOf = ({ start, end }: Span): string =>
    formatBucket(start, end, props.width, props.zone);
  const current = active === null ? undefined : buckets[active];
  const note = active === null ? null : (props.marks?.get(active) ?? null);
  const total = (active === null ? undefined : totals[active]) ?? new Big(0);

  return (
    <figure class={`chart ${isSmall ? "chart-small" : ""}`}>
      <div ref={frame} class={`chart-frame ${props.onBrush ? "chart-can-brush" : ""}`}>
        <svg
          role="img"
          aria-label={`${props.title}. ${props.description}`}
          // biome-ignore lint/a11y/noNoninteractiveTabindex: arrow keys move in it
          tabIndex={0}
          {...handlers}
        >
          <g transform={`translate(${MARGIN.left} ${MARGIN.top})`}>
            <ValueAxis scale={scale} width={width} height={height} format={props.formatShort} />
            {active !== null && (
              <rect
                class="chart-active"
                x={active * bands.step}
                width={bands.step}
                height={height}
              />
            )}
            <Bars {...{ series, bands, scale, height, pointed }} count={buckets.length} />
            {[...(props.marks?.keys() ?? [])].map((at) => (
              <circle
                key={at}
                class="chart-mark"
                cx={(at + 0.5) * bands.step}
                cy={height - ((totals[at]?.toNumber() ?? 0) / scale.max) * height - 8}
                r={4.5}
              />
            ))}
            {brush && <BrushedArea {...brushedBars(brush)} step={bands.step} height={height} />}
            <TimeAxis
              labels={buckets.map(({ start }) => formatTick(start, props.width, props.zone))}
              bands={bands}
              height={height}
            />
          </g>
        </svg>
        {current && active !== null && (
          <Tooltip
            title={titleOf(current)}
            total={total}
            index={active}
            series={series}
            format={format}
            note={note}
            x={MARGIN.left + (active + 0.5) * bands.step}
            width={outer}
          />
        )}
        <p class="spoken" role="status">
          {current && `${titleOf(current)}: ${format(total)}${note ? `. ${note}` : ""}`}
        </p>
      </div>
      <Legend series={series} onPoint={point} onChoose={props.onChooseSeries} />
    </figure>
  );
}

interface BrushedAreaProps {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly height: number;
}

function BrushedArea({ first, last, step, height }: BrushedAreaProps) {
  return (
    <rect class="chart-brush" x={first * step} width={(last - first + 1) * step} height={height} />
  );
}
