import { dimensionTitle } from "../quantities/labels";
import type { Filters } from "../wire/query";
import { Icon } from "./icon";
import { useLabels } from "./use-labels";
import "./filter-chips.css";

export interface FilterChipsProps {
  readonly filters: Filters;
  readonly onChange: (filters: Filters) => void;
}

/** What is filtered by, each value with a way to let it go. Nothing without filters. */
export function FilterChips({ filters, onChange }: FilterChipsProps) {
  const labelOf = useLabels();
  if (filters.size === 0) return null;
  return (
    <ul class="chips" aria-label="Filters">
      {[...filters].flatMap(([dimension, values]) =>
        values.map((value) => {
          const label = labelOf(dimension, value);
          return (
            <li key={`${dimension} ${value}`} class="chip">
              <span class="quiet">{dimensionTitle(dimension)}</span>
              <span class="clipped">{label}</span>
              <button
                type="button"
                aria-label={`Remove ${dimensionTitle(dimension)} ${label}`}
                onClick={() => onChange(without(filters, dimension, value))}
              >
                <Icon name="close" />
              </button>
            </li>
          );
        }),
      )}
    </ul>
  );
}

/** Filters without one value; a dimension without values is none. */
export function without(filters: Filters, dimension: string, value: string): Filters {
  const left = (filters.get(dimension) ?? []).filter((each) => each !== value);
  const others = [...filters].filter(([each]) => each !== dimension);
  return new Map(left.length > 0 ? [...others, [dimension, left]] : others);
}
