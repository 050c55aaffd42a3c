import { useState } from "preact/hooks";
import { csvOf } from "../../logic/csv";
import { Button } from "../../parts/button";
import { Menu } from "../../parts/menu";
import { saveFile } from "../../parts/save-file";
import { useCopy } from "../../parts/use-copy";
import { useLabels } from "../../parts/use-labels";
import { WIDTH_WORDS } from "../../quantities/widths";
import { useServices } from "../../services";
import type { Sums } from "../../wire/usage";
import { AsCode } from "./as-code";
import type { Line } from "./groups";
import type { Inquiry } from "./inquiry";
import { courseAsCells, fileName, linesAsCells } from "./lines";
import type { Ways } from "./section";
import type { Exploration } from "./state";

export interface AnswerToolsProps {
  readonly inquiry: Inquiry;
  readonly sums: Sums;
  /** In the order of the table. */
  readonly lines: readonly Line[];
  readonly quantities: readonly string[];
  readonly currency: string;
  readonly state: Exploration;
  readonly ways: Ways;
}

/** Ways to take an answer along: as a file, as a link, as code. */
export function AnswerTools(props: AnswerToolsProps) {
  const { inquiry, sums, lines, quantities, currency, state, ways } = props;
  const { wire } = useServices();
  const copy = useCopy();
  const labelOf = useLabels();
  const [isCode, showCode] = useState(false);
  const saveLines = (): void => {
    const { header, rows } = linesAsCells(lines, inquiry, quantities, currency, labelOf);
    saveFile(fileName(inquiry, ""), "text/csv", csvOf(header, rows));
  };
  const saveCourse = (): void => {
    const { header, rows } = courseAsCells(lines, sums.buckets, inquiry, currency, labelOf);
    saveFile(fileName(inquiry, `-by-${inquiry.width}`), "text/csv", csvOf(header, rows));
  };
  const hasGroups = inquiry.dimensions.length > 0;
  return (
    <>
      <Button onClick={() => showCode(true)}>As code</Button>
      <Menu
        label="Take along"
        text="Export"
        icon="download"
        items={[
          { label: "Download CSV", icon: "download", onChoose: saveLines },
          ...(hasGroups
            ? [
                {
                  label: `Download CSV by ${WIDTH_WORDS[inquiry.width]}`,
                  icon: "download" as const,
                  onChoose: saveCourse,
                },
              ]
            : []),
          {
            label: "Copy link",
            icon: "copy",
            onChoose: () => copy(`${wire.address("")}${ways.hrefOf({ section: "", state })}`),
          },
        ]}
      />
      {isCode && <AsCode inquiry={inquiry} onClose={() => showCode(false)} />}
    </>
  );
}
