import type { ComponentChildren } from "preact";
import { Icon, type IconName } from "./icon";
import "./controls.css";

export interface ButtonProps {
  readonly children: ComponentChildren;
  readonly onClick?: (() => void) | undefined;
  /** One of a view's buttons is primary; danger is for what cannot be undone. */
  readonly look?: "normal" | "primary" | "danger" | "plain";
  readonly icon?: IconName;
  readonly type?: "button" | "submit";
  readonly isDisabled?: boolean;
}

/** A button with its text. */
export function Button(props: ButtonProps) {
  const { look = "normal", icon, type = "button", isDisabled = false } = props;
  return (
    <button
      type={type}
      class={`button button-${look}`}
      onClick={props.onClick}
      disabled={isDisabled}
    >
      {icon && <Icon name={icon} />}
      {props.children}
    </button>
  );
}

export interface IconLinkProps {
  /** Where it leads, for screen readers and as its title. */
  readonly label: string;
  readonly icon: IconName;
  readonly href: string;
}

/** A link that is an icon alone, and looks like the buttons beside it. */
export function IconLink({ label, icon, href }: IconLinkProps) {
  return (
    <a class="button button-plain button-icon" aria-label={label} title={label} href={href}>
      <Icon name={icon} />
    </a>
  );
}

export interface IconButtonProps {
  /** What it does, for screen readers and as its title. */
  readonly label: string;
  readonly icon: IconName;
  readonly onClick: () => void;
}

/** A button that is an icon alone. */
export function IconButton({ label, icon, onClick }: IconButtonProps) {
  return (
    <button
      type="button"
      class="button button-plain button-icon"
      aria-label={label}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </button>
  );
}
