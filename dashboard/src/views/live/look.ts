import { CURRENCY, currenciesOf } from "../../logic/currencies";
import { sum } from "../../quantities/money";
import type { StoredEvent } from "../../wire/events";
import type { Filters, Query } from "../../wire/query";
import { COSTS, canFilterBy, SUBJECTS, type SubjectTable } from "../../wire/tables";
import { type Sums, sumsOf } from "../../wire/usage";
import type { Wire } from "../../wire/wire";
import { minutesOf, REQUESTS } from "./minutes";
import { newestEvents, newestSince } from "./newest";

/** What is looked for. */
export interface Sight {
  /** Unix seconds: a whole minute. */
  readonly start: number;
  readonly now: number;
  readonly zone: string;
  readonly filters: Filters;
  /** Lowercase ISO 4217; empty is the one that is used most. */
  readonly currency: string;
}

/** What was seen in one look. */
export interface Seen {
  /** By minute and model, summed as each measure. */
  readonly sums: Sums;
  /** Those there are, the one that is used most first. */
  readonly currencies: readonly string[];
  /** The newest first. */
  readonly events: readonly StoredEvent[];
  /** When it was looked, in Unix seconds. */
  readonly at: number;
  /** The kinds that something was seen of. */
  readonly kinds: ReadonlySet<string>;
}

/** Every so often all kinds are asked, and between only those that something was seen of. */
export const ALL_KINDS_EVERY = 5;

/** The kinds to ask in a look, the `count`th from 0 on, after what was seen in the one before. */
export function kindsToAsk(
  filters: Filters,
  before: ReadonlySet<string> | null,
  count: number,
): readonly SubjectTable[] {
  const counted = SUBJECTS.filter(
    (subject) =>
      subject.quantities.some(({ name }) => name === REQUESTS) &&
      [...filters.keys()].every((each) => each === CURRENCY || canFilterBy(subject, each)),
  );
  if (before === null || count % ALL_KINDS_EVERY === 0) return counted;
  return counted.filter(({ name }) => before.has(name));
}

/** Look: usage of some kinds, costs, and the newest events. Throws as `sumsOf` does. */
export async function look(
  wire: Wire,
  sight: Sight,
  kinds: readonly SubjectTable[],
  signal: AbortSignal,
): Promise<Seen> {
  const [costs, ...usages] = await Promise.all([
    sumsOf(wire, queryOf(sight, costsTable(), ["model", CURRENCY]), signal),
    ...kinds.map((kind) => sumsOf(wire, queryOf(sight, kind, ["model"]), signal)),
  ]);
  const currencies = currenciesOf(costs);
  const currency = sight.currency || currencies[0] || "usd";
  const sums = minutesOf(usages, costs, currency);
  const requests = sums.buckets.map(({ rows }) =>
    Number(sum(rows.flatMap((row) => row.sums["requests"] ?? []))),
  );
  const since = newestSince(sums.buckets, requests, sight.now);
  const { now, filters } = sight;
  const events = await newestEvents(wire, { since, now, filters }, signal);
  const busy = kinds.filter((_, at) => usages[at]?.buckets.some(({ rows }) => rows.length > 0));
  const seen = new Set([...busy.map(({ name }) => name), ...events.map(({ kind }) => kind)]);
  return { sums, currencies, events, at: now, kinds: seen };
}

function costsTable(): SubjectTable {
  const costs = SUBJECTS.find(({ name }) => name === COSTS);
  if (!costs) throw new Error("the table of kinds has no costs");
  return costs;
}

function queryOf(sight: Sight, subject: SubjectTable, groupBy: readonly string[]): Query {
  const { start, zone, filters } = sight;
  const own = new Map([...filters].filter(([dimension]) => canFilterBy(subject, dimension)));
  return { subject, start, end: null, width: "1m", zone, groupBy, filters: own };
}
