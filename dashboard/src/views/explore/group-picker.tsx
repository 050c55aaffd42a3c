import { useState } from "preact/hooks";
import { Combobox } from "../../parts/combobox";
import { useTagNames } from "../../parts/use-tag-names";
import { dimensionTitle } from "../../quantities/labels";
import { DIMENSIONS_MAX } from "../../state/question";
import { isTag, tagDimension } from "../../wire/tables";
import type { Inquiry } from "./inquiry";

export interface GroupPickerProps {
  readonly inquiry: Inquiry;
  readonly onChange: (dimensions: readonly string[]) => void;
}

/** What groups are told apart by, in the order of choosing. One more than there may be replaces the last. */
export function GroupPicker({ inquiry, onChange }: GroupPickerProps) {
  const [isOpened, setOpened] = useState(false);
  const { subject, span, dimensions } = inquiry;
  const tags = useTagNames(span, isOpened);
  const names = new Set([
    ...subject.dimensions,
    ...dimensions.filter(isTag),
    ...(tags.value ?? []).map(tagDimension),
  ]);
  const titles = dimensions.map((each) => dimensionTitle(each).toLowerCase());
  return (
    <Combobox
      label="Group by"
      text={titles.length === 0 ? "No groups" : `By ${titles.join(", ")}`}
      options={[...names].map((value) => ({ value, label: dimensionTitle(value) }))}
      chosen={dimensions}
      isMultiple
      onChange={(chosen) => {
        const newest = chosen.at(-1);
        const isFull = chosen.length > DIMENSIONS_MAX && newest !== undefined;
        onChange(isFull ? [...chosen.slice(0, DIMENSIONS_MAX - 1), newest] : chosen);
      }}
      onOpen={() => setOpened(true)}
      isLoading={tags.isWaiting}
    />
  );
}
