import { expect, test } from "vitest";
import { moment, relative, secondsLeft, told } from "./dates";
import { fill } from "./words";

const NOW = new Date("2026-11-23T12:00:00Z");
const before = (seconds: number): Date => new Date(NOW.getTime() - seconds * 1000);
const text = (seconds: number, locale = "en", style: "relative" | "short" = "relative"): string =>
  relative(before(seconds), NOW, locale, style, "now");

test("told__edges__move_to_the_next_unit", () => {
  expect(told(-44)).toBe("now");
  expect(told(-45)).toEqual({ value: -1, unit: "minute" });
  expect(told(-3569)).toEqual({ value: -59, unit: "minute" });
  expect(told(-3600)).toEqual({ value: -1, unit: "hour" });
  expect(told(-86400)).toEqual({ value: -1, unit: "day" });
  expect(told(-7 * 86400)).toBeNull();
});

test("told__future__positive", () => {
  expect(told(600)).toEqual({ value: 10, unit: "minute" });
});

test("relative__languages__in_the_readers_words", () => {
  expect(text(300)).toBe("5 min. ago");
  expect(text(86400)).toBe("yesterday");
  expect(text(300, "zh-hans")).toBe("5分钟前");
  expect(text(10)).toBe("now");
});

test("relative__short__no_ago", () => {
  expect(text(7200, "en", "short")).toBe("2h");
});

test("relative__old__a_date_and_the_year_when_it_differs", () => {
  expect(text(40 * 86400)).toBe("Oct 14");
  expect(text(400 * 86400)).toMatch(/2025/);
});

test("secondsLeft__never_negative", () => {
  expect(secondsLeft(10, 0, 0)).toBe(10);
  expect(secondsLeft(10, 0, 9001)).toBe(1);
  expect(secondsLeft(10, 0, 99_000)).toBe(0);
});

test("fill__unknown_marks__stay", () => {
  expect(fill("{n} of {m}", { n: 3 })).toBe("3 of {m}");
});

test("moment__ahead__names_day_and_time", () => {
  const shown = moment(new Date(2026, 11, 2, 10, 5), "en");
  expect(shown).toMatch(/Wed/);
  expect(shown).toMatch(/Dec 2/);
  expect(shown).toMatch(/10:05/);
});
