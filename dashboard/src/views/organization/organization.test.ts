import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readFields, writeFields } from "../../state/fields";
import { type AuditEntry, type Key, SCOPES } from "../../wire/organization";
import type { Who } from "../../wire/session";
import { auditList, isUnfiltered } from "./audit-list";
import { changesOf, fieldLabel, ownName, subjectDimension, typeTitle } from "./audit-words";
import { type ListState, listFields } from "./fields";
import {
  accountWishOf,
  EMPTY_DRAFT,
  grantable,
  isComplete,
  LIFETIMES,
  rateFault,
  wishOf,
} from "./key-draft";
import { daysLeft, endOf, keyState, lastUse, ownerName, scopeSummary } from "./key-words";
import { canPost, reachOf, sectionOf, sectionsOf } from "./reach";

const DAY = 86_400;
const NOW = 1_795_000_000;
const FIELDS = listFields("UTC");
const DEFAULTS = readFields(FIELDS, []);

describe("reach", () => {
  const who: Who = {
    key_id: "key_1",
    name: "one",
    scopes: [...SCOPES],
    projects: null,
    csrf_token: "token",
    expires_at: null,
  };

  test("of the whole organization is every section", () => {
    expect(sectionsOf(reachOf(who))).toEqual(["projects", "people", "keys", "audit"]);
    expect(sectionOf("audit", reachOf(who))).toBe("audit");
    expect(sectionOf("nonsense", reachOf(who))).toBe("projects");
  });

  test("of a bound key has no people and no log", () => {
    const reach = reachOf({ ...who, projects: ["proj_a"] });
    expect(sectionsOf(reach)).toEqual(["projects", "keys"]);
    expect(sectionOf("audit", reach)).toBe("projects");
  });

  test("changes with the scope for it, and reads with its own", () => {
    const only = (...scopes: string[]) => reachOf({ ...who, scopes });
    expect(only("api.usage.read")).toMatchObject({ canRead: false, canChange: false });
    expect(only("api.organization.read")).toMatchObject({ canRead: true, canChange: false });
    expect(only("api.organization.write")).toMatchObject({ canRead: false, canChange: false });
    expect(canPost(only("api.usage.write"))).toBe(true);
    expect(canPost(only("api.usage.read"))).toBe(false);
  });
});

describe("the state of the lists", () => {
  const texts = fc.uniqueArray(fc.string({ minLength: 1, unit: "grapheme" }), { maxLength: 5 });
  const states = fc.record({
    archived: fc.constantFrom("yes" as const, "no" as const),
    revoked: fc.constantFrom("yes" as const, "no" as const),
    of: fc.string(),
    types: texts,
    actors: texts,
    subjects: texts,
    when: fc.constantFrom(null, { preset: "7d" } as const, { span: { start: 60, end: 120 } }),
  });

  test("comes back from the address as it was", () => {
    fc.assert(
      fc.property(states, (part) => {
        const state: ListState = { ...DEFAULTS, ...part };
        expect(readFields(FIELDS, writeFields(FIELDS, state))).toEqual(state);
      }),
    );
  });

  test("keeps what other views are asked", () => {
    const kept = readFields(FIELDS, [
      ["range", "7d"],
      ["where", "model=m"],
      ["types", "api_key.created"],
    ]);
    const names = writeFields(FIELDS, kept).map(([name]) => name);
    expect(names).toEqual(expect.arrayContaining(["range", "where", "types"]));
  });
});

describe("a key", () => {
  const key: Key = {
    id: "key_1",
    name: "report",
    redacted_value: "sk-admin-****abcd",
    created_at: NOW - DAY,
    expires_at: null,
    owner: {},
    scopes: ["api.usage.read"],
    project_ids: null,
    requests_per_minute_max: null,
  };

  test("is told of two weeks before its end", () => {
    const ending = (seconds: number): Key => ({ ...key, expires_at: NOW + seconds });
    expect(keyState(key, NOW)).toBe("active");
    expect(keyState(ending(14 * DAY + 1), NOW)).toBe("active");
    expect(keyState(ending(14 * DAY), NOW)).toBe("expiring");
    expect(keyState(ending(1), NOW)).toBe("expiring");
    expect(keyState(ending(0), NOW)).toBe("expired");
  });

  test("that was revoked is no more than that", () => {
    const revoked = { ...key, expires_at: NOW - 1, revoked_at: NOW - DAY };
    expect(keyState(revoked, NOW)).toBe("revoked");
    expect(endOf(revoked, "UTC")).toBe("17 Nov 2026");
    expect(keyState({ ...key, redacted_value: "" }, NOW)).toBe("foreign");
    expect(endOf(key, "UTC")).toBe("never");
  });

  test("has days left in whole ones, and a last use", () => {
    expect(daysLeft(NOW + DAY - 1, NOW)).toBe("within a day");
    expect(daysLeft(NOW + DAY, NOW)).toBe("in a day");
    expect(daysLeft(NOW + 3 * DAY + 5, NOW)).toBe("in 3 days");
    expect(lastUse(key, NOW)).toBe("never");
    expect(lastUse({ ...key, last_used_at: NOW - 300 }, NOW)).toBe("5 minutes ago");
  });

  test("says what it may in a word for each family", () => {
    expect(scopeSummary(SCOPES)).toEqual(["everything"]);
    expect(scopeSummary(SCOPES.slice(0, 3))).toEqual(["usage read, write", "organization read"]);
    expect(scopeSummary(["api.later"])).toEqual(["later"]);
    expect(scopeSummary([])).toEqual([]);
  });

  test("has an owner, or none", () => {
    expect(ownerName({})).toBeNull();
    expect(ownerName({ service_account: { id: "a", name: "gateway" } })).toBe("gateway");
    expect(ownerName({ user: { id: "u", name: "Ada" } })).toBe("Ada");
  });
});

