import type { ListSource } from "./lists";
import type { Wire } from "./wire";

/** The organization on the wire: shapes, and what changes them. All times are Unix seconds. */

/** What a key may do, by the names on the wire. */
export const SCOPES = [
  "api.usage.read",
  "api.usage.write",
  "api.organization.read",
  "api.organization.write",
  "api.prices.write",
] as const;

/** Roles of a person in the organization. */
export const ROLES = ["reader", "owner"] as const;
export type Role = (typeof ROLES)[number];

export interface Project {
  readonly id: string;
  readonly name: string | null;
  readonly created_at: number;
  readonly archived_at: number | null;
}

export interface Person {
  readonly id: string;
  readonly name: string | null;
  readonly email: string | null;
  readonly role: string;
  readonly added_at: number;
}

/** Whose key it is: a person, a service account, or nobody. */
export interface KeyOwner {
  readonly name?: string;
  readonly user?: { readonly id: string; readonly name: string };
  readonly service_account?: { readonly id: string; readonly name: string };
}

/** A key, with what `include[]=access` and `include[]=revoked` add. */
export interface Key {
  readonly id: string;
  readonly name: string | null;
  /** Empty for a key of another system, which opens nothing here. */
  readonly redacted_value: string;
  readonly created_at: number;
  readonly expires_at: number | null;
  readonly last_used_at?: number | null;
  readonly owner: KeyOwner;
  readonly scopes: readonly string[];
  /** The projects that it is bound to; null for the whole organization. */
  readonly project_ids: readonly string[] | null;
  /** Null for the limit of the server. */
  readonly requests_per_minute_max: number | null;
  readonly revoked_at?: number | null;
}

/** A key that was just made: the one answer with its secret. */
export interface NewKey {
  readonly id: string;
  readonly name: string | null;
  readonly value: string;
}

/** What a key of the organization is to be; what is left out is that of who makes it. */
export interface KeyWish {
  readonly name: string;
  readonly scopes: readonly string[];
  readonly project_ids?: readonly string[];
  readonly expires_in_seconds?: number;
  readonly requests_per_minute_max?: number;
}

/** What one side of a change says, by the names of fields. */
export type Side = Readonly<Record<string, unknown>>;

/** An entry of the audit log, with what `include[]=changes` adds. */
export interface AuditEntry {
  readonly id: string;
  readonly type: string;
  readonly effective_at: number;
  readonly project?: { readonly id: string; readonly name?: string };
  readonly changes: {
    readonly subject_id: string;
    readonly means: string;
    readonly actor_id: string | null;
    readonly before: Side | null;
    readonly after: Side | null;
    readonly address: string | null;
    readonly request_id: string | null;
    readonly user_agent: string | null;
  };
}

const ORGANIZATION = "v1/organization";
const PROJECTS = `${ORGANIZATION}/projects`;
const PEOPLE = `${ORGANIZATION}/users`;
const KEYS = `${ORGANIZATION}/admin_api_keys`;

/** Projects, in order of creation. */
export function projectsList(includesArchived: boolean): ListSource {
  return { path: PROJECTS, parameters: { include_archived: includesArchived || null } };
}

/** People who were not erased, in order of their coming. */
export const PEOPLE_LIST: ListSource = { path: PEOPLE };

/** Keys of a project, or of the organization, in order of creation. */
export function keysList(project: string | null, includesRevoked: boolean): ListSource {
  const include = includesRevoked ? ["access", "revoked"] : ["access"];
  return { path: keysPath(project), parameters: { include } };
}

/** Make a project, under an id that events have already when one is given. */
export function createProject(wire: Wire, name: string, id: string): Promise<unknown> {
  return post(wire, PROJECTS, id === "" ? { name } : { name, id });
}

/** Give a project another name. */
export function renameProject(wire: Wire, id: string, name: string): Promise<unknown> {
  return post(wire, pathTo(PROJECTS, id), { name });
}

/** End a project and its keys, for good. */
export function archiveProject(wire: Wire, id: string): Promise<unknown> {
  return wire.ask(`${pathTo(PROJECTS, id)}/archive`, { method: "POST" });
}

/** Who is added: what is empty is left out. */
export interface PersonWish {
  readonly name: string;
  readonly email: string;
  readonly role: Role;
  readonly id: string;
}

/** Add a person. */
export function addPerson(wire: Wire, { name, email, role, id }: PersonWish): Promise<unknown> {
  const given = Object.entries({ email, id }).filter(([, text]) => text !== "");
  return post(wire, PEOPLE, { name, role, ...Object.fromEntries(given) });
}

/** Give a person another name, email or role. */
export function changePerson(
  wire: Wire,
  id: string,
  changes: Partial<Omit<PersonWish, "id">>,
): Promise<unknown> {
  return post(wire, pathTo(PEOPLE, id), changes);
}

/** Forget who a person is, for good. */
export function erasePerson(wire: Wire, id: string): Promise<unknown> {
  return wire.ask(pathTo(PEOPLE, id), { method: "DELETE" });
}

/** Make a key of the organization. */
export async function createKey(wire: Wire, wish: KeyWish): Promise<NewKey> {
  return (await wire.ask<NewKey>(KEYS, { method: "POST", body: wish })).value;
}

/** Give a key of the organization another name and limit; a null limit is that of the server. */
export function changeKey(
  wire: Wire,
  id: string,
  changes: { readonly name: string; readonly requests_per_minute_max: number | null },
): Promise<unknown> {
  return post(wire, pathTo(KEYS, id), changes);
}

/** What a service account's first key is to be. */
export interface ServiceAccountWish {
  readonly name: string;
  readonly expires_in_seconds?: number;
}

/** Make a service account of a project, and its key, which posts events of that project. */
export async function createServiceAccount(
  wire: Wire,
  project: string,
  wish: ServiceAccountWish,
): Promise<NewKey> {
  const path = `${pathTo(PROJECTS, project)}/service_accounts`;
  const sending = { method: "POST", body: wish } as const;
  return (await wire.ask<{ readonly api_key: NewKey }>(path, sending)).value.api_key;
}

/** Name a key that another system issued, by the id that events have of it. */
export function nameKey(wire: Wire, project: string, id: string, name: string): Promise<unknown> {
  return post(wire, keysPath(project), { id, name });
}

/** End a key of a project, or of the organization, for good. */
export function revokeKey(wire: Wire, project: string | null, id: string): Promise<unknown> {
  return wire.ask(pathTo(keysPath(project), id), { method: "DELETE" });
}

function keysPath(project: string | null): string {
  return project === null ? KEYS : `${pathTo(PROJECTS, project)}/api_keys`;
}

function pathTo(list: string, id: string): string {
  return `${list}/${encodeURIComponent(id)}`;
}

function post(wire: Wire, path: string, body: unknown): Promise<unknown> {
  return wire.ask(path, { method: "POST", body });
}
