import { useServices } from "../../services";
import type { Traits } from "../../wire/prices";
import { pricesFields } from "./state";

/** A card's model, with whose it is; a way to its prices. Tools belong to no model. */
export function ModelLink({ traits }: { readonly traits: Traits }) {
  const { location, zone } = useServices();
  const fields = pricesFields(zone);
  const { model, provider } = traits;
  return (
    <span class="two-lines">
      {model === null ? (
        <span>any model</span>
      ) : (
        <a
          href={location.hrefOf("prices", "", fields, {
            ...location.read(fields),
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
