import { expect, test } from "vitest";
import { Looked } from "./looked";

test("time that is seen counts, unseen and asleep it does not", () => {
  const looked = new Looked();
  looked.tick(1_000, true, 30_000);
  for (let at = 16_000; at <= 61_000; at += 15_000) looked.tick(at, true, 30_000);
  expect(looked.minutes).toBe(1);
  looked.tick(76_000, false, 30_000);
  looked.tick(9_000_000, true, 30_000);
  expect(looked.minutes).toBe(1);
});
