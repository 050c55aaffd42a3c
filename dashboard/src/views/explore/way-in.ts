import { useMemo } from "preact/hooks";
import { useServices } from "../../services";
import type { Span } from "../../state/ranges";
import { COSTS } from "../../wire/tables";
import type { Key } from "../../wire/usage";
import { intoGroup, intoPart } from "./drill";
import { useWays } from "./section";
import { type Exploration, explorationFields } from "./state";

/** The ways from a view of costs by one dimension down into them. */
export interface WayIn {
  /** The address of what is in a group; null where no filter finds it. */
  readonly hrefOf: (key: Key, span: Span) => string | null;
  /** Go into a bar, and there into a group where one was chosen. */
  readonly go: (bar: Span, keys: readonly Key[] | null, span: Span) => void;
}

/** The way into Explore from another view, with the range, zone and filters that its address has. */
export function useWayIn(dimension: string): WayIn {
  const { location, zone } = useServices();
  const fields = useMemo(() => explorationFields(zone), [zone]);
  const ways = useWays(fields);
  const state: Exploration = { ...location.read(fields), kind: COSTS, by: [dimension] };
  return {
    hrefOf: (key, span) => {
      const to = intoGroup(state, [dimension], [key], span);
      return to && ways.hrefOf(to);
    },
    go: (bar, keys, span) => ways.go(intoPart(state, [dimension], keys, bar, span)),
  };
}
