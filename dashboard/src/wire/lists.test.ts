import { describe, expect, test } from "vitest";
import { type ListPage, listPage, UNWALKED, walk, wholeList } from "./lists";
import { Wire } from "./wire";

/** A list of numbers, `size` to a page, and what was asked of it. */
function pagesOf(count: number, size: number) {
  const asked: (string | null)[] = [];
  const ask = async (after: string | null): Promise<ListPage<number>> => {
    asked.push(after);
    const start = after === null ? 0 : Number(after) + 1;
    const data = Array.from({ length: Math.min(size, count - start) }, (_, at) => start + at);
    return { data, last_id: data.at(-1)?.toString() ?? null, has_more: start + size < count };
  };
  return { ask, asked };
}

describe("walk", () => {
  test("goes on until there is enough, and from there", async () => {
    const { ask, asked } = pagesOf(5, 2);
    const first = await walk(ask, UNWALKED, 1);
    expect(first).toEqual({ rows: [0, 1], after: "1", isWhole: false });
    const rest = await walk(ask, first, 100);
    expect(rest).toEqual({ rows: [0, 1, 2, 3, 4], after: "4", isWhole: true });
    expect(asked).toEqual([null, "1", "3"]);
  });

  test("asks nothing where nothing is left or wanted", async () => {
    const { ask, asked } = pagesOf(0, 2);
    const none = await walk(ask, UNWALKED, 1);
    expect(none).toEqual({ rows: [], after: null, isWhole: true });
    expect(await walk(ask, none, 10)).toBe(none);
    expect(asked).toEqual([null]);
  });

  test("ends at a page without a cursor, whatever it says", async () => {
    const ask = async () => ({ data: [], last_id: null, has_more: true });
    expect((await walk(ask, UNWALKED, 1)).isWhole).toBe(true);
  });
});

test("a list is asked page by page by the id that each ends with", async () => {
  const urls: string[] = [];
  const { ask } = pagesOf(3, 2);
  const wire = new Wire(
    "https://host/",
    () => undefined,
    async (url) => {
      urls.push(String(url));
      return Response.json(await ask(new URL(String(url)).searchParams.get("after")));
    },
  );
  expect(await wholeList<number>(wire, { path: "v1/x" })).toEqual([0, 1, 2]);
  expect(urls).toEqual(["https://host/v1/x?limit=100", "https://host/v1/x?limit=100&after=1"]);
  await listPage(wire, { path: "v1/x", parameters: { limit: 5, include: ["a"] } }, null);
  expect(urls.at(-1)).toBe("https://host/v1/x?limit=5&include%5B%5D=a");
});
