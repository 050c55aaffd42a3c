import { type Bands, type Scale, stackedBar } from "./geometry";
import { colourOf } from "./palette";
import type { DrawnSeries } from "./series";

export interface BarsProps {
  readonly series: readonly DrawnSeries[];
  readonly count: number;
  readonly bands: Bands;
  readonly scale: Scale;
  /** Pixels, without the axis. */
  readonly height: number;
  /** The series that stands out; the others fade. */
  readonly pointed: string | null;
}

/** The bars alone: one path for each series, so that a thousand bars are few elements. */
export function Bars({ series, count, bands, scale, height, pointed }: BarsProps) {
  const paths = series.map(() => "");
  for (let at = 0; at < count; at += 1) {
    const values = series.map((each) => each.values[at]?.toNumber() ?? 0);
    const x = (at * bands.step + bands.inset).toFixed(2);
    const wide = bands.width.toFixed(2);
    for (const segment of stackedBar(values, scale, height)) {
      const tall = segment.height.toFixed(2);
      paths[segment.series] += `M${x} ${segment.y.toFixed(2)}h${wide}v${tall}h-${wide}z`;
    }
  }
  return (
    <g>
      {series.map((each, at) => (
        <path
          key={each.id}
          d={paths[at]}
          fill={colourOf(each.slot)}
          class={pointed !== null && pointed !== each.id ? "chart-faded" : undefined}
        />
      ))}
    </g>
  );
}
