import { expect, test } from "vitest";
import { refusal } from "./limits";
import { matching } from "./matching";

const commands = ["Resolve", "Assign to…", "Unassigned", "All open"].map((label) => ({ label, key: "" }));
const labels = (typed: string): string[] => matching(commands, typed).map(({ label }) => label);

test("matching__prefix__comes_before_inside", () => {
  expect(labels("ass")).toEqual(["Assign to…", "Unassigned"]);
});

test("matching__several_words__all_must_be_there", () => {
  expect(labels("open all")).toEqual(["All open"]);
  expect(labels("open x")).toEqual([]);
});

test("matching__nothing_typed__everything_in_order", () => {
  expect(labels("")).toHaveLength(4);
});

test("refusal__limits__say_which_one", () => {
  expect(refusal(10, 0, { bytes: 9, count: 2 })).toEqual({ word: "file-too-big", max: 9 });
  expect(refusal(1, 2, { bytes: 9, count: 2 })).toEqual({ word: "file-too-many", max: 2 });
  expect(refusal(9, 1, { bytes: 9, count: 2 })).toBeNull();
  expect(refusal(1e9, 99, { bytes: 0, count: 0 })).toBeNull();
});
