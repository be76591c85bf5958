import { expect, test } from "vitest";
import { FIRST_MS, LONGEST_MS, waitMs } from "./backoff";

test("waitMs__first_attempt__between_half_and_whole_step", () => {
  expect(waitMs(0, () => 0)).toBe(FIRST_MS / 2);
  expect(waitMs(0, () => 1)).toBe(FIRST_MS);
});

test("waitMs__many_attempts__never_beyond_the_longest", () => {
  expect(waitMs(50, () => 1)).toBe(LONGEST_MS);
  expect(waitMs(50, () => 0)).toBe(LONGEST_MS / 2);
});

test("waitMs__each_attempt__doubles", () => {
  expect(waitMs(3, () => 1)).toBe(FIRST_MS * 8);
});
