import type { ListState } from "./fields";
import type { Reach } from "./reach";

/** What every section of the view is given. */
export interface SectionProps {
  readonly reach: Reach;
  readonly state: ListState;
  readonly change: (part: Partial<ListState>) => void;
}
