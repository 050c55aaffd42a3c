import { useServices } from "../services";
import { IconButton } from "./button";
import "./snippet.css";

export interface SnippetProps {
  /** What it does, for screen readers. */
  readonly label: string;
  readonly code: string;
}

/** Code to take along. */
export function Snippet({ label, code }: SnippetProps) {
  const { toasts } = useServices();
  const copy = (): void => {
    // Without https a browser has no clipboard for pages; the text can be marked all the same.
    const copied =
      navigator.clipboard?.writeText(code) ?? Promise.reject(new Error("no clipboard"));
    copied.then(
      () => toasts.say("Copied."),
      () => toasts.complain("This browser lets no page copy here: mark the text and copy it."),
    );
  };
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
      <IconButton label={`Copy: ${label}`} icon="copy" onClick={copy} />
    </div>
  );
}
