import type { ComponentChildren } from "preact";

/** The title of a view, and what it is set by. */
export function ViewHead({ title, tools }: { title: string; tools?: ComponentChildren }) {
  return (
    <header class="view-head">
      <h1>{title}</h1>
      {tools && <div class="view-tools">{tools}</div>}
    </header>
  );
}
