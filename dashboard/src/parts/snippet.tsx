import { IconButton } from "./button";
import { useCopy } from "./use-copy";
import "./snippet.css";

export interface SnippetProps {
  /** What it does, for screen readers. */
  readonly label: string;
  readonly code: string;
}

/** Code to take along. */
export function Snippet({ label, code }: SnippetProps) {
  const copy = useCopy();
  return (
    <div class="snippet">
      <section
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what overflows is scrolled by keyboard
        tabIndex={0}
        aria-label={label}
      >
        <pre>
          <code>{code}</code>
        </pre>
      </section>
      <IconButton label={`Copy: ${label}`} icon="copy" onClick={() => copy(code)} />
    </div>
  );
}
