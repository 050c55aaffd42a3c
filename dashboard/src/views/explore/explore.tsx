import { Empty } from "../../parts/states";
import { ViewHead } from "../../shell/view-head";

export function Explore() {
  return (
    <>
      <ViewHead title="Explore" />
      <Empty title="There is nothing here yet" icon="explore" />
    </>
  );
}
