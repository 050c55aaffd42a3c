import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { Sparkline } from "../charts/sparkline";
import { SkeletonLine } from "./states";
import "./tile.css";

export interface TileProps {
  readonly title: string;
  /** Null while it is on its way. */
  readonly figure: string | null;
  /** The figure with all its digits. */
  readonly exact?: string | undefined;
  readonly note?: ComponentChildren;
  readonly course?: readonly number[];
}

/** One number that matters, what it is, and what to compare it with. */
export function Tile({ title, figure, exact, note, course }: TileProps) {
  const id = useId();
  return (
    <section class="tile" aria-labelledby={id}>
      <h2 id={id} class="tile-title">
        {title}
      </h2>
      <div class="tile-line">
        {figure === null ? (
          <SkeletonLine />
        ) : (
          <p class="tile-figure" title={exact} data-exact={exact}>
            {figure}
          </p>
        )}
        {course && course.length > 1 && <Sparkline values={course} />}
      </div>
      <p class="tile-note">{figure === null ? "\u00a0" : note}</p>
    </section>
  );
}
