import { describe, expect, it } from "vitest";
import { type Canned, finds, slashBefore } from "./slash";

const one = (shortcut: string, title: string): Canned => ({ id: shortcut, shortcut, title, scope: "", text: "", actions: [] });

describe("slashBefore", () => {
  it("finds the word after a slash at the beginning or after a space", () => {
    expect(slashBefore("/he", 3)).toEqual({ from: 0, word: "he" });
    expect(slashBefore("Hello /", 7)).toEqual({ from: 6, word: "" });
    expect(slashBefore("Hello\n/he there", 9)).toEqual({ from: 6, word: "he" });
  });
  it("leaves addresses, fractions and finished words alone", () => {
    for (const text of ["https://x", "1/2", "and/or", "/hello there"]) expect(slashBefore(text, text.length)).toBeNull();
  });
});

describe("finds", () => {
  it("puts what begins with the word first", () => {
    const all = [one("delay", "We are late"), one("late", "Sorry"), one("hi", "Hello")];
    expect(finds(all, "late").map((found) => found.shortcut)).toEqual(["late", "delay"]);
    expect(finds(all, "xyz")).toEqual([]);
  });
});
