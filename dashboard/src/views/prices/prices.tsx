import { Empty } from "../../parts/states";
import { ViewHead } from "../../shell/view-head";

/** The price book, and what has no price. */
export function Prices() {
  return (
    <>
      <ViewHead title="Prices" />
      <Empty title="There is nothing here yet" icon="prices" />
    </>
  );
}
