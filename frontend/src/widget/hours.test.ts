import { describe, expect, it } from "vitest";
import { isOpen, whenText } from "./hours";

describe("hours", () => {
  const closed = { is_open: false, changes_at: "2026-03-29T07:00:00+00:00", back_at: "2026-03-29T07:00:00+00:00" };

  it("opens and closes by itself at the moment that the server has told", () => {
    expect(isOpen(closed, Date.parse("2026-03-29T06:59:59Z"))).toBe(false);
    expect(isOpen(closed, Date.parse("2026-03-29T07:00:00Z"))).toBe(true);
    expect(isOpen({ is_open: true, changes_at: "", back_at: "" }, Date.now())).toBe(true);
  });

  it("tells the moment in the reader's own time zone and words", () => {
    expect(whenText(closed.back_at, "en", "Europe/Berlin")).toContain("9:00");
    expect(whenText(closed.back_at, "en", "Asia/Singapore")).toContain("3:00");
    expect(whenText(closed.back_at, "zh-hans", "Asia/Singapore")).toContain("星期日");
  });
});
