import Big from "big.js";
import { StackedBars } from "../../charts/stacked-bars";
import type { Anomaly } from "../../logic/anomalies";
import { currencyOf } from "../../logic/currencies";
import { Awaiting } from "../../parts/awaiting";
import { Card } from "../../parts/card";
import { Empty, SkeletonBlock } from "../../parts/states";
import type { Awaited } from "../../parts/use-answer";
import { useLabels } from "../../parts/use-labels";
import { dimensionTitle } from "../../quantities/labels";
import { formatExact, formatMoney, formatMoneyShort, sum } from "../../quantities/money";
import { WIDTH_WORDS } from "../../quantities/widths";
import { useServices } from "../../services";
import type { Span } from "../../state/ranges";
import type { Sums } from "../../wire/usage";
import { useWayIn } from "../explore/way-in";
import { DimensionPicker } from "./dimension-picker";
import { drawnSeries } from "./drawn";
import { type Frame, rhythmWidth } from "./questions";

export interface DailyProps {
  readonly frame: Frame;
  readonly costs: Awaited<Sums>;
  readonly anomalies: readonly Anomaly[];
  readonly onDimension: (dimension: string) => void;
  readonly onBrush: (span: Span) => void;
}

/** What was spent when, stacked by a dimension. */
export function Daily({ frame, costs, anomalies, onDimension, onBrush }: DailyProps) {
  const total = costs.value && sum(costs.value.buckets.flatMap(amountsIn));
  const currency = costs.value ? currencyOf(costs.value) : "usd";
  return (
    <Card
      title={`Costs by ${WIDTH_WORDS[frame.width]}`}
      note={
        total && (
          <span class="figures" data-exact={formatExact(total, currency)}>
            {formatMoney(total, currency)} in all
          </span>
        )
      }
      tools={<DimensionPicker frame={frame} onChange={onDimension} />}
    >
      <Awaiting
        answer={costs}
        label="Loading the chart"
        skeleton={
          <div class="chart-waiting">
            <SkeletonBlock label="Loading the chart" />
          </div>
        }
      >
        {(sums) => <Chart {...{ sums, frame, anomalies, onBrush, currency }} />}
      </Awaiting>
    </Card>
  );
}

interface ChartProps {
  readonly sums: Sums;
  readonly frame: Frame;
  readonly anomalies: readonly Anomaly[];
  readonly onBrush: (span: Span) => void;
  readonly currency: string;
}

function Chart({ sums, frame, anomalies, onBrush, currency }: ChartProps) {
  const { colours } = useServices();
  const labelOf = useLabels();
  const wayIn = useWayIn(frame.dimension);
  const series = drawnSeries(sums, frame.dimension, colours, labelOf);
  if (series.length === 0) {
    return (
      <Empty title="Nothing was spent in this range">Choose a longer one, or another filter.</Empty>
    );
  }
  const [largest] = series;
  const money = (amount: Big) => formatMoney(amount, currency);
  return (
    <StackedBars
      title={`Costs by ${WIDTH_WORDS[frame.width]} and ${dimensionTitle(frame.dimension).toLowerCase()}`}
      description={`${money(sum(series.map((each) => each.total)))} in all, most of it ${largest?.label}: ${money(largest?.total ?? new Big(0))}.`}
      buckets={sums.buckets}
      series={series}
      width={frame.width}
      zone={frame.zone}
      format={money}
      formatShort={(value) => formatMoneyShort(new Big(value), currency)}
      marks={marksOf(sums, frame, anomalies, money)}
      onBrush={onBrush}
      onChoose={(index, chosen) => {
        const bar = sums.buckets[index];
        if (bar) wayIn.go(bar, chosen && !chosen.isOther ? chosen.keys : null, frame.span);
      }}
    />
  );
}

/** The buckets that are remarkable, with what to say of each. */
function marksOf(
  { buckets }: Sums,
  frame: Frame,
  anomalies: readonly Anomaly[],
  money: (amount: Big) => string,
): ReadonlyMap<number, string> {
  const marks = new Map<number, string>();
  if (frame.width !== rhythmWidth(frame)) return marks;
  for (const { start, usual, value } of anomalies) {
    const at = buckets.findIndex((bucket) => bucket.start === start);
    const word = value > usual ? "Far above" : "Far below";
    if (at >= 0) marks.set(at, `${word} the usual ${money(new Big(usual.toFixed(2)))}`);
  }
  return marks;
}

function amountsIn(bucket: Sums["buckets"][number]): readonly Big[] {
  return bucket.rows.map((row) => row.sums["amount"] ?? new Big(0));
}
