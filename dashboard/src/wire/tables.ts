import tables from "./tables.json";

/** The server's table of kinds, as far as a page has to know it: `tables.json` is written from it. */

/** The widths of buckets, from narrow to wide. */
export const WIDTHS = ["1m", "5m", "15m", "1h", "1d", "1w", "1mo"] as const;
export type Width = (typeof WIDTHS)[number];

/** A number that events carry and buckets sum. */
export interface Quantity {
  readonly name: string;
  /** In the plural: `tokens`, `requests`, `bytes`. */
  readonly unit: string;
}

/** What can be asked about: costs, or usage of a kind. */
export interface SubjectTable {
  /** `costs`, or the kind's name. */
  readonly name: string;
  /** What it is, in a few words. */
  readonly summary: string;
  /** A stock is summed by thing: its buckets do not add up to their range. */
  readonly isStock: boolean;
  /** The numbers of its results; of costs none, they have an amount. */
  readonly quantities: readonly Quantity[];
  /** What it can be grouped by, and any tag (`tag:NAME`). */
  readonly dimensions: readonly string[];
  /** The parameter that filters by a dimension, for those that can be filtered by. */
  readonly filters: ReadonlyMap<string, string>;
  /** The most buckets of one page, inclusive. */
  readonly bucketsMax: Readonly<Record<Width, number>>;
}

export const COSTS = "costs";

/** Costs first, then the kinds in the table's order. */
export const SUBJECTS: readonly SubjectTable[] = [
  {
    name: COSTS,
    summary: "money spent",
    isStock: false,
    quantities: [],
    dimensions: tables.costs.dimensions,
    filters: new Map(Object.entries(tables.costs.filters)),
    bucketsMax: tables.buckets_max.costs,
  },
  ...tables.kinds.map((kind) => ({
    name: kind.name,
    summary: kind.summary,
    isStock: kind.is_stock,
    quantities: kind.quantities,
    dimensions: kind.dimensions,
    filters: new Map(Object.entries(kind.filters)),
    bucketsMax: tables.buckets_max.usage,
  })),
];

const BY_NAME = new Map(SUBJECTS.map((subject) => [subject.name, subject]));

/** The subject of a name; null when there is none. */
export function subjectOf(name: string): SubjectTable | null {
  return BY_NAME.get(name) ?? null;
}

const TAG_PREFIX = "tag:";

/** Whether a dimension is a tag: `tag:NAME`, with a name. */
export function isTag(dimension: string): boolean {
  return dimension.startsWith(TAG_PREFIX) && dimension.length > TAG_PREFIX.length;
}

/** The dimension of a tag. */
export function tagDimension(name: string): string {
  return `${TAG_PREFIX}${name}`;
}

/** The name of a tag's dimension. */
export function tagName(dimension: string): string {
  return dimension.slice(TAG_PREFIX.length);
}

/** Whether a subject can be grouped by a dimension. */
export function canGroupBy(subject: SubjectTable, dimension: string): boolean {
  return isTag(dimension) || subject.dimensions.includes(dimension);
}

/** Whether a subject can be filtered by a dimension. */
export function canFilterBy(subject: SubjectTable, dimension: string): boolean {
  return isTag(dimension) || subject.filters.has(dimension);
}

/** A line of rate cards, and the name under which a price file has its price. */
export interface PriceKey {
  /** What rate cards call the line: `cached input`. */
  readonly label: string;
  /** `cached_input`. */
  readonly name: string;
  /** What the price is for one of: `token`, `GiB day`. */
  readonly unit: string;
  /** A wide price stands for itself; where another is left out, a wider one holds. */
  readonly isWide: boolean;
}

export const PRICE_KEYS: ReadonlyMap<string, PriceKey> = new Map(
  tables.price_keys.map(({ label, name, unit, is_wide }) => [
    label,
    { label, name, unit, isWide: is_wide },
  ]),
);

/** What a request that was served as any other may call its tier. */
export const STANDARD_TIERS: ReadonlySet<string> = new Set(tables.standard_tiers);
