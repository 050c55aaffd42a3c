import type { ComponentChildren } from "preact";
import { Failure, SkeletonBlock } from "./states";
import type { Awaited } from "./use-answer";

export interface AwaitingProps<T> {
  readonly answer: Awaited<T>;
  /** What is on its way, for screen readers: `Loading the chart`. */
  readonly label: string;
  /** What stands in for the answer until it is there; as large as it will be. */
  readonly skeleton?: ComponentChildren;
  /** What else one could ask when it failed. */
  readonly advice?: string | undefined;
  readonly children: (value: T) => ComponentChildren;
}

/** An answer in each of its states: on its way, there, there but about to be renewed, failed. */
export function Awaiting<T>({ answer, label, skeleton, advice, children }: AwaitingProps<T>) {
  if (answer.fault) return <Failure fault={answer.fault} advice={advice} onRetry={answer.retry} />;
  if (answer.value === null) return <>{skeleton ?? <SkeletonBlock label={label} />}</>;
  return (
    <div class={answer.isWaiting ? "stale" : undefined} aria-busy={answer.isWaiting}>
      {children(answer.value)}
    </div>
  );
}
