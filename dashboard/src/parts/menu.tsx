import { useCallback, useEffect, useId, useRef, useState } from "preact/hooks";
import { Icon, type IconName } from "./icon";
import { movedIndex, useDismissal } from "./popover";
import "./controls.css";
import "./menu.css";

export interface MenuItem {
  readonly label: string;
  readonly icon?: IconName;
  readonly isDangerous?: boolean;
  readonly onChoose: () => void;
}

export interface MenuProps {
  /** What the menu is about, for screen readers where the button has no text. */
  readonly label: string;
  readonly items: readonly MenuItem[];
  /** The button's text; without it the button is three dots. */
  readonly text?: string;
  readonly icon?: IconName;
  /** Opens upwards, for a button at the foot of the page. */
  readonly isUpwards?: boolean;
}

/** A button that opens a list of actions. Arrow keys move, Escape closes. */
export function Menu({ label, items, text, icon = "more", isUpwards = false }: MenuProps) {
  const id = useId();
  const root = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const [isOpen, setOpen] = useState(false);
  const close = useCallback((byKeyboard: boolean) => {
    setOpen(false);
    if (byKeyboard) opener.current?.focus();
  }, []);
  useDismissal(root, isOpen, close);
  useEffect(() => {
    if (isOpen) itemsIn(root.current)[0]?.focus();
  }, [isOpen]);

  const onKeyDown = (event: KeyboardEvent): void => {
    const all = itemsIn(root.current);
    const focused = all.findIndex((item) => item.matches(":focus"));
    const next = movedIndex(event.key, focused, all.length);
    if (next === null) return;
    event.preventDefault();
    all[next]?.focus();
  };

  return (
    <div ref={root} class={`menu ${isUpwards ? "menu-up" : ""}`}>
      <button
        ref={opener}
        type="button"
        class={text ? "button" : "button button-plain button-icon"}
        aria-haspopup="menu"
        aria-expanded={isOpen}
        aria-controls={isOpen ? id : undefined}
        aria-label={text ? undefined : label}
        title={text ? undefined : label}
        onClick={() => setOpen(!isOpen)}
      >
        {(!text || icon !== "more") && <Icon name={icon} />}
        {text}
        {text && <Icon name="down" />}
      </button>
      {isOpen && (
        <div
          id={id}
          class="menu-list"
          role="menu"
          aria-label={label}
          tabIndex={-1}
          onKeyDown={onKeyDown}
        >
          {items.map((item) => (
            <button
              key={item.label}
              type="button"
              role="menuitem"
              tabIndex={-1}
              class={`menu-item ${item.isDangerous ? "menu-item-danger" : ""}`}
              onClick={() => {
                close(true);
                item.onChoose();
              }}
            >
              {item.icon && <Icon name={item.icon} />}
              {item.label}
            </button>
          ))}
        </div>
      )}
    </div>
  );
}

function itemsIn(root: HTMLElement | null): readonly HTMLElement[] {
  return [...(root?.querySelectorAll<HTMLElement>('[role="menuitem"]') ?? [])];
}
