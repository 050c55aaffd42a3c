import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { asFault, type Fault } from "../wire/errors";
import { Button } from "./button";
import { Dialog } from "./dialog";

export interface FormDialogProps<T = unknown> {
  readonly title: string;
  /** What the button does, in a word or two. */
  readonly action: string;
  /** Does it. What it throws is told, and the dialog stays. */
  readonly act: () => Promise<T>;
  /** Called with what came of it, when it is done; the dialog has been closed before. */
  readonly onDone: (result: T) => void;
  readonly onClose: () => void;
  /** Danger is for what cannot be undone. */
  readonly look?: "primary" | "danger";
  /** Whether all is filled in that has to be. */
  readonly isReady?: boolean;
  /** Names of the API's fields that the form shows faults at. */
  readonly fields?: readonly string[];
  readonly children: ComponentChildren | ((faults: FaultAt) => ComponentChildren);
}

/** What the API said is wrong with one of its fields; null when nothing is. */
export type FaultAt = (field: string) => string | null;

/** A dialog that does something when one says so: a form, or a question. */
export function FormDialog<T>(props: FormDialogProps<T>) {
  const { title, action, look = "primary", isReady = true, fields = [], children } = props;
  const [fault, setFault] = useState<Fault | null>(null);
  const [isRunning, setRunning] = useState(false);
  const isAtField = fault?.param != null && fields.includes(fault.param);
  const faultAt: FaultAt = (field) => (fault?.param === field ? fault.message : null);

  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    setRunning(true);
    setFault(null);
    props.act().then(
      (result) => {
        props.onClose();
        props.onDone(result);
      },
      (thrown: unknown) => {
        setFault(asFault(thrown));
        setRunning(false);
      },
    );
  };

  return (
    <Dialog title={title} onClose={props.onClose}>
      <form class="dialog-form" onSubmit={submit}>
        {typeof children === "function" ? children(faultAt) : children}
        {fault && !isAtField && (
          <p class="field-fault" role="alert">
            {fault.message}
          </p>
        )}
        <div class="dialog-tools">
          <Button onClick={props.onClose}>Cancel</Button>
          <Button type="submit" look={look} isDisabled={!isReady || isRunning}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
