import { useState } from "preact/hooks";
import { Button } from "../../parts/button";
import { TextField } from "../../parts/field";
import { DEFAULT_PROVIDER } from "./state";

export interface ModelSearchProps {
  readonly onModel: (asked: { readonly model: string; readonly provider: string }) => void;
}

/** Ask for any model, whether it was used or not. */
export function ModelSearch({ onModel }: ModelSearchProps) {
  const [model, setModel] = useState("");
  const [provider, setProvider] = useState(DEFAULT_PROVIDER);
  return (
    <form
      class="model-search"
      onSubmit={(event) => {
        event.preventDefault();
        onModel({ model: model.trim(), provider: provider.trim() || DEFAULT_PROVIDER });
      }}
    >
      <TextField label="Model" value={model} onInput={setModel} placeholder="gpt-5.5-2026-04-23" />
      <TextField label="Provider" value={provider} onInput={setProvider} />
      <Button type="submit" isDisabled={model.trim() === ""}>
        Show its prices
      </Button>
    </form>
  );
}