describe("a key that is wanted", () => {
  test("leaves out what is that of whoever makes it", () => {
    const draft = { ...EMPTY_DRAFT, name: " report ", lifetime: "never" as const };
    expect(wishOf(draft)).toEqual({ name: "report", scopes: ["api.usage.read"] });
    expect(accountWishOf(draft)).toEqual({ name: "report" });
  });

  test("has its projects, its end and its limit", () => {
    const draft = { ...EMPTY_DRAFT, name: "x", projects: ["proj_a"], rate: " 60 " };
    expect(wishOf(draft)).toEqual({
      name: "x",
      scopes: ["api.usage.read"],
      project_ids: ["proj_a"],
      expires_in_seconds: 90 * DAY,
      requests_per_minute_max: 60,
    });
  });

  test("ends within the year that the API allows", () => {
    for (const { value } of LIFETIMES) {
      const { expires_in_seconds: seconds = 1 } = wishOf({ ...EMPTY_DRAFT, lifetime: value });
      expect(seconds).toBeLessThanOrEqual(31_536_000);
    }
  });

  test("is complete with a name, a scope, and a limit that is a number", () => {
    const named = { ...EMPTY_DRAFT, name: "x" };
    expect(isComplete(named)).toBe(true);
    expect(isComplete(EMPTY_DRAFT)).toBe(false);
    expect(isComplete({ ...named, scopes: [] })).toBe(false);
    for (const rate of ["0", "-1", "1.5", "1e3", "many"]) {
      expect(isComplete({ ...named, rate })).toBe(false);
      expect(rateFault(rate)).not.toBeNull();
    }
  });

  test("is offered no scope that its maker lacks", () => {
    expect(grantable(["api.usage.write", "api.usage.read"])).toEqual(SCOPES.slice(0, 2));
  });
});

describe("the audit log", () => {
  type Sides = Pick<AuditEntry["changes"], "before" | "after">;
  const told = (sides: Sides) => changesOf(sides, "UTC", (id) => (id === "proj_a" ? "Atlas" : id));

  test("says what was before and what is after, and not what stayed", () => {
    const before = { name: "Atlas", scopes: ["api.usage.read"], requests_per_minute_max: 1200 };
    const after = { ...before, name: "Atlas Search", requests_per_minute_max: null };
    expect(told({ before, after })).toEqual([
      { field: "name", before: "Atlas", after: "Atlas Search" },
      { field: "requests per minute", before: "1,200", after: "the server's limit" },
    ]);
  });

  test("of something new says what has a value", () => {
    const after = {
      name: "x",
      scopes: ["api.usage.read", "api.usage.write"],
      projects: ["proj_a", "proj_b"],
      requests_per_minute_max: null,
      expires_at: 0,
      kept_tags: [],
      on: true,
    };
    expect(told({ before: null, after })).toEqual([
      { field: "name", before: null, after: "x" },
      { field: "scopes", before: null, after: "usage.read, usage.write" },
      { field: "projects", before: null, after: "Atlas, proj_b" },
      { field: "expires", before: null, after: "1 Jan 1970, 00:00:00" },
      { field: "on", before: null, after: "yes" },
    ]);
    expect(told({ before: { projects: null }, after: null })).toEqual([
      { field: "projects", before: "whole organization", after: null },
    ]);
    expect(told({ before: null, after: null })).toEqual([]);
  });

  test("of a person says no more than that something changed", () => {
    const personal = "(personal)";
    expect(told({ before: null, after: { role: "reader", name: personal } })).toEqual([
      { field: "role", before: null, after: "reader" },
    ]);
    const update = { before: { role: "reader" }, after: { role: "reader", name: personal } };
    expect(told(update)).toEqual([{ field: "name", before: null, after: "changed" }]);
  });

  test("knows a name of what has none any more", () => {
    expect(ownName({ before: { name: "gone" }, after: null })).toBe("gone");
    expect(ownName({ before: { name: "old" }, after: { name: "new" } })).toBe("new");
    expect(ownName({ before: { name: "(personal)" }, after: null })).toBeNull();
    expect(ownName({ before: null, after: null })).toBeNull();
  });

  test("has words for types and fields that it does not know", () => {
    expect(typeTitle("api_key.created")).toBe("Key created");
    expect(typeTitle("later.happened")).toBe("later.happened");
    expect(fieldLabel("query_seconds_max")).toBe("query seconds max");
    expect(subjectDimension("role.assignment.created")).toBe("user_id");
    expect(subjectDimension("organization.updated")).toBeNull();
  });

  test("is asked for what the filters let through", () => {
    expect(isUnfiltered(DEFAULTS)).toBe(true);
    const state: ListState = {
      ...DEFAULTS,
      types: ["api_key.created"],
      actors: ["key_1"],
      subjects: ["key_2"],
      when: { span: { start: 60, end: 120 } },
    };
    expect(isUnfiltered(state)).toBe(false);
    expect(auditList(state, NOW).parameters).toMatchObject({
      include: ["changes"],
      event_types: ["api_key.created"],
      actor_ids: ["key_1"],
      resource_ids: ["key_2"],
      "effective_at[gte]": 60,
      "effective_at[lt]": 120,
    });
    // What moves with the clock has the present second, too.
    const moving = auditList({ ...state, when: { preset: "24h" } }, NOW + 0.5).parameters;
    expect(moving?.["effective_at[lt]"]).toBeNull();
  });
});
