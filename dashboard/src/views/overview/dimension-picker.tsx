import { useState } from "preact/hooks";
import { Combobox } from "../../parts/combobox";
import { useAnswer } from "../../parts/use-answer";
import { dimensionTitle } from "../../quantities/labels";
import { useServices } from "../../services";
import { isTag, tagDimension } from "../../wire/tables";
import { tagNamesOf } from "../../wire/tag-names";
import { costsSubject, type Frame } from "./questions";

export interface DimensionPickerProps {
  readonly frame: Frame;
  readonly onChange: (dimension: string) => void;
}

/** What one asks for most, before what else there is. */
const FIRST = [
  "model",
  "project_id",
  "user_id",
  "api_key_id",
  "provider",
  "service_tier",
  "line_item",
];

/** What the chart tells apart; tags are those that events of the range have. */
export function DimensionPicker({ frame, onChange }: DimensionPickerProps) {
  const { wire } = useServices();
  const [isOpened, setOpened] = useState(false);
  const { start, end } = frame.span;
  const tags = useAnswer(isOpened ? `${start} ${end}` : null, (signal) =>
    tagNamesOf(wire, frame.span, signal),
  );
  const names = new Set([
    ...FIRST,
    ...(tags.value ?? []).map(tagDimension),
    ...(isTag(frame.dimension) ? [frame.dimension] : []),
    ...costsSubject().dimensions.filter((each) => each !== "currency"),
  ]);
  return (
    <Combobox
      label="Stacked by"
      text={`By ${dimensionTitle(frame.dimension).toLowerCase()}`}
      options={[...names].map((value) => ({ value, label: dimensionTitle(value) }))}
      chosen={[frame.dimension]}
      onChange={([chosen]) => chosen !== undefined && onChange(chosen)}
      onOpen={() => setOpened(true)}
      isLoading={tags.isWaiting}
    />
  );
}
