import { Card } from "../../parts/card";
import { ViewHead } from "../../shell/view-head";
import { ModelSearch } from "./model-search";

/** What a key that is bound to projects can see of prices: what a model costs. */
export function Bound({
  onModel,
}: {
  readonly onModel: (asked: { readonly model: string; readonly provider: string }) => void;
}) {
  return (
    <>
      <ViewHead title="Prices" />
      <Card title="What a model costs">
        <div class="bound">
          <p class="quiet">
            Your key is bound to projects. The price book with its events, and pricing them again,
            are the whole organization’s; the list price of a model is open to you.
          </p>
          <ModelSearch onModel={onModel} />
        </div>
      </Card>
    </>
  );
}
