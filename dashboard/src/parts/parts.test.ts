import { describe, expect, test } from "vitest";
import { without } from "./filter-chips";
import { movedIndex, shiftInto } from "./popover";
import { matching } from "./searching";

describe("searching", () => {
  const options = [
    { value: "proj_a", label: "Search and find" },
    { value: "proj_b", label: "Find" },
    { value: "proj_c", label: "Other", note: "found in the note" },
  ];
  const found = (search: string, acceptsText = false): readonly string[] =>
    matching(options, search, acceptsText).map((option) => option.value);

  test("finds every word anywhere, beginnings first", () => {
    expect(found("")).toEqual(["proj_a", "proj_b", "proj_c"]);
    expect(found("find")).toEqual(["proj_b", "proj_a"]);
    expect(found("find SEARCH")).toEqual(["proj_a"]);
    expect(found("proj_c")).toEqual(["proj_c"]);
    expect(found("note")).toEqual(["proj_c"]);
    expect(found("nothing")).toEqual([]);
  });

  test("takes what was typed where it is told to", () => {
    expect(found("tag:team", true)).toEqual(["tag:team"]);
    expect(found("proj_a", true)).toEqual(["proj_a"]);
  });
});

describe("arrow keys", () => {
  test.each([
    ["ArrowDown", -1, 0],
    ["ArrowDown", 2, 0],
    ["ArrowUp", 0, 2],
    ["ArrowUp", -1, 2],
    ["Home", 2, 0],
    ["End", 0, 2],
    ["x", 0, null],
  ])("%s from %d goes to %j", (key, from, to) => {
    expect(movedIndex(key, from, 3)).toBe(to);
  });

  test("go nowhere in nothing", () => {
    expect(movedIndex("ArrowDown", 0, 0)).toBeNull();
  });
});

describe("what is open", () => {
  test.each([
    [100, 300, 0],
    [800, 1100, -108],
    [-20, 180, 28],
    [2, 998, 6],
    [0, 1500, 8],
  ])("from %d to %d in a window of 1000 moves by %d", (left, right, shift) => {
    expect(shiftInto({ left, right }, 1000)).toBe(shift);
  });
});

describe("filters", () => {
  const filters = new Map([
    ["model", ["a", "b"]],
    ["user_id", ["u"]],
  ]);
  test("lose one value, and with the last one the dimension", () => {
    expect(without(filters, "model", "a").get("model")).toEqual(["b"]);
    expect([...without(filters, "user_id", "u").keys()]).toEqual(["model"]);
  });
});
