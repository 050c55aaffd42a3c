import { Empty } from "../../parts/states";
import { ViewHead } from "../../shell/view-head";

export function Prices() {
  return (
    <>
      <ViewHead title="Prices" />
      <Empty title="There is nothing here yet" icon="prices" />
    </>
  );
}
