import { formatAgo, formatDate } from "../../quantities/times";
import { DAY_SECONDS } from "../../state/zones";
import { type Key, type KeyOwner, SCOPES } from "../../wire/organization";

/** How a key stands at a moment. */
export type KeyState = "active" | "expiring" | "expired" | "revoked" | "foreign";

/** A key that ends within so many days is told of. */
export const EXPIRING_DAYS = 14;

/** How a key stands at a moment in Unix seconds. One of another system opens nothing here. */
export function keyState(key: Key, now: number): KeyState {
  if (key.revoked_at != null) return "revoked";
  if (key.redacted_value === "") return "foreign";
  if (key.expires_at === null) return "active";
  if (key.expires_at <= now) return "expired";
  return key.expires_at - now <= EXPIRING_DAYS * DAY_SECONDS ? "expiring" : "active";
}

/** When a key ends or has ended, by the calendar of a zone. */
export function endOf(key: Key, zone: string): string {
  if (key.revoked_at != null) return formatDate(key.revoked_at, zone);
  return key.expires_at === null ? "never" : formatDate(key.expires_at, zone);
}

/** The days that are left until a moment, for people: `in 3 days`, `within a day`. */
export function daysLeft(until: number, now: number): string {
  const days = Math.floor((until - now) / DAY_SECONDS);
  if (days < 1) return "within a day";
  return days === 1 ? "in a day" : `in ${days} days`;
}

/** When a key was used last. */
export function lastUse(key: Key, now: number): string {
  return key.last_used_at == null ? "never" : formatAgo(key.last_used_at, now);
}

/** A scope without the prefix that all of them have. */
export function scopeLabel(scope: string): string {
  return scope.replace(/^api\./, "");
}

/** What a key may, in a few words: `everything`, or `usage read, write` for each family. */
export function scopeSummary(scopes: readonly string[]): readonly string[] {
  if (SCOPES.every((scope) => scopes.includes(scope))) return ["everything"];
  const families = new Map<string, readonly string[]>();
  for (const scope of scopes) {
    const [family = scope, ...verbs] = scopeLabel(scope).split(".");
    families.set(family, [...(families.get(family) ?? []), ...verbs]);
  }
  return [...families].map(([family, verbs]) => `${family} ${verbs.join(", ")}`.trim());
}

/** Whose key it is; null when it is nobody's. */
export function ownerName({ name, user, service_account: account }: KeyOwner): string | null {
  return account?.name ?? user?.name ?? name ?? null;
}
