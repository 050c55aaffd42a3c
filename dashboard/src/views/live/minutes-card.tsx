import type Big from "big.js";
import { StackedBars } from "../../charts/stacked-bars";
import { Card } from "../../parts/card";
import { Segments } from "../../parts/select";
import { Empty } from "../../parts/states";
import { useLabels } from "../../parts/use-labels";
import { sum } from "../../quantities/money";
import { useServices } from "../../services";
import type { Span } from "../../state/ranges";
import { drawn } from "./drawn";
import { figuresOf } from "./figures";
import type { Seen } from "./look";
import { leadingSeries } from "./minutes";
import { MEASURES, type Measure } from "./state";

export interface MinutesCardProps {
  readonly seen: Seen;
  readonly show: Measure;
  readonly zone: string;
  readonly currency: string;
  readonly onShow: (measure: Measure) => void;
  /** Called with the minute that was clicked. */
  readonly onMinute: (minute: Span) => void;
  /** Called with the model whose name was clicked. */
  readonly onModel: (model: string) => void;
}

/** So many models have a colour; the rest is one. */
const CHART_GROUPS = 7;

/** A measure by the minute, the models apart. */
export function MinutesCard(props: MinutesCardProps) {
  const { seen, show, zone, currency } = props;
  const { colours } = useServices();
  const labelOf = useLabels();
  const figures = figuresOf(show, currency);
  const series = drawn(leadingSeries(seen.sums, show, CHART_GROUPS), colours, labelOf);
  const total: Big = sum(series.map((each) => each.total));
  const [largest] = series;
  return (
    <Card
      title={`${figures.title} by minute`}
      tools={
        <Segments
          label="Measure"
          options={MEASURES.map((value) => ({ value, label: figuresOf(value, currency).title }))}
          value={show}
          onChange={props.onShow}
        />
      }
    >
      {largest ? (
        <StackedBars
          title={`${figures.title} by minute and model`}
          description={`${figures.short(total)} in all, most of it ${largest.label}: ${figures.short(largest.total)}.`}
          buckets={seen.sums.buckets}
          series={series}
          width="1m"
          zone={zone}
          format={figures.short}
          formatShort={figures.tick}
          onChoose={(at) => {
            const minute = seen.sums.buckets[at];
            if (minute) props.onMinute({ start: minute.start, end: minute.end });
          }}
          onChooseSeries={({ keys: [model] }) => {
            if (typeof model === "string") props.onModel(model);
          }}
        />
      ) : (
        <div class="live-nothing">
          <Empty title="Nothing in these minutes" icon="live">
            What happens is here a moment later.
          </Empty>
        </div>
      )}
    </Card>
  );
}
