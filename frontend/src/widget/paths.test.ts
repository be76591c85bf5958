import { describe, expect, it } from "vitest";
import rows from "../../../tests/corpus/path_patterns.json";
import { matches } from "./paths";

// The same rows are read by tests/unit/livechat/test_paths.py.
const ROWS = rows as [string, string, boolean][];

describe("matches", () => {
  it.each(ROWS)("%s and %s: %s", (pattern, path, isLike) => {
    expect(matches(pattern, path)).toBe(isLike);
  });
});
