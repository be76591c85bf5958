import { expect, it } from "vitest";
import { beginning } from "./whole";

const SIGNS = { family: "👨‍👩‍👧‍👦", flag: "🇨🇭", skin: "👍🏽", keycap: "1️⃣" };

it("ends before a sign that would be cut, wherever the cut falls", () => {
  for (const sign of Object.values(SIGNS)) {
    for (let n = 1; n < sign.length; n += 1) expect(beginning(`ab${sign}cd`, 2 + n)).toBe("ab");
    expect(beginning(`ab${sign}cd`, 2 + sign.length)).toBe(`ab${sign}`);
  }
});

it("leaves what is short enough, and words, as they are", () => {
  expect(beginning("👍🏽", 4)).toBe("👍🏽");
  expect(beginning("abcdef", 3)).toBe("abc");
});
