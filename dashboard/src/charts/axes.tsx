import { type Bands, labelledBars, type Scale } from "./geometry";

export interface ValueAxisProps {
  readonly scale: Scale;
  readonly width: number;
  readonly height: number;
  readonly format: (value: number) => string;
}

/** Lines across at round numbers, with the number at the left end of each. */
export function ValueAxis({ scale, width, height, format }: ValueAxisProps) {
  return (
    <g>
      <g class="chart-grid">
        {scale.ticks.map((tick) => {
          const y = Math.round(height - (tick / scale.max) * height) + 0.5;
          return <line key={tick} x1={0} x2={width} y1={y} y2={y} />;
        })}
      </g>
      <g class="chart-ticks" text-anchor="end">
        {scale.ticks.map((tick) => (
          <text key={tick} x={-8} y={height - (tick / scale.max) * height + 4}>
            {format(tick)}
          </text>
        ))}
      </g>
    </g>
  );
}

export interface TimeAxisProps {
  readonly labels: readonly string[];
  readonly bands: Bands;
  readonly height: number;
}

/** About how wide a label is, with the space around it. */
const LABEL_WIDTH = 62;

/** The names of the buckets below the bars, as many as there is room for. */
export function TimeAxis({ labels, bands, height }: TimeAxisProps) {
  return (
    <g class="chart-ticks" text-anchor="middle">
      {labelledBars(labels.length, bands.step, LABEL_WIDTH).map((at) => (
        <text key={at} x={(at + 0.5) * bands.step} y={height + 18}>
          {labels[at]}
        </text>
      ))}
    </g>
  );
}
