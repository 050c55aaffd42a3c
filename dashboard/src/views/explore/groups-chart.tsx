import Big from "big.js";
import { StackedBars } from "../../charts/stacked-bars";
import { Card } from "../../parts/card";
import { Empty } from "../../parts/states";
import { useLabels } from "../../parts/use-labels";
import { formatCountShort, unitOf } from "../../quantities/counts";
import { dimensionTitle, subjectTitle } from "../../quantities/labels";
import { WIDTH_WORDS } from "../../quantities/widths";
import { useServices } from "../../services";
import type { Sums } from "../../wire/usage";
import { intoGroup, intoPart } from "./drill";
import { drawnGroups, type Grouped } from "./groups";
import type { Inquiry } from "./inquiry";
import { nameOf } from "./lines";
import { type SectionProps, useWays } from "./section";
import { figuresOf } from "./subject-figures";

export interface GroupsChartProps extends SectionProps {
  readonly inquiry: Inquiry;
  readonly sums: Sums;
  readonly grouped: Grouped;
  readonly currency: string;
}

/** The answer over time. A bar is stepped into, a group by its colour, a range by dragging. */
export function GroupsChart(props: GroupsChartProps) {
  const { state, change, fields, inquiry, sums, grouped, currency } = props;
  const { colours } = useServices();
  const labelOf = useLabels();
  const ways = useWays(fields);
  const { subject, dimensions, counted, width, zone, span } = inquiry;
  const { measure } = counted;
  const figures = figuresOf(subject, currency);
  const title = `${figures.title(measure) === "Cost" ? "Costs" : figures.title(measure)} by ${WIDTH_WORDS[width]}`;
  const total = grouped.totals[measure] ?? new Big(0);
  const series =
    dimensions.length === 0
      ? undivided(grouped, measure, sums, subjectTitle(subject.name))
      : drawnGroups(grouped, measure, dimensions, colours, (line) =>
          nameOf(line, dimensions, labelOf),
        );
  const chooseSeries = (chosen: (typeof series)[number]): void => {
    const to = intoGroup(state, dimensions, chosen.keys, span);
    if (to) ways.go(to);
  };
  return (
    <Card
      title={title}
      note={
        <>
          <span class="figures" data-exact={figures.exact(measure, total)}>
            {figures.read(measure, total)} {counted.isStock ? "at most" : "in all"}
          </span>
          <Unpriced count={sums.unpricedEvents ?? 0} />
        </>
      }
    >
      {series.length === 0 ? (
        <Empty title="Nothing in this range" icon="explore">
          Choose a longer range, another kind, or fewer filters.
        </Empty>
      ) : (
        <StackedBars
          title={
            dimensions.length === 0
              ? title
              : `${title} and ${dimensions.map((each) => dimensionTitle(each).toLowerCase()).join(", ")}`
          }
          description={`${figures.read(measure, total)} ${counted.isStock ? "at most" : "in all"}, the largest ${series[0]?.label}: ${figures.read(measure, series[0]?.total ?? total)}.`}
          buckets={sums.buckets}
          series={series}
          width={width}
          zone={zone}
          format={(value) => figures.read(measure, value)}
          formatShort={(value) => figures.short(measure, value)}
          onBrush={(brushed) => change({ range: { span: brushed }, pages: [] })}
          onChoose={(index, chosen) => {
            const bar = sums.buckets[index];
            const keys = chosen && !chosen.isOther ? chosen.keys : null;
            if (bar) ways.go(intoPart(state, dimensions, keys, bar, span));
          }}
          {...(dimensions.length > 0 ? { onChooseSeries: chooseSeries } : {})}
        />
      )}
    </Card>
  );
}

/** What no price is known of is in no sum, and is said beside it. */
function Unpriced({ count }: { readonly count: number }) {
  if (count === 0) return null;
  return (
    <a class="unpriced" href="#/prices">
      {formatCountShort(count)} unpriced {unitOf(count, "events")}
    </a>
  );
}

/** An answer without groups, as one series. */
function undivided(grouped: Grouped, measure: string, { buckets }: Sums, label: string) {
  const total = grouped.totals[measure] ?? new Big(0);
  if (total.eq(0)) return [];
  const values = buckets.map((_, at) => grouped.lines[at]?.sums[measure] ?? new Big(0));
  return [{ id: "all", keys: [], isOther: false, values, total, label, slot: 0 }];
}
