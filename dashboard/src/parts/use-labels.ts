import { keyText } from "../quantities/labels";
import { useServices } from "../services";
import type { Key } from "../wire/usage";

/** What a group is called: the name of its id where it has one. */
export type LabelOf = (dimension: string, key: Key) => string;

/** Labels with names, drawn again when names come in. */
export function useLabels(): LabelOf {
  const { names } = useServices();
  names.version.value;
  return (dimension, key) =>
    (typeof key === "string" ? names.nameOf(dimension, key) : null) ?? keyText(dimension, key);
}
