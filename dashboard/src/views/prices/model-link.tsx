import { useServices } from "../../services";
import type { Traits } from "../../wire/prices";
import { PRICES_FIELDS } from "./state";

/** A card's model, with whose it is; a way to its prices. Tools belong to no model. */
export function ModelLink({ traits }: { readonly traits: Traits }) {
  const { location } = useServices();
  const { model, provider } = traits;
  return (
    <span class="two-lines">
      {model === null ? (
        <span>any model</span>
      ) : (
        <a
          href={location.hrefOf("prices", "", PRICES_FIELDS, {
            model,
            provider,
            at: null,
            find: "",
          })}
        >
          {model}
        </a>
      )}
      <span class="second-line">{provider}</span>
    </span>
  );
}
