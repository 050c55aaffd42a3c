import { type Change, formatChange } from "../quantities/shares";

/** A change, by its sign and not by its colour alone. More spend is a warning, less is good. */
export function ChangeNote({ change }: { readonly change: Change }) {
  return <span class={`change change-${change.direction}`}>{formatChange(change)}</span>;
}
