import { expect, test } from "vitest";
import { Sequence, nameOf } from "./keys";

const press = (key: string, more: Partial<Record<"ctrlKey" | "metaKey" | "altKey", boolean>> = {}) => ({
  key, ctrlKey: false, metaKey: false, altKey: false, ...more,
});

test("nameOf__letters__lower_case", () => {
  expect(nameOf(press("R"))).toBe("r");
  expect(nameOf(press("?"))).toBe("?");
  expect(nameOf(press("Enter"))).toBe("Enter");
});

test("nameOf__control_or_command_k__palette_and_nothing_else", () => {
  expect(nameOf(press("k", { ctrlKey: true }))).toBe("mod+k");
  expect(nameOf(press("k", { metaKey: true }))).toBe("mod+k");
  expect(nameOf(press("r", { ctrlKey: true }))).toBe("");
  expect(nameOf(press("e", { altKey: true }))).toBe("");
});

test("Sequence__g_then_letter__one_name", () => {
  const sequence = new Sequence();
  expect(sequence.read("g", 0)).toEqual(["g"]);
  expect(sequence.read("m", 300)).toEqual(["g m"]);
  expect(sequence.read("m", 400)).toEqual(["m"]);
});

test("Sequence__too_slow__plain_letter", () => {
  const sequence = new Sequence();
  sequence.read("g", 0);
  expect(sequence.read("r", 5000)).toEqual(["r"]);
});
