import { formatCount, unitOf } from "../quantities/counts";
import { Button } from "./button";
import type { Listed } from "./use-list";
import "./list-foot.css";

export interface ListFootProps {
  readonly list: Pick<Listed<unknown>, "value" | "isWaiting" | "more">;
  /** What is in the list, in the plural. */
  readonly unit: string;
}

/** How much of a list is shown, and the way to more of it. */
export function ListFoot({ list, unit }: ListFootProps) {
  if (!list.value) return null;
  const { rows, isWhole } = list.value;
  // Whoever shows the list says that there is nothing in it.
  if (rows.length === 0) return null;
  return (
    <footer class="list-foot">
      <span class="quiet figures">
        {isWhole ? "" : "The first "}
        {formatCount(rows.length)} {unitOf(rows.length, unit)}
      </span>
      {!isWhole && (
        <Button onClick={list.more} isDisabled={list.isWaiting}>
          Show more
        </Button>
      )}
    </footer>
  );
}
