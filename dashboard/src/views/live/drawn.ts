import { type ColourBook, OTHER } from "../../charts/palette";
import type { DrawnSeries, Series } from "../../charts/series";
import type { LabelOf } from "../../parts/use-labels";

/** Models under their names and in their lasting colours. */
export function drawn(
  all: readonly Series[],
  colours: ColourBook,
  labelOf: LabelOf,
): readonly DrawnSeries[] {
  const slots = colours.slotsFor(
    "model",
    all.filter((each) => !each.isOther).map((each) => each.id),
  );
  return all.map((each, at) => ({
    ...each,
    label: each.isOther ? "all others" : labelOf("model", each.keys[0] ?? null),
    slot: each.isOther ? OTHER : (slots[at] ?? OTHER),
  }));
}
