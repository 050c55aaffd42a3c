import type { ComponentChildren } from "preact";
import type { Fault, FaultKind } from "../wire/errors";
import { Button } from "./button";
import { Icon, type IconName } from "./icon";
import "./states.css";

/** In place of a line of text that is on its way, about as wide as it will be. */
export function SkeletonLine() {
  return <span class="skeleton skeleton-line" aria-hidden="true" />;
}

/** In place of a part that is on its way, as high as where it stands. */
export function SkeletonBlock({ label }: { readonly label: string }) {
  return (
    <div class="skeleton skeleton-block" role="status" aria-label={label}>
      <span class="spoken">{label}</span>
    </div>
  );
}

export interface EmptyProps {
  readonly title: string;
  readonly icon?: IconName;
  /** Why there is nothing, and what would change that. */
  readonly children?: ComponentChildren;
  readonly tools?: ComponentChildren;
}

/** There is nothing to show, and that is no fault. */
export function Empty({ title, icon = "overview", children, tools }: EmptyProps) {
  return (
    <div class="state">
      <Icon name={icon} />
      <p class="state-title">{title}</p>
      {children && <p class="state-text">{children}</p>}
      {tools && <div class="state-tools">{tools}</div>}
    </div>
  );
}

const TITLES: Readonly<Record<FaultKind, string>> = {
  unauthorized: "You are not logged in",
  forbidden: "Your key does not open this",
  refused: "This cannot be answered",
  missing: "It is not there",
  busy: "The server is busy",
  slow: "This takes too long to answer",
  defect: "The server failed",
  offline: "The server cannot be reached",
};

export interface FailureProps {
  readonly fault: Fault;
  /** What else one could ask, where the view knows it. */
  readonly advice?: string | undefined;
  /** Asks again; without it there is no button. */
  readonly onRetry?: (() => void) | undefined;
}

/** A request that has no answer: the API's own words, and what to do. */
export function Failure({ fault, advice, onRetry }: FailureProps) {
  return (
    <div class="state state-failed" role="alert">
      <Icon name="warning" />
      <p class="state-title">{TITLES[fault.kind]}</p>
      <p class="state-text">{fault.message}</p>
      {advice && <p class="state-text">{advice}</p>}
      {fault.requestId && (
        <p class="state-text">
          Request <code>{fault.requestId}</code>
        </p>
      )}
      {onRetry && (
        <div class="state-tools">
          <Button onClick={onRetry}>Try again</Button>
        </div>
      )}
    </div>
  );
}
