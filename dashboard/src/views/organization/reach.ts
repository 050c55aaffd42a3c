import type { Who } from "../../wire/session";

/** The sections of the view, in the order of its tabs, as they stand in the address. */
export const SECTIONS = ["projects", "people", "keys", "audit"] as const;
export type Section = (typeof SECTIONS)[number];

/** What a session may see and do here. */
export interface Reach {
  readonly canRead: boolean;
  readonly canChange: boolean;
  /** The projects that its key is bound to; null for the whole organization. */
  readonly projects: readonly string[] | null;
  /** What it may hand on to another key, and no more. */
  readonly scopes: readonly string[];
  /** The key behind it. */
  readonly keyId: string;
}

const READ = "api.organization.read";
const WRITE = "api.organization.write";

/** What a session may see and do, by what its key may. */
export function reachOf({ scopes, projects, key_id: keyId }: Who): Reach {
  const canRead = scopes.includes(READ);
  return { canRead, canChange: canRead && scopes.includes(WRITE), projects, scopes, keyId };
}

/** Whether a session is one of the whole organization. */
export function isWhole({ projects }: Pick<Reach, "projects">): boolean {
  return projects === null;
}

/** Whether a session may hand on the posting of events, which a service account's key does. */
export function canPost({ scopes }: Pick<Reach, "scopes">): boolean {
  return scopes.includes("api.usage.write");
}

/** The sections that are open: people and the log are the whole organization's. */
export function sectionsOf(reach: Reach): readonly Section[] {
  return isWhole(reach) ? SECTIONS : ["projects", "keys"];
}

/** The section of an address; what is none, or is closed, is the first. */
export function sectionOf(text: string, reach: Reach): Section {
  return sectionsOf(reach).find((section) => section === text) ?? "projects";
}
