import { Empty } from "../../parts/states";
import { ViewHead } from "../../shell/view-head";

/** Any question about usage and costs, as a chart and a table. */
export function Explore() {
  return (
    <>
      <ViewHead title="Explore" />
      <Empty title="There is nothing here yet" icon="explore" />
    </>
  );
}
