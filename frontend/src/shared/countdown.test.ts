import { expect, test } from "vitest";
import { counted, learn, secondsUntil, serverTime } from "./countdown";

test("counted__sizes__told_to_the_second", () => {
  expect(counted(0)).toBe("0:00");
  expect(counted(245)).toBe("4:05");
  expect(counted(3723)).toBe("1:02:03");
  expect(counted(2 * 86400 + 3 * 3600 + 7)).toBe("2d 03:00:07");
  expect(counted(2 * 86400 + 3 * 3600 + 7, "zh-Hans")).toBe("2天 03:00:07");
  expect(counted(-61)).toBe("−1:01");
});

test("secondsUntil__a_second_that_has_begun__is_left", () => {
  expect(secondsUntil(10_000, 9_001)).toBe(1);
  expect(secondsUntil(10_000, 10_000)).toBe(0);
  expect(secondsUntil(10_000, 12_500)).toBe(-2);
});

test("learn__several_answers__the_shortest_way_counts_and_a_wrong_clock_of_the_machine_does_not", () => {
  learn(1_000_000, 500);
  expect(serverTime(500)).toBe(1_000_000);
  // Took a second on its way: it would put the page back.
  learn(1_000_400, 1_900);
  expect(serverTime(1_900)).toBe(1_001_400);
  learn(1_003_000, 3_400);
  expect(serverTime(3_400)).toBe(1_003_000);
  learn(Number.NaN, 3_500);
  expect(serverTime(3_400)).toBe(1_003_000);
});
