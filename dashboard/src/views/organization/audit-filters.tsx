import { Button, IconButton } from "../../parts/button";
import { Combobox } from "../../parts/combobox";
import { RangePicker } from "../../parts/range-picker";
import type { SearchedOption } from "../../parts/searching";
import { useLabels } from "../../parts/use-labels";
import { DEFAULT_RANGE } from "../../state/ranges";
import type { AuditEntry } from "../../wire/organization";
import { isUnfiltered } from "./audit-list";
import { SETTING_KEYS, subjectDimension, TYPE_TITLES, typeTitle } from "./audit-words";
import type { SectionProps } from "./view";

export interface AuditFiltersProps extends Pick<SectionProps, "state" | "change"> {
  /** Entries that are shown: who and what is in them can be chosen. */
  readonly entries: readonly AuditEntry[];
  /** Unix seconds. */
  readonly now: number;
}

const TYPES: readonly SearchedOption[] = Object.entries(TYPE_TITLES).map(([value, label]) => ({
  value,
  label,
  note: value,
}));

/** Which entries one wants to see: by what, whom, about what, and when. */
export function AuditFilters({ state, change, entries, now }: AuditFiltersProps) {
  const { types, actors, subjects, when, zone } = state;
  const labelOf = useLabels();
  const actorLabel = (id: string): string => SETTING_KEYS[id] ?? labelOf("api_key_id", id);
  const known = new Map(
    entries.map(({ type, changes }) => [changes.subject_id, subjectDimension(type)]),
  );
  const subjectLabel = (id: string): string => {
    const dimension = known.get(id);
    return dimension ? labelOf(dimension, id) : id;
  };
  const actorIds = entries.flatMap(({ changes }) => changes.actor_id ?? []);
  return (
    <div class="audit-filters">
      <Combobox
        label="Filter by what happened"
        text={chosenText(types, "Anything", typeTitle)}
        icon="filter"
        options={TYPES}
        chosen={types}
        onChange={(chosen) => change({ types: chosen })}
        isMultiple
      />
      <Combobox
        label="Filter by who did it"
        text={chosenText(actors, "Anyone", actorLabel)}
        options={optionsOf([...actors, ...actorIds], actorLabel)}
        chosen={actors}
        onChange={(chosen) => change({ actors: chosen })}
        placeholder="Search, or type an id"
        isMultiple
        acceptsText
      />
      <Combobox
        label="Filter by what it was done to"
        text={chosenText(subjects, "Any subject", subjectLabel)}
        options={optionsOf([...subjects, ...known.keys()], subjectLabel)}
        chosen={subjects}
        onChange={(chosen) => change({ subjects: chosen })}
        placeholder="Search, or type an id"
        isMultiple
        acceptsText
      />
      {when === null ? (
        <Button icon="calendar" onClick={() => change({ when: DEFAULT_RANGE })}>
          Any time
        </Button>
      ) : (
        <span class="audit-when">
          <RangePicker
            range={when}
            {...{ zone, now }}
            onChange={(range) => change({ when: range })}
          />
          <IconButton label="Any time" icon="close" onClick={() => change({ when: null })} />
        </span>
      )}
      {!isUnfiltered(state) && (
        <Button
          look="plain"
          onClick={() => change({ types: [], actors: [], subjects: [], when: null })}
        >
          Clear filters
        </Button>
      )}
    </div>
  );
}

function chosenText(
  chosen: readonly string[],
  none: string,
  labelOf: (value: string) => string,
): string {
  const [first] = chosen;
  if (first === undefined) return none;
  return chosen.length === 1 ? labelOf(first) : `${labelOf(first)} and ${chosen.length - 1} more`;
}

function optionsOf(
  ids: readonly string[],
  labelOf: (id: string) => string,
): readonly SearchedOption[] {
  return [...new Set(ids)].map((id) => {
    const label = labelOf(id);
    return label === id ? { value: id, label } : { value: id, label, note: id };
  });
}
