import { parametersOf, pathOf, type Query } from "../wire/query";
import { COSTS, isTag, tagName } from "../wire/tables";
import { AMOUNT } from "../wire/usage";
import { queryOf } from "../wire/wire";
import { shellQuoted } from "./snippets";

/** A query as something to run elsewhere. Each gives the numbers that the page shows. */

/** By curl. The names of its fields are encoded where they are no plain name; their values it encodes. */
export function queryByCurl(address: string, query: Query): string {
  const fields = [...new URLSearchParams(queryOf(parametersOf(query)))].map(
    ([name, value]) => `  --data-urlencode ${shellQuoted(`${fieldName(name)}=${value}`)}`,
  );
  return [
    `curl --get ${shellQuoted(`${address}${pathOf(query)}`)}`,
    `  --header "Authorization: Bearer $TALLYBOOK_ADMIN_KEY"`,
    ...fields,
  ].join(" \\\n");
}

/** By the client that comes with Tallybook. */
export function queryByPython(address: string, query: Query, measure: string): string {
  const isCosts = query.subject.name === COSTS;
  const moments = [query.start, query.end].filter((moment) => moment !== null);
  const positions = [
    ...(isCosts ? [] : [literal(query.subject.name)]),
    ...moments.map(String),
    ...(query.end === null ? [`width=${literal(query.width)}`] : [literal(query.width)]),
  ];
  const options = optionsOf(query).map(([name, value]) => `    ${name}=${literal(value)},`);
  const keys = (query.groupBy ?? []).map((dimension) => `row.get(${literal(dimension)})`);
  const number = measure === AMOUNT ? "row.amount.value" : `row.${measure}`;
  return [
    "from tallybook import Client",
    "",
    `client = Client(${literal(address.replace(/\/$/, ""))})  # its key: TALLYBOOK_ADMIN_KEY`,
    `answer = client.${isCosts ? "costs" : "usage"}(`,
    `    ${positions.join(", ")},`,
    ...options,
    ")",
    "for bucket, row in answer.rows():",
    `    print(${["bucket.start", ...keys, number].join(", ")})`,
    "print(answer.total())",
  ].join("\n");
}

/** By the command line. */
export function queryByCommand(address: string, query: Query): string {
  const { subject } = query;
  const words = [
    subject.name === COSTS ? "tallybook costs" : `tallybook usage ${subject.name}`,
    `--url ${shellQuoted(address.replace(/\/$/, ""))}`,
    `--start ${query.start}${query.end === null ? "" : ` --end ${query.end}`}`,
    `--width ${query.width}`,
    `--timezone ${shellQuoted(query.zone)}`,
    ...(query.groupBy ?? []).map((dimension) => `--group-by ${shellQuoted(dimension)}`),
    ...filtersOf(query).flatMap(([dimension, values]) =>
      values.map((value) => `--filter ${shellQuoted(`${dimension}=${value}`)}`),
    ),
    ...(query.orderBy === undefined ? [] : [`--order-by ${query.orderBy}`]),
    ...(query.top === undefined ? [] : [`--top ${query.top}`]),
  ];
  return words.join(" \\\n  ");
}

/** A name as curl wants it: encoded, but for the brackets of lists, which stay readable. */
function fieldName(name: string): string {
  return encodeURIComponent(name).replaceAll("%5B", "[").replaceAll("%5D", "]");
}

/** Filters that hold: those of dimensions that the subject can be filtered by. */
function filtersOf({ subject, filters }: Query): readonly (readonly [string, readonly string[]])[] {
  return [...(filters ?? [])].filter(
    ([dimension, values]) =>
      (isTag(dimension) || subject.filters.has(dimension)) &&
      // Both together filter nothing.
      (dimension === "batch" ? values.length === 1 : values.length > 0),
  );
}

type Option =
  | string
  | number
  | boolean
  | readonly string[]
  | Readonly<Record<string, readonly string[]>>;

/** The options of the client's call, by their names. */
function optionsOf(query: Query): readonly (readonly [string, Option])[] {
  const { subject, zone, groupBy = [], orderBy, top } = query;
  const filters = filtersOf(query);
  const tags = filters.filter(([dimension]) => isTag(dimension));
  const options: (readonly [string, Option])[] = [];
  if (zone !== "UTC") options.push(["timezone", zone]);
  if (groupBy.length > 0) options.push(["group_by", groupBy]);
  for (const [dimension, values] of filters) {
    const name = subject.filters.get(dimension);
    if (name === undefined) continue;
    options.push([name, name === "batch" ? values[0] === "true" : values]);
  }
  if (tags.length > 0) {
    const named = tags.map(([dimension, values]) => [tagName(dimension), values] as const);
    options.push(["tags", Object.fromEntries(named)]);
  }
  if (orderBy !== undefined) options.push(["order_by", orderBy]);
  if (top !== undefined) options.push(["top", top]);
  return options;
}

/** A value in Python's words. */
function literal(value: Option): string {
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "number") return String(value);
  // JSON's escapes are Python's too.
  if (typeof value === "string") return JSON.stringify(value);
  if (isList(value)) return `[${value.map(literal).join(", ")}]`;
  const fields = Object.entries(value).map(([name, each]) => `${literal(name)}: ${literal(each)}`);
  return `{${fields.join(", ")}}`;
}

function isList(value: Option): value is readonly string[] {
  return Array.isArray(value);
}
