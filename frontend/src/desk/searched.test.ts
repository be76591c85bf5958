import { describe, expect, it } from "vitest";
import { remembered } from "./searched";

describe("remembered", () => {
  it("keeps the last six, each once, the newest first", () => {
    expect(remembered(["a", "b"], " b ")).toEqual(["b", "a"]);
    expect(remembered(["1", "2", "3", "4", "5", "6"], "7")).toEqual(["7", "1", "2", "3", "4", "5"]);
    expect(remembered(["a"], "  ")).toEqual(["a"]);
  });
});
