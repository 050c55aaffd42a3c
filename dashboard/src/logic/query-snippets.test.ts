import { describe, expect, test } from "vitest";
import type { Query } from "../wire/query";
import { type SubjectTable, subjectOf } from "../wire/tables";
import { queryByCommand, queryByCurl, queryByPython } from "./query-snippets";

function subject(name: string): SubjectTable {
  const found = subjectOf(name);
  if (!found) throw new Error(name);
  return found;
}

const COSTS: Query = {
  subject: subject("costs"),
  start: 1_790_000_000,
  end: 1_790_600_000,
  width: "1d",
  zone: "Europe/Paris",
  groupBy: ["model", "tag:team"],
  filters: new Map([
    ["project_id", ["proj_a", "it's"]],
    ["batch", ["true"]],
    ["tag:env & more", ["prod"]],
  ]),
  top: 100,
};
const USAGE: Query = {
  subject: subject("completions"),
  start: 1_790_000_000,
  end: null,
  width: "1h",
  zone: "UTC",
  orderBy: "output_tokens",
};

describe("a query as code", () => {
  test("is asked by curl", () => {
    expect(queryByCurl("http://host/books/", COSTS)).toBe(
      [
        "curl --get 'http://host/books/v1/organization/costs'",
        '  --header "Authorization: Bearer $TALLYBOOK_ADMIN_KEY"',
        "  --data-urlencode 'start_time=1790000000'",
        "  --data-urlencode 'end_time=1790600000'",
        "  --data-urlencode 'bucket_width=1d'",
        "  --data-urlencode 'timezone=Europe/Paris'",
        "  --data-urlencode 'group_by[]=model'",
        "  --data-urlencode 'group_by[]=tag:team'",
        "  --data-urlencode 'project_ids[]=proj_a'",
        "  --data-urlencode 'project_ids[]=it'\\''s'",
        "  --data-urlencode 'batch=true'",
        "  --data-urlencode 'tags[env%20%26%20more][]=prod'",
        "  --data-urlencode 'top=100'",
        "  --data-urlencode 'limit=180'",
      ].join(" \\\n"),
    );
  });

  test("is asked by the client", () => {
    expect(queryByPython("http://host/", COSTS, "amount")).toBe(
      [
        "from tallybook import Client",
        "",
        'client = Client("http://host")  # its key: TALLYBOOK_ADMIN_KEY',
        "answer = client.costs(",
        '    1790000000, 1790600000, "1d",',
        '    timezone="Europe/Paris",',
        '    group_by=["model", "tag:team"],',
        '    project_ids=["proj_a", "it\'s"],',
        "    batch=True,",
        '    tags={"env & more": ["prod"]},',
        "    top=100,",
        ")",
        "for bucket, row in answer.rows():",
        '    print(bucket.start, row.get("model"), row.get("tag:team"), row.amount.value)',
        "print(answer.total())",
      ].join("\n"),
    );
    expect(queryByPython("http://host/", USAGE, "output_tokens")).toContain(
      '    "completions", 1790000000, width="1h",\n    order_by="output_tokens",',
    );
  });

  test("is asked by the command line", () => {
    expect(queryByCommand("http://host/", COSTS)).toBe(
      [
        "tallybook costs",
        "--url 'http://host'",
        "--start 1790000000 --end 1790600000",
        "--width 1d",
        "--timezone 'Europe/Paris'",
        "--group-by 'model'",
        "--group-by 'tag:team'",
        "--filter 'project_id=proj_a'",
        "--filter 'project_id=it'\\''s'",
        "--filter 'batch=true'",
        "--filter 'tag:env & more=prod'",
        "--top 100",
      ].join(" \\\n  "),
    );
    expect(queryByCommand("http://host/", USAGE)).toMatch(/^tallybook usage completions/);
    expect(queryByCommand("http://host/", USAGE)).toContain("--order-by output_tokens");
  });

  test("leaves out filters that do not hold", () => {
    const filters = new Map([
      ["batch", ["true", "false"]],
      ["line_item", ["x"]],
    ]);
    const query = { ...USAGE, filters };
    for (const code of [queryByCommand("/", query), queryByPython("/", query, "output_tokens")]) {
      expect(code).not.toMatch(/batch|line_item/);
    }
  });
});
