import type { Pairs } from "./fields";

/** The views, in the order of the menu. */
export const VIEWS = ["overview", "explore", "prices", "organization", "live"] as const;
export type ViewName = (typeof VIEWS)[number];

/** Where one is: a view, a section of it, and its state as pairs. */
export interface Place {
  readonly view: ViewName;
  /** What is below the view, as `keys` in `#/organization/keys`; empty for the view itself. */
  readonly section: string;
  readonly pairs: Pairs;
}

/** The place of a hash, with or without its `#`; what is no place is the overview. */
export function readPlace(hash: string): Place {
  const [path = "", ...rest] = hash.replace(/^#?\/?/, "").split("?");
  const [name = "", ...below] = path.split("/");
  const view = VIEWS.find((each) => each === name);
  if (!view) return { view: "overview", section: "", pairs: [] };
  return {
    view,
    section: below.map(decoded).join("/"),
    pairs: [...new URLSearchParams(rest.join("?"))],
  };
}

/** The hash of a place, with its `#`. */
export function writePlace({ view, section, pairs }: Place): string {
  const below = section
    .split("/")
    .map((part) => (part === "" ? "" : `/${encodeURIComponent(part)}`))
    .join("");
  const query = pairs
    .map(([name, text]) => `${encodeURIComponent(name)}=${readable(text)}`)
    .join("&");
  return `#/${view}${below}${query === "" ? "" : `?${query}`}`;
}

/** Percent-encoded, but for what an address may have as it is and people like to read. */
function readable(text: string): string {
  return encodeURIComponent(text.toWellFormed()).replace(/%(2F|3A|2C|3D)/g, (coded) =>
    decodeURIComponent(coded),
  );
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
