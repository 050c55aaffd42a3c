import { ViewHead } from "../../shell/view-head";

/** What was spent, where it went, and where it is going. */
export function Overview() {
  return <ViewHead title="Overview" />;
}
