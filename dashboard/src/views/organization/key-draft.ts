import type { Option } from "../../parts/select";
import { DAY_SECONDS } from "../../state/zones";
import { type KeyWish, SCOPES, type ServiceAccountWish } from "../../wire/organization";

/** How long a key is good for, as one chooses it. */
export type Lifetime = "7" | "30" | "90" | "365" | "never";

/** Lifetimes, by the days that they have. The API makes no key for more than a year but forever. */
export const LIFETIMES: readonly Option<Lifetime>[] = [
  { value: "7", label: "7 days" },
  { value: "30", label: "30 days" },
  { value: "90", label: "90 days" },
  { value: "365", label: "A year" },
  { value: "never", label: "No expiry" },
];

/** A key as it is filled in. */
export interface KeyDraft {
  readonly name: string;
  readonly scopes: readonly string[];
  /** None is the whole organization. */
  readonly projects: readonly string[];
  readonly lifetime: Lifetime;
  /** Requests per minute, as text; empty is the limit of the server. */
  readonly rate: string;
}

/** What a scope opens, for people. */
export const SCOPE_HINTS: Readonly<Record<(typeof SCOPES)[number], string>> = {
  "api.usage.read": "Usage, costs, prices, events and names; also the log-in here.",
  "api.usage.write": "Posting events.",
  "api.organization.read": "Projects, people, keys and the audit log.",
  "api.organization.write": "Changing them, and making keys.",
  "api.prices.write": "Pricing stored events again.",
};

/** The scopes that a session can hand on, in their order: those that it has. */
export function grantable(held: readonly string[]): readonly (typeof SCOPES)[number][] {
  return SCOPES.filter((scope) => held.includes(scope));
}

/** A draft that is not filled in: reading usage, for 90 days. */
export const EMPTY_DRAFT: KeyDraft = {
  name: "",
  scopes: ["api.usage.read"],
  projects: [],
  lifetime: "90",
  rate: "",
};

/** What is wrong with a limit of requests; null when nothing is. */
export function rateFault(text: string): string | null {
  const rate = text.trim();
  return rate === "" || /^[1-9]\d{0,6}$/.test(rate) ? null : "A whole number of 1 or more.";
}

/** A limit of requests as a number; null for that of the server. */
export function rateOf(text: string): number | null {
  return text.trim() === "" ? null : Number(text);
}

/** Whether a draft is a key that can be asked for. */
export function isComplete(draft: KeyDraft): boolean {
  return draft.name.trim() !== "" && draft.scopes.length > 0 && rateFault(draft.rate) === null;
}

/** What is asked for by a complete draft. */
export function wishOf({ name, scopes, projects, lifetime, rate }: KeyDraft): KeyWish {
  const limit = rateOf(rate);
  return {
    name: name.trim(),
    scopes,
    ...(projects.length > 0 ? { project_ids: projects } : {}),
    ...expiryOf(lifetime),
    ...(limit === null ? {} : { requests_per_minute_max: limit }),
  };
}

/** What is asked for of a service account's key. */
export function accountWishOf({ name, lifetime }: KeyDraft): ServiceAccountWish {
  return { name: name.trim(), ...expiryOf(lifetime) };
}

function expiryOf(lifetime: Lifetime): { readonly expires_in_seconds?: number } {
  return lifetime === "never" ? {} : { expires_in_seconds: Number(lifetime) * DAY_SECONDS };
}
