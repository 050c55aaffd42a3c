import Big from "big.js";
import { Swatch } from "../../charts/legend";
import { Card } from "../../parts/card";
import { type Column, Table } from "../../parts/table";
import { useLabels } from "../../parts/use-labels";
import { useServices } from "../../services";
import { drawn } from "./drawn";
import { figuresOf } from "./figures";
import type { Seen } from "./look";
import { type ModelLine, modelLines } from "./minutes";
import { MEASURES, type Measure } from "./state";

export interface ModelsCardProps {
  readonly seen: Seen;
  /** What they are in order of. */
  readonly show: Measure;
  readonly currency: string;
}

/** What each model came to in the minutes of the chart. */
export function ModelsCard({ seen, show, currency }: ModelsCardProps) {
  const { colours } = useServices();
  const labelOf = useLabels();
  const lines = modelLines(seen.sums, show);
  const named = new Map(
    drawn(
      lines.map(({ series }) => series),
      colours,
      labelOf,
    ).map((each) => [each.id, each]),
  );
  const columns: readonly Column<ModelLine>[] = [
    {
      key: "model",
      title: "Model",
      cell: ({ series }) => {
        const each = named.get(series.id);
        return (
          each && (
            <span class="live-model" title={each.label}>
              <Swatch slot={each.slot} />
              <span class="clipped">{each.label}</span>
            </span>
          )
        );
      },
    },
    ...MEASURES.map((measure) => {
      const figures = figuresOf(measure, currency);
      return {
        key: measure,
        title: figures.title,
        isNumber: true,
        cell: ({ totals }: ModelLine) => {
          const total = totals[measure] ?? new Big(0);
          return (
            <span title={figures.exact(total)} data-exact={figures.exact(total)}>
              {figures.short(total)}
            </span>
          );
        },
      };
    }),
  ];
  return (
    <Card title="Models">
      {lines.length > 0 ? (
        <Table
          caption="Models in these minutes"
          columns={columns}
          rows={lines}
          keyOf={({ series }) => series.id}
          isTall
        />
      ) : (
        <p class="nothing quiet">No model was used.</p>
      )}
    </Card>
  );
}
