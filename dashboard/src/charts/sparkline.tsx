import { linePath } from "./geometry";

export interface SparklineProps {
  readonly values: readonly number[];
  readonly width?: number;
  readonly height?: number;
  /** The line's colour; the text's by default. */
  readonly colour?: string;
}

/** The course of a number, in the height of a line of text. The number itself stands beside it. */
export function Sparkline(props: SparklineProps) {
  const { values, width = 88, height = 22, colour = "currentColor" } = props;
  const line = linePath(values, width, height - 2);
  return (
    <svg
      class="sparkline"
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {line && (
        <g transform="translate(0 1)">
          <path
            d={`${line}L${width} ${height - 1}L0 ${height - 1}Z`}
            fill={colour}
            opacity="0.12"
          />
          <path
            d={line}
            fill="none"
            stroke={colour}
            stroke-width="1.5"
            stroke-linejoin="round"
            vector-effect="non-scaling-stroke"
          />
        </g>
      )}
    </svg>
  );
}
