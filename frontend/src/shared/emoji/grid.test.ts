import { describe, expect, it } from "vitest";
import { type Group, lately, moved, rowsOf, searched, usedLately } from "./grid";

const GROUPS: Group[] = [
  { name: "手", signs: [["👍", "赞", "thumbs up"], ["👎", "踩", "thumbs down"]] },
  { name: "钱", signs: [["💳", "卡", "card"], ["🪙", "硬币", "coin"]] },
];

describe("rows", () => {
  it("have eight signs each, the last what is left", () => {
    expect(rowsOf(Array.from({ length: 10 }, (_, n) => n)).map((row) => row.length)).toEqual([8, 2]);
  });
});

describe("a key", () => {
  const lengths = [3, 8, 2];
  const from = (row: number, column: number, key: string, isWhole = false): unknown => moved({ row, column }, key, isWhole, lengths);

  it("leads on to the next row at the end of one, and back", () => {
    expect(from(0, 2, "ArrowRight")).toEqual({ row: 1, column: 0 });
    expect(from(1, 0, "ArrowLeft")).toEqual({ row: 0, column: 2 });
  });

  it("stays in shorter rows", () => {
    expect(from(1, 7, "ArrowUp")).toEqual({ row: 0, column: 2 });
    expect(from(1, 7, "ArrowDown")).toEqual({ row: 2, column: 1 });
  });

  it("leads to the ends of a row, or of the whole", () => {
    expect(from(1, 4, "Home")).toEqual({ row: 1, column: 0 });
    expect(from(1, 4, "End")).toEqual({ row: 1, column: 7 });
    expect(from(1, 4, "Home", true)).toEqual({ row: 0, column: 0 });
    expect(from(1, 4, "End", true)).toEqual({ row: 2, column: 1 });
  });

  it("stays at the first and last, and leaves upwards alone", () => {
    expect(from(0, 0, "ArrowLeft")).toEqual({ row: 0, column: 0 });
    expect(from(2, 1, "ArrowRight")).toEqual({ row: 2, column: 1 });
    expect(from(2, 1, "ArrowDown")).toEqual({ row: 2, column: 1 });
    expect(from(0, 1, "ArrowUp")).toBe("above");
    expect(from(0, 1, "x")).toBeNull();
  });
});

describe("a search", () => {
  it("finds by the name of either language, and by the sign", () => {
    expect(searched(GROUPS, "赞").map(([sign]) => sign)).toEqual(["👍"]);
    expect(searched(GROUPS, "Thumbs D").map(([sign]) => sign)).toEqual(["👎"]);
    expect(searched(GROUPS, "🪙").map(([sign]) => sign)).toEqual(["🪙"]);
    expect(searched(GROUPS, "zebra")).toEqual([]);
  });
});

describe("what was used lately", () => {
  it("is a row, the newest first and each once", () => {
    expect(usedLately(["a", "b"], "b")).toEqual(["b", "a"]);
    expect(usedLately([..."abcdefgh"], "i")).toEqual([..."iabcdefg"]);
  });

  it("is nothing where the store holds anything else", () => {
    expect(lately(JSON.stringify(["🪙", "nothing", 5]), GROUPS).map(([sign]) => sign)).toEqual(["🪙"]);
    for (const kept of [null, "{", "{}", "5", "null"]) expect(lately(kept, GROUPS)).toEqual([]);
  });
});
