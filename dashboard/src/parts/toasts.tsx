import { type Signal, signal } from "@preact/signals";
import { IconButton } from "./button";
import "./toasts.css";

/** A word about what was just done. */
interface Toast {
  readonly id: number;
  readonly text: string;
  readonly isBad: boolean;
}

/** How long a toast stays; a bad one stays until it is closed. */
const SHOWN_MS = 6_000;

/** The toasts in sight. */
export class Toasts {
  private readonly shown = signal<readonly Toast[]>([]);
  private count = 0;

  get list(): Signal<readonly Toast[]> {
    return this.shown;
  }

  /** Say that something is done. */
  say(text: string): void {
    const { id } = this.add(text, false);
    setTimeout(() => this.close(id), SHOWN_MS);
  }

  /** Say that something could not be done, and why. */
  complain(text: string): void {
    this.add(text, true);
  }

  close(id: number): void {
    this.shown.value = this.shown.value.filter((toast) => toast.id !== id);
  }

  private add(text: string, isBad: boolean): Toast {
    this.count += 1;
    const toast = { id: this.count, text, isBad };
    this.shown.value = [...this.shown.value, toast];
    return toast;
  }
}

/** Where toasts stand; screen readers say them as they come. */
export function ToastStand({ toasts }: { readonly toasts: Toasts }) {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.list.value.map((toast) => (
        <div key={toast.id} class={`toast ${toast.isBad ? "toast-bad" : ""}`}>
          <span>{toast.text}</span>
          <IconButton label="Close" icon="close" onClick={() => toasts.close(toast.id)} />
        </div>
      ))}
    </div>
  );
}
