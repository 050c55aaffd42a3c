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
  /** Only what is in it closes it: what it shows is not to be lost by a slip. */
  readonly isSticky?: boolean;
}

/** A window over the page, which takes the keyboard until it is closed and gives it back then. */
export function Dialog(props: DialogProps) {
  const { title, children, onClose, isWide = false, isSticky = false } = props;
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
      // Without it a browser closes a dialog at the second Escape, whatever the page says.
      {...(isSticky ? { closedby: "none" } : {})}
      onCancel={(event) => {
        event.preventDefault();
        if (!isSticky) onClose();
      }}
      onClick={(event) => {
        // A click on the dialog itself is one on its backdrop: its content covers it.
        if (!isSticky && event.target === dialog.current) onClose();
      }}
    >
      <header class="dialog-head">
        <h2 id={id}>{title}</h2>
        {!isSticky && <IconButton label="Close" icon="close" onClick={onClose} />}
      </header>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
