import { useCallback, useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";
import { movedIndex, useDismissal, useShift } from "./popover";
import { matching, type SearchedOption } from "./searching";
import "./controls.css";
import "./combobox.css";

export interface ComboboxProps {
  /** What is chosen, for screen readers: `Filter by model`. */
  readonly label: string;
  /** The button's text. */
  readonly text: string;
  readonly options: readonly SearchedOption[];
  readonly chosen: readonly string[];
  readonly onChange: (chosen: readonly string[]) => void;
  /** With one choice, choosing closes the list. */
  readonly isMultiple?: boolean;
  readonly icon?: IconName;
  readonly placeholder?: string;
  /** Called when the list opens, for options that are asked for then. */
  readonly onOpen?: () => void;
  readonly isLoading?: boolean;
  /** Take what was typed as it is, where the options are not all that there is. */
  readonly acceptsText?: boolean;
  /** Opens as it comes, for what is there only to be chosen from. */
  readonly isOpenAtFirst?: boolean;
  /** Called when the list closes; whether by keyboard, and so with the focus still in it. */
  readonly onClose?: (byKeyboard: boolean) => void;
}

/** So many options are drawn; whoever wants another types some of it. */
const SHOWN_MAX = 100;

/** One or some of many, found by typing. The focus stays in the search; arrow keys move. */
export function Combobox(props: ComboboxProps) {
  const { options, chosen, onChange, onClose, isMultiple = false } = props;
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const opened = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(props.isOpenAtFirst ?? false);
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(0);
  const found = matching(options, search, props.acceptsText ?? false).slice(0, SHOWN_MAX);

  const close = useCallback(
    (byKeyboard: boolean) => {
      setOpen(false);
      setSearch("");
      setActive(0);
      if (byKeyboard) opener.current?.focus();
      onClose?.(byKeyboard);
    },
    [onClose],
  );
  useDismissal(root, isOpen, close);
  const shift = useShift(opened, isOpen);
  useEffect(() => {
    document.getElementById(`${id}-${active}`)?.scrollIntoView({ block: "nearest" });
  }, [id, active]);

  const choose = (option: SearchedOption): void => {
    const isChosen = chosen.includes(option.value);
    if (!isMultiple) {
      onChange([option.value]);
      close(true);
    } else if (isChosen) onChange(chosen.filter((value) => value !== option.value));
    else onChange([...chosen, option.value]);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    const next = movedIndex(event.key, active, found.length);
    const option = found[active];
    if (next !== null && event.key.startsWith("Arrow")) setActive(next);
    else if (event.key === "Enter" && option) choose(option);
    else return;
    event.preventDefault();
  };

  return (
    <div ref={root} class="combobox">
      <button
        ref={opener}
        type="button"
        class="button"
        aria-haspopup="listbox"
        aria-expanded={isOpen}
        aria-label={`${props.label}: ${props.text}`}
        onClick={() => {
          if (isOpen) close(true);
          else {
            setOpen(true);
            props.onOpen?.();
          }
        }}
      >
        {props.icon && <Icon name={props.icon} />}
        <span class="clipped">{props.text}</span>
        <Icon name="down" />
      </button>
      {isOpen && (
        <div ref={opened} style={{ "--shift": `${shift}px` }} class="combobox-list">
          <div class="combobox-search">
            <Icon name="search" />
            <input
              type="text"
              role="combobox"
              aria-label={props.label}
              aria-expanded="true"
              aria-controls={`${id}-options`}
              aria-activedescendant={found.length > 0 ? `${id}-${active}` : undefined}
              aria-autocomplete="list"
              placeholder={props.placeholder ?? "Search"}
              autocomplete="off"
              spellcheck={false}
              autofocus
              ref={focusOnce}
              value={search}
              onInput={(event) => {
                setSearch(event.currentTarget.value);
                setActive(0);
              }}
              onKeyDown={onKeyDown}
            />
          </div>
          <div
            id={`${id}-options`}
            class="combobox-options"
            role="listbox"
            aria-label={props.label}
            aria-multiselectable={isMultiple}
            tabIndex={-1}
          >
            {found.map((option, at) => (
              // The keyboard works in the search field, which names the active option.
              // biome-ignore lint/a11y/useKeyWithClickEvents: see above
              // biome-ignore lint/a11y/useFocusableInteractive: see above
              <div
                key={option.value}
                id={`${id}-${at}`}
                class={`combobox-option ${at === active ? "combobox-option-active" : ""}`}
                role="option"
                aria-selected={chosen.includes(option.value)}
                onClick={() => choose(option)}
                onPointerMove={() => setActive(at)}
              >
                <Icon name="check" />
                <span class="clipped">{option.label}</span>
                {option.note && <span class="combobox-option-note">{option.note}</span>}
              </div>
            ))}
          </div>
          {found.length === 0 && (
            <p class="combobox-nothing" role="status">
              {props.isLoading ? "Loading…" : "Nothing matches."}
            </p>
          )}
        </div>
      )}
    </div>
  );
}

function focusOnce(input: HTMLInputElement | null): void {
  input?.focus();
}
