import { useCallback, useRef, useState } from "preact/hooks";
import { seriesOf } from "../../charts/series";
import { Combobox } from "../../parts/combobox";
import type { SearchedOption } from "../../parts/searching";
import { useAnswer } from "../../parts/use-answer";
import { useLabels } from "../../parts/use-labels";
import { useTagNames } from "../../parts/use-tag-names";
import { dimensionTitle } from "../../quantities/labels";
import { useServices } from "../../services";
import type { Filters } from "../../wire/query";
import { isTag, tagDimension } from "../../wire/tables";
import { sumsOf } from "../../wire/usage";
import { type Inquiry, valuesQuery } from "./inquiry";
import { figuresOf } from "./subject-figures";

export interface FilterPickerProps {
  readonly inquiry: Inquiry;
  /** Lowercase ISO 4217, for what values cost. */
  readonly currency: string;
  readonly onChange: (filters: Filters) => void;
}

/** Choose a dimension, then some of the values that it has in the range. */
export function FilterPicker({ inquiry, currency, onChange }: FilterPickerProps) {
  const { subject, span, filters } = inquiry;
  const root = useRef<HTMLSpanElement>(null);
  const [isOpened, setOpened] = useState(false);
  const [dimension, choose] = useState<string | null>(null);
  const tags = useTagNames(span, isOpened);
  const names = new Set([
    ...subject.filters.keys(),
    ...[...filters.keys()].filter(isTag),
    ...(tags.value ?? []).map(tagDimension),
  ]);
  const close = useCallback((byKeyboard: boolean) => {
    choose(null);
    // Its own button goes with it: the focus is given to the one that it came from.
    if (byKeyboard) root.current?.querySelector("button")?.focus();
  }, []);
  return (
    <span ref={root} class="filter-picker">
      <Combobox
        label="Filter by"
        text="Filter"
        icon="filter"
        options={[...names].map((value) => ({ value, label: dimensionTitle(value) }))}
        chosen={[...filters.keys()]}
        onChange={([chosen]) => choose(chosen ?? null)}
        onOpen={() => setOpened(true)}
        isLoading={tags.isWaiting}
      />
      {dimension !== null && (
        <ValuePicker
          key={dimension}
          {...{ inquiry, currency, dimension, onChange }}
          onClose={close}
        />
      )}
    </span>
  );
}

interface ValuePickerProps extends FilterPickerProps {
  readonly dimension: string;
  readonly onClose: (byKeyboard: boolean) => void;
}

function ValuePicker({ inquiry, currency, dimension, onChange, onClose }: ValuePickerProps) {
  const { wire } = useServices();
  const labelOf = useLabels();
  const { subject, span, filters, counted } = inquiry;
  const query = valuesQuery(inquiry, dimension);
  const asked = JSON.stringify([subject.name, span, dimension, [...(query.filters ?? [])]]);
  const values = useAnswer(asked, (signal) => sumsOf(wire, query, signal));
  const figures = figuresOf(subject, currency);
  const chosen = filters.get(dimension) ?? [];
  const found: readonly SearchedOption[] = (
    values.value ? seriesOf(values.value, counted.measure) : []
  )
    .filter(({ keys: [key], isOther }) => !isOther && key !== null && key !== undefined)
    .map(({ keys: [key = null], total }) => ({
      value: String(key),
      label: labelOf(dimension, key),
      note: figures.cell(counted.measure, total),
    }));
  const missing = chosen.filter((value) => !found.some((option) => option.value === value));
  const title = dimensionTitle(dimension);
  return (
    <Combobox
      label={title}
      text={chosen.length === 0 ? `${title} is …` : `${title}: ${chosen.length} chosen`}
      options={[...missing.map((value) => ({ value, label: labelOf(dimension, value) })), ...found]}
      chosen={chosen}
      // A yes or no: both together would filter nothing.
      isMultiple={dimension !== "batch"}
      onChange={(picked) => onChange(withValues(filters, dimension, picked))}
      isLoading={values.isWaiting}
      acceptsText={dimension !== "batch"}
      isOpenAtFirst
      onClose={onClose}
      placeholder={`Search ${title.toLowerCase()}`}
    />
  );
}

/** Filters with other values of one dimension; without values it is no filter. */
export function withValues(
  filters: Filters,
  dimension: string,
  values: readonly string[],
): Filters {
  const changed = new Map(filters).set(dimension, values);
  return new Map([...changed].filter(([, each]) => each.length > 0));
}
