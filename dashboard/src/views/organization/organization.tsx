import { Empty } from "../../parts/states";
import { ViewHead } from "../../shell/view-head";

/** Projects, people, keys, and who changed what. */
export function Organization() {
  return (
    <>
      <ViewHead title="Organization" />
      <Empty title="There is nothing here yet" icon="organization" />
    </>
  );
}
