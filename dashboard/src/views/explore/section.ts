import { useServices } from "../../services";
import type { Fields } from "../../state/fields";
import type { Destination } from "./drill";
import type { Exploration } from "./state";

/** What each section of the view works with. */
export interface SectionProps {
  readonly state: Exploration;
  readonly change: (part: Partial<Exploration>) => void;
  /** Unix seconds. */
  readonly now: number;
  readonly fields: Fields<Exploration>;
}

/** The ways to other states of the view: an address for a link, and a step to it. */
export interface Ways {
  readonly hrefOf: (to: Destination) => string;
  readonly go: (to: Destination) => void;
}

/** The ways from where one is. */
export function useWays(fields: Fields<Exploration>): Ways {
  const { location } = useServices();
  const hrefOf = ({ section, state }: Destination): string =>
    location.hrefOf("explore", section, fields, state);
  return { hrefOf, go: (to) => location.visit(hrefOf(to)) };
}
