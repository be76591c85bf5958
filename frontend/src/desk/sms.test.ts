import { describe, expect, it } from "vitest";
import { lengthOf } from "./sms";

const BASIC = "abcdefghijklmnopqrstuvwxyz ";
const count = (text: string) => lengthOf(text, BASIC, "€[");

describe("lengthOf", () => {
  it("counts one SMS up to 160, and 153 in each of several", () => {
    expect(count("")).toEqual({ parts: 0, left: 160, isWide: false });
    expect(count("a".repeat(160))).toEqual({ parts: 1, left: 0, isWide: false });
    expect(count("a".repeat(161))).toEqual({ parts: 2, left: 145, isWide: false });
    expect(count("a".repeat(307))).toEqual({ parts: 3, left: 152, isWide: false });
  });

  it("counts twice what the alphabet has behind an escape, and never cuts it", () => {
    expect(count("€".repeat(80)).parts).toBe(1);
    expect(count(`${"a".repeat(152)}€${"a".repeat(152)}`)).toEqual({ parts: 3, left: 152, isWide: false });
  });

  it("holds 70 and 67 as soon as one character is none of the alphabet, and never cuts an emoji", () => {
    expect(count("退".repeat(70))).toEqual({ parts: 1, left: 0, isWide: true });
    expect(count(`${"a".repeat(70)}退`)).toEqual({ parts: 2, left: 63, isWide: true });
    expect(count(`${"a".repeat(66)}😀${"a".repeat(66)}`)).toEqual({ parts: 3, left: 66, isWide: true });
  });
});
