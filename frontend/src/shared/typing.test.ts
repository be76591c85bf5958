import { expect, it } from "vitest";
import { TypingHint } from "./typing";

it("is told once in a while, and again at once when the last one was not told", () => {
  let now = 0;
  let isHeard = false;
  const told: number[] = [];
  const hint = new TypingHint(
    () => isHeard && told.push(now) > 0,
    () => now,
  );
  hint.typed();
  isHeard = true;
  now = 100;
  hint.typed();
  now = 2_000;
  hint.typed();
  expect(told).toEqual([100]);
  now = 2_600;
  hint.typed();
  expect(told).toEqual([100, 2_600]);
  hint.lost();
  hint.typed();
  expect(told).toEqual([100, 2_600, 2_600]);
});
