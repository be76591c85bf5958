import { describe, expect, it } from "vitest";
import { keepActive } from "./activity";

describe("activity", () => {
  it("is told at once, and then once a minute", () => {
    const target = new EventTarget();
    let [clock, told] = [0, 0];
    keepActive(() => (told += 1), () => clock, target);
    for (let step = 0; step < 5; step += 1) target.dispatchEvent(new Event("pointermove"));
    expect(told).toBe(1);
    clock = 59_999;
    target.dispatchEvent(new Event("keydown"));
    expect(told).toBe(1);
    clock = 60_000;
    target.dispatchEvent(new Event("keydown"));
    expect(told).toBe(2);
  });
});
