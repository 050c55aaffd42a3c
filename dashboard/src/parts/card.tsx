import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import "./card.css";

export interface CardProps {
  readonly title: string;
  /** Beside the title, quiet. */
  readonly note?: ComponentChildren;
  /** At the other end of the title's line. */
  readonly tools?: ComponentChildren;
  readonly children: ComponentChildren;
}

/** A part of a view with a title of its own: a landmark that is found by its name. */
export function Card({ title, note, tools, children }: CardProps) {
  const id = useId();
  return (
    <section class="card" aria-labelledby={id}>
      <header class="card-head">
        <h2 id={id}>{title}</h2>
        {note && <span class="card-note">{note}</span>}
        {tools && <div class="card-tools">{tools}</div>}
      </header>
      <div class="card-body">{children}</div>
    </section>
  );
}

export interface BadgeProps {
  readonly children: ComponentChildren;
  readonly look?: "normal" | "good" | "warning" | "bad";
}

/** A word about the state of something. */
export function Badge({ children, look = "normal" }: BadgeProps) {
  return <span class={`badge badge-${look}`}>{children}</span>;
}
