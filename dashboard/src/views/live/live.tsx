import { Empty } from "../../parts/states";
import { ViewHead } from "../../shell/view-head";

/** The last minutes, moving. */
export function Live() {
  return (
    <>
      <ViewHead title="Live" />
      <Empty title="There is nothing here yet" icon="live" />
    </>
  );
}
