import { type ReadonlySignal, signal } from "@preact/signals";
import { type Fields, readFields, writeFields } from "./fields";
import { type Place, readPlace, type ViewName, writePlace } from "./place";

/** The browser's address, as far as this needs it. */
export interface AddressBar {
  readonly hash: string;
  push(hash: string): void;
  replace(hash: string): void;
  onChange(listener: () => void): void;
}

/** Where one is, and the ways to go elsewhere. */
export class Location {
  private readonly current;

  constructor(private readonly bar: AddressBar) {
    this.current = signal(readPlace(bar.hash));
    bar.onChange(() => {
      this.current.value = readPlace(bar.hash);
    });
  }

  get place(): ReadonlySignal<Place> {
    return this.current;
  }

  /** The state of the view that one is in. */
  read<T extends object>(fields: Fields<T>): T {
    return readFields(fields, this.current.value.pairs);
  }

  /** The address of a view in a state, for a link. */
  hrefOf<T extends object>(view: ViewName, section: string, fields: Fields<T>, state: T): string {
    return writePlace({ view, section, pairs: writeFields(fields, state) });
  }

  /** Change the state of the view that one is in: a step that the back button undoes. */
  change<T extends object>(fields: Fields<T>, state: T): void {
    this.go({ ...this.current.value, pairs: writeFields(fields, state) });
  }

  /** Go to a place. */
  go(place: Place): void {
    const hash = writePlace(place);
    if (hash !== this.bar.hash) this.bar.push(hash);
    this.current.value = place;
  }

  /** Go where a link of `hrefOf` leads. */
  visit(href: string): void {
    this.go(readPlace(href));
  }

  /** Say the same place in other words, without a step: the state with what it left out. */
  settle<T extends object>(fields: Fields<T>, state: T): void {
    const place = { ...this.current.value, pairs: writeFields(fields, state) };
    this.bar.replace(writePlace(place));
    this.current.value = place;
  }
}

/** The address bar of a window. */
export function addressBarOf(window: Window): AddressBar {
  return {
    get hash() {
      return window.location.hash;
    },
    push: (hash) => window.history.pushState(null, "", hash),
    replace: (hash) => window.history.replaceState(null, "", hash),
    onChange: (listener) => {
      window.addEventListener("popstate", listener);
      window.addEventListener("hashchange", listener);
    },
  };
}
