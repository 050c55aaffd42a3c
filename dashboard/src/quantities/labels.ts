import { isTag, tagName } from "../wire/tables";
import type { Key } from "../wire/usage";

/** What dimensions are called, where their name on the wire does not say it well. */
const TITLES: Readonly<Record<string, string>> = {
  project_id: "Project",
  user_id: "User",
  api_key_id: "Key",
  vector_store_id: "Vector store",
  api_source: "API source",
};

/** A dimension for people: `Project`, `Line item`, `Tag team`. */
export function dimensionTitle(dimension: string): string {
  if (isTag(dimension)) return `Tag ${tagName(dimension)}`;
  const words = dimension.replaceAll("_", " ");
  return TITLES[dimension] ?? words.charAt(0).toUpperCase() + words.slice(1);
}

/** What a group without a value is called. */
export function missingLabel(dimension: string): string {
  return `no ${dimensionTitle(dimension).toLowerCase()}`;
}

/** A key as it stands: an id, a model, yes or no. Names of ids come from `wire/names`. */
export function keyText(dimension: string, key: Key): string {
  if (key === null) return missingLabel(dimension);
  if (typeof key === "boolean") return key ? `${dimension}` : `not ${dimension}`;
  return key === "" ? `empty ${dimensionTitle(dimension).toLowerCase()}` : key;
}

/** What a subject is called: `Costs`, `Completions`. */
export function subjectTitle(name: string): string {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
