import { formatCount } from "../../quantities/counts";
import { formatSecond } from "../../quantities/times";
import type { AuditEntry, Side } from "../../wire/organization";
import { scopeLabel } from "./key-words";

/** Types of entries of the audit log, and what happened in words. */
export const TYPE_TITLES: Readonly<Record<string, string>> = {
  "api_key.created": "Key created",
  "api_key.updated": "Key changed",
  "api_key.deleted": "Key revoked",
  "login.succeeded": "Logged in",
  "login.failed": "Log-in refused",
  "logout.succeeded": "Logged out",
  "organization.updated": "Settings changed",
  "project.created": "Project created",
  "project.updated": "Project renamed",
  "project.archived": "Project archived",
  "role.assignment.created": "Person added to a project",
  "role.assignment.deleted": "Person removed from a project",
  "service_account.created": "Service account created",
  "service_account.updated": "Service account changed",
  "service_account.deleted": "Service account deleted",
  "user.added": "Person added",
  "user.updated": "Person changed",
  "user.deleted": "Person erased",
  "prices.changed": "Price file changed",
  "prices.repriced": "Stored events repriced",
  "event.voided": "Event voided",
  "backup.taken": "Backup taken",
};

/** What happened; a type of a newer server stands for itself. */
export function typeTitle(type: string): string {
  return TYPE_TITLES[type] ?? type;
}

/** One field of a change; null is a side that there is not. */
export interface FieldChange {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What the log has in place of what would tell who somebody is. */
const PERSONAL = "(personal)";

/** The name of a project, by its id. */
export type ProjectName = (id: string) => string;

/** What was changed, field by field; fields that are alike on both sides are left out. */
export function changesOf(
  { before, after }: Pick<AuditEntry["changes"], "before" | "after">,
  zone: string,
  projectName: ProjectName,
): readonly FieldChange[] {
  const fields = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  const isChange = before !== null && after !== null;
  return [...fields].flatMap((field) => {
    const values = [before?.[field], after?.[field]];
    if (values.includes(PERSONAL)) {
      return isChange ? [{ field: fieldLabel(field), before: null, after: "changed" }] : [];
    }
    // Of one side alone, what has no value says nothing.
    if (!isChange && values.every((value) => saysNothing(field, value))) return [];
    const text = (side: Side | null): string | null =>
      side === null || !(field in side) ? null : valueText(field, side[field], zone, projectName);
    const change = { field: fieldLabel(field), before: text(before), after: text(after) };
    return change.before === change.after ? [] : [change];
  });
}

/** A field for people: `requests_per_minute_max` is `requests per minute`, `expires_at` `expires`. */
export function fieldLabel(field: string): string {
  return (LABELS[field] ?? field).replaceAll("_", " ");
}

const LABELS: Readonly<Record<string, string>> = {
  requests_per_minute_max: "requests per minute",
  expires_at: "expires",
  archived_at: "archived",
  since_at: "since",
  until_at: "until",
};

/** What is in place of a null, where `none` would not say it. */
const NULLS: Readonly<Record<string, string>> = {
  projects: "whole organization",
  requests_per_minute_max: "the server's limit",
  expires_at: "never",
};

function saysNothing(field: string, value: unknown): boolean {
  if (value === null || value === undefined) {
    return field !== "projects" && field !== "expires_at";
  }
  return value === "" || (Array.isArray(value) && value.length === 0);
}

function valueText(field: string, value: unknown, zone: string, projectName: ProjectName): string {
  if (value === null || value === undefined || value === "") return NULLS[field] ?? "none";
  if (typeof value === "number" && field.endsWith("_at")) return formatSecond(value, zone);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number" && field === "requests_per_minute_max") return formatCount(value);
  if (Array.isArray(value)) {
    const texts = value.map(String);
    if (field === "projects") return texts.map(projectName).join(", ");
    return texts.map(scopeLabel).join(", ") || "none";
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The name that an entry itself has of its subject; null where it has none. */
export function ownName({ before, after }: Pick<AuditEntry["changes"], "before" | "after">) {
  const name = after?.["name"] ?? before?.["name"];
  return typeof name === "string" && name !== PERSONAL ? name : null;
}

/** What keys are called that a server's settings give, and that are in no list. */
export const SETTING_KEYS: Readonly<Record<string, string>> = {
  key_admin_setting: "The settings' admin key",
  key_ingest_setting: "The settings' ingest key",
};

/** The dimension that the subject of a type is an id of; null when it is of none. */
export function subjectDimension(type: string): string | null {
  const [family] = type.split(".");
  return SUBJECTS[family ?? ""] ?? null;
}

const SUBJECTS: Readonly<Record<string, string>> = {
  api_key: "api_key_id",
  login: "api_key_id",
  logout: "api_key_id",
  project: "project_id",
  role: "user_id",
  user: "user_id",
};

/** By what means something was changed, after the name of who did it. */
export function meansText(means: string): string {
  return MEANS[means] ?? means;
}

const MEANS: Readonly<Record<string, string>> = {
  api_key: "by API",
  session: "in the dashboard",
  command_line: "on the command line",
  server: "at its start or by its settings",
};
