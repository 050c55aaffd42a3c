import { type ColourBook, OTHER } from "../../charts/palette";
import { type DrawnSeries, seriesOf } from "../../charts/series";
import type { LabelOf } from "../../parts/use-labels";
import { AMOUNT, type Sums } from "../../wire/usage";

/** The groups of costs by one dimension as a chart draws them, and in their lasting colours. */
export function drawnSeries(
  sums: Sums,
  dimension: string,
  colours: ColourBook,
  labelOf: LabelOf,
): readonly DrawnSeries[] {
  const all = seriesOf(sums, AMOUNT).filter((each) => each.total.gt(0));
  const groups = all.filter((each) => !each.isOther);
  const slots = colours.slotsFor(
    dimension,
    groups.map((each) => each.id),
  );
  return all.map((each, at) => ({
    ...each,
    label: each.isOther ? "all others" : labelOf(dimension, each.keys[0] ?? null),
    slot: each.isOther ? OTHER : (slots[at] ?? OTHER),
  }));
}
