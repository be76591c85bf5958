import { beforeEach, expect, test } from "vitest";
import { Gathered } from "./gathered";

let timers: (() => void)[];
let handled: (readonly string[])[];
let finish: (() => void)[];
let gathered: Gathered;

beforeEach(() => {
  timers = [];
  handled = [];
  finish = [];
  gathered = new Gathered(
    80,
    2,
    (names) => {
      handled.push(names);
      return new Promise((resolve) => finish.push(resolve));
    },
    (run) => timers.push(run),
  );
});

/** Let what waits for a promise go on. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

test("add__several_in_a_burst__are_handled_once_and_each_once", () => {
  gathered.add(["a"]);
  gathered.add(["b", "a"]);
  expect(timers).toHaveLength(1);
  timers.shift()?.();
  expect(handled).toEqual([["a", "b"]]);
});

test("add__while_one_reading_is_under_way__waits_for_it", async () => {
  gathered.add(["a"]);
  timers.shift()?.();
  gathered.add(["a", "b"]);
  expect(timers).toEqual([]);
  finish.shift()?.();
  await settled();
  timers.shift()?.();
  expect(handled).toEqual([["a"], ["a", "b"]]);
});

test("add__more_than_at_once__are_handled_in_turn", async () => {
  gathered.add(["a", "b", "c"]);
  timers.shift()?.();
  finish.shift()?.();
  await settled();
  timers.shift()?.();
  expect(handled).toEqual([["a", "b"], ["c"]]);
});

test("handle__fails__goes_on", async () => {
  const failing = new Gathered(80, 2, () => Promise.reject(new Error("away")), (run) => timers.push(run));
  failing.add(["a"]);
  timers.shift()?.();
  await settled();
  failing.add(["b"]);
  expect(timers).toHaveLength(1);
});
