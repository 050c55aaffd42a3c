/** An option that is found by what it is called, by its value, or by its note. */
export interface SearchedOption {
  readonly value: string;
  readonly label: string;
  /** Beside the label, quiet: an id, a count. */
  readonly note?: string;
}

/**
 * The options that have every word of a search, those that begin with it first.
 *
 * With `acceptsText`, what was typed is an option of its own unless there is one of that value.
 */
export function matching(
  options: readonly SearchedOption[],
  search: string,
  acceptsText = false,
): readonly SearchedOption[] {
  const typed = search.trim();
  if (typed === "") return options;
  const words = typed.toLowerCase().split(/\s+/);
  const found = options.filter((option) => {
    const text = `${option.label} ${option.value} ${option.note ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const first = typed.toLowerCase();
  const begins = (option: SearchedOption): number =>
    option.label.toLowerCase().startsWith(first) ? 0 : 1;
  const sorted = found.toSorted((one, other) => begins(one) - begins(other));
  if (!acceptsText || options.some((option) => option.value === typed)) return sorted;
  return [...sorted, { value: typed, label: typed, note: "as typed" }];
}
