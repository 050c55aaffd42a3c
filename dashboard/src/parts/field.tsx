import { h, type TargetedEvent } from "preact";
import { useId } from "preact/hooks";
import "./controls.css";

export interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly type?: "text" | "password" | "search" | "number" | "date" | "datetime-local" | "email";
  readonly hint?: string;
  /** What is wrong with the value; null when nothing is. */
  readonly fault?: string | null;
  readonly placeholder?: string;
  readonly autocomplete?: "off" | "current-password";
  readonly isRequired?: boolean;
  readonly isFocused?: boolean;
  readonly isLabelHidden?: boolean;
}

/** A line of text to fill in, with its label, a hint, and what is wrong with it. */
export function TextField(props: TextFieldProps) {
  const id = useId();
  const { type = "text", hint, fault = null } = props;
  const told = [hint && `${id}-hint`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return (
    <div class="field">
      <label class={props.isLabelHidden ? "spoken" : "field-label"} for={id}>
        {props.label}
      </label>
      {/* Made by name: the elements of JSX have a type for each type of input, not for one of them. */}
      {h("input", {
        id,
        class: "input",
        type,
        value: props.value,
        placeholder: props.placeholder,
        autocomplete: props.autocomplete ?? "off",
        spellcheck: false,
        required: props.isRequired,
        // Only where a view or a dialog begins with this field.
        autofocus: props.isFocused,
        "aria-invalid": fault !== null,
        "aria-describedby": told || undefined,
        onInput: (event: TargetedEvent<HTMLInputElement>) =>
          props.onInput(event.currentTarget.value),
      })}
      {hint && (
        <p id={`${id}-hint`} class="field-hint">
          {hint}
        </p>
      )}
      {fault && (
        <p id={`${id}-fault`} class="field-fault" role="alert">
          {fault}
        </p>
      )}
    </div>
  );
}
