import { Icon } from "../../parts/icon";
import { useLabels } from "../../parts/use-labels";
import { dimensionTitle } from "../../quantities/labels";
import { formatRange } from "../../quantities/times";
import { spanOf } from "../../state/ranges";
import { backTo, standingSteps } from "./drill";
import type { Ways } from "./section";
import type { Exploration, Step } from "./state";

export interface CrumbsProps {
  readonly state: Exploration;
  readonly ways: Ways;
  /** Whether one is at the events, below all groups. */
  readonly isAtEvents: boolean;
  /** Unix seconds. */
  readonly now: number;
}

/** The way that one came down, each step of it a link back. Nothing before the first step. */
export function Crumbs({ state, ways, isAtEvents, now }: CrumbsProps) {
  const labelOf = useLabels();
  const steps = standingSteps(state);
  if (steps.length === 0 && !isAtEvents) return null;
  const textOf = (step: Step, at: number): string => {
    if ("value" in step) {
      return `${dimensionTitle(step.dimension)} ${labelOf(step.dimension, step.value)}`;
    }
    // What a bar's step chose is the range that the next one came from, or the one that holds.
    const next = steps.slice(at + 1).find((each) => "before" in each);
    const range = next && "before" in next ? next.before : state.range;
    return formatRange(spanOf(range, now, state.zone), state.zone);
  };
  const crumbs = [
    { text: "All", count: 0 },
    ...steps.map((step, at) => ({ text: textOf(step, at), count: at + 1 })),
  ];
  return (
    <nav class="crumbs" aria-label="Steps">
      <ol>
        {crumbs.map(({ text, count }) => (
          <li key={count}>
            {count > 0 && <Icon name="right" />}
            {count === steps.length && !isAtEvents ? (
              <span aria-current="step" class="clipped">
                {text}
              </span>
            ) : (
              <a class="clipped" href={ways.hrefOf({ section: "", state: backTo(state, count) })}>
                {text}
              </a>
            )}
          </li>
        ))}
        {isAtEvents && (
          <li>
            <Icon name="right" />
            <span aria-current="step">Events</span>
          </li>
        )}
      </ol>
    </nav>
  );
}
