import { useState } from "preact/hooks";
import { queryByCommand, queryByCurl, queryByPython } from "../../logic/query-snippets";
import { Dialog } from "../../parts/dialog";
import { Segments } from "../../parts/select";
import { Snippet } from "../../parts/snippet";
import { useServices } from "../../services";
import { bucketCount } from "../../state/ranges";
import type { Inquiry } from "./inquiry";

export interface AsCodeProps {
  readonly inquiry: Inquiry;
  readonly onClose: () => void;
}

const WAYS = [
  { value: "curl", label: "curl" },
  { value: "python", label: "Python" },
  { value: "command", label: "Command line" },
] as const;
type Way = (typeof WAYS)[number]["value"];

/** The question that is shown, to be asked from elsewhere. */
export function AsCode({ inquiry, onClose }: AsCodeProps) {
  const { wire } = useServices();
  const [way, setWay] = useState<Way>("curl");
  const { query, counted, subject, span, width } = inquiry;
  const address = wire.address("");
  const code: Readonly<Record<Way, string>> = {
    curl: queryByCurl(address, query),
    python: queryByPython(address, query, counted.measure),
    command: queryByCommand(address, query),
  };
  const isPaged = bucketCount(span, width) > subject.bucketsMax[width];
  return (
    <Dialog title="Ask this from elsewhere" onClose={onClose} isWide>
      <Segments label="Way to ask" options={WAYS} value={way} onChange={setWay} />
      <Snippet label="The question as code" code={code[way]} />
      <p class="field-hint">
        With a key that may read usage in TALLYBOOK_ADMIN_KEY. The range is the one that is shown,
        to the second.
        {way === "curl" && isPaged && " This is the first page: ask on with its next_page as page."}
      </p>
    </Dialog>
  );
}
