import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { IconButton } from "./button";
import "./dialog.css";

export interface DialogProps {
  readonly title: string;
  readonly children: ComponentChildren;
  /** By the button, the Escape key, or a click beside it. */
  readonly onClose: () => void;
  readonly isWide?: boolean;
}

/** A window over the page, which takes the keyboard until it is closed and gives it back then. */
export function Dialog({ title, children, onClose, isWide = false }: DialogProps) {
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const opened = dialog.current;
    opened?.showModal();
    return () => opened?.close();
  }, []);
  return (
    // The keyboard closes it by Escape, which is the browser's own.
    // biome-ignore lint/a11y/useKeyWithClickEvents: see above
    <dialog
      ref={dialog}
      class={`dialog ${isWide ? "dialog-wide" : ""}`}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onClick={(event) => {
        // A click on the dialog itself is one on its backdrop: its content covers it.
        if (event.target === dialog.current) onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        <IconButton label="Close" icon="close" onClick={onClose} />
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
