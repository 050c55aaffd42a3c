import { describe, expect, test } from "vitest";
import { Names } from "./names";
import { Wire } from "./wire";

function namesOver(answer: () => Response) {
  const asked: URL[] = [];
  const fetch = async (url: RequestInfo | URL): Promise<Response> => {
    asked.push(new URL(String(url)));
    return answer();
  };
  return { names: new Names(new Wire("http://host/", () => undefined, fetch)), asked };
}

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));

describe("Names", () => {
  test("are asked for together, once, and kept", async () => {
    const { names, asked } = namesOver(() =>
      Response.json({ project_ids: { proj_a: "Atlas" }, user_ids: {}, api_key_ids: {} }),
    );
    expect(names.nameOf("project_id", "proj_a")).toBeNull();
    expect(names.nameOf("user_id", "user-x")).toBeNull();
    expect(names.nameOf("model", "gpt")).toBeNull();
    await settled();
    expect(asked.map((url) => [...url.searchParams])).toEqual([
      [
        ["project_ids[]", "proj_a"],
        ["user_ids[]", "user-x"],
      ],
    ]);
    expect(names.nameOf("project_id", "proj_a")).toBe("Atlas");
    expect(names.nameOf("user_id", "user-x")).toBeNull();
    await settled();
    expect(asked).toHaveLength(1);
  });

  test("of many ids take several requests", async () => {
    const { names, asked } = namesOver(() => Response.json({ user_ids: {} }));
    for (let at = 0; at < 250; at += 1) names.nameOf("user_id", `user-${at}`);
    await settled();
    expect(asked.map((url) => [...url.searchParams].length)).toEqual([100, 100, 50]);
  });

  test("are asked for again after a failure, when something is drawn anew", async () => {
    let isUp = false;
    const { names, asked } = namesOver(() =>
      isUp ? Response.json({ user_ids: { u: "Una" } }) : new Response("", { status: 503 }),
    );
    names.nameOf("user_id", "u");
    await settled();
    isUp = true;
    expect(names.nameOf("user_id", "u")).toBeNull();
    await settled();
    expect(names.nameOf("user_id", "u")).toBe("Una");
    expect(asked).toHaveLength(2);
  });
});
