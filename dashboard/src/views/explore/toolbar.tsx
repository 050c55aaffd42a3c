import type { ComponentChildren } from "preact";
import { Select } from "../../parts/select";
import { quantityLabel } from "../../quantities/counts";
import { subjectTitle } from "../../quantities/labels";
import { WIDTH_WORDS } from "../../quantities/widths";
import { widthFor } from "../../state/ranges";
import { SUBJECTS } from "../../wire/tables";
import { FilterPicker } from "./filter-picker";
import { GroupPicker } from "./group-picker";
import type { Inquiry } from "./inquiry";
import { aboutKind, type Exploration, widthsFor } from "./state";

export interface ToolbarProps {
  readonly state: Exploration;
  readonly inquiry: Inquiry;
  readonly currency: string;
  readonly change: (part: Partial<Exploration>) => void;
  /** At the other end of the line. */
  readonly children: ComponentChildren;
}

const KINDS = SUBJECTS.map(({ name }) => ({ value: name, label: subjectTitle(name) }));

/** What is asked: of what, by what, how wide, and of whom. */
export function Toolbar({ state, inquiry, currency, change, children }: ToolbarProps) {
  const { subject, span, counted } = inquiry;
  const widths = widthsFor(span);
  return (
    <div class="explore-toolbar">
      <Select
        label="Kind"
        options={KINDS}
        value={subject.name}
        onChange={(kind) => change(aboutKind(state, kind))}
      />
      {subject.quantities.length > 1 && (
        <Select
          label="Number"
          options={subject.quantities.map(({ name }) => ({
            value: name,
            label: quantityLabel(name),
          }))}
          value={counted.measure}
          onChange={(order) => change({ order })}
        />
      )}
      <GroupPicker inquiry={inquiry} onChange={(by) => change({ by })} />
      <Select
        label="Width"
        options={[
          { value: "auto" as const, label: `Auto (${WIDTH_WORDS[widthFor(span)]})` },
          ...widths.map((value) => ({ value, label: `By ${WIDTH_WORDS[value]}` })),
        ]}
        value={widths.find((width) => width === state.width) ?? "auto"}
        onChange={(width) => change({ width })}
      />
      <FilterPicker {...{ inquiry, currency }} onChange={(where) => change({ where })} />
      <div class="explore-toolbar-end">{children}</div>
    </div>
  );
}
