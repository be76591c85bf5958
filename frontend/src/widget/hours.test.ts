import { describe, expect, it } from "vitest";
import { backAt, isOpen, whenText } from "./hours";

describe("hours", () => {
  const back = "2026-03-29T07:00:00+00:00";
  const closed = { is_open: false, changes: [back, "2026-03-29T16:00:00+00:00", "2026-03-30T07:00:00+00:00"] };

  it("opens and closes by itself at each moment that the server has told", () => {
    expect(isOpen(closed, Date.parse("2026-03-29T06:59:59Z"))).toBe(false);
    expect(isOpen(closed, Date.parse("2026-03-29T07:00:00Z"))).toBe(true);
    expect(isOpen(closed, Date.parse("2026-03-29T16:00:00Z"))).toBe(false);
    expect(isOpen(closed, Date.parse("2026-03-30T07:00:00Z"))).toBe(true);
    expect(isOpen({ is_open: true, changes: [] }, Date.now())).toBe(true);
  });

  it("knows when we are back on any day on which the page is still open", () => {
    expect(backAt(closed, Date.parse("2026-03-29T06:00:00Z"))).toBe(back);
    expect(backAt(closed, Date.parse("2026-03-29T20:00:00Z"))).toBe("2026-03-30T07:00:00+00:00");
    expect(backAt(closed, Date.parse("2026-03-29T12:00:00Z"))).toBe("");
    expect(backAt({ is_open: false, changes: [] }, Date.now())).toBe("");
  });

  it("tells the moment in the reader's own time zone and words", () => {
    expect(whenText(back, "en", "Europe/Berlin")).toContain("9:00");
    expect(whenText(back, "en", "Asia/Singapore")).toContain("3:00");
    expect(whenText(back, "zh-hans", "Asia/Singapore")).toContain("星期日");
  });
});
