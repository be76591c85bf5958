import { describe, expect, it } from "vitest";
import { type Answer, Conversation, type Message } from "./conversation";
import { isFromHost } from "./host";
import { pieces } from "./links";
import { bannerFor } from "./reach";

function message(seq: number, isMine = false): Message {
  return { seq, client_id: isMine ? `c${seq}` : "", is_mine: isMine, name: "", is_bot: false, at: "", parts: [], files: [], is_withdrawn: false, is_corrected: false, correctable_s: 0 };
}

function answer(more: Partial<Answer>): Answer {
  return { chat: "one", is_over: false, last: 0, messages: [], corrected: [], withdrawn: [], mine: {}, theirs: {}, queue: null, agent: "", survey: null, choices: [], blocked_until: "", ...more };
}

describe("conversation", () => {
  it("asks again from the first gap, whatever came late, twice or in another order", () => {
    const talk = new Conversation();
    talk.apply(answer({ last: 4, messages: [message(1), message(4)] }));
    expect(talk.since).toBe(1);
    talk.apply(answer({ last: 4, messages: [message(3), message(2), message(2)] }));
    expect(talk.since).toBe(4);
    expect(talk.messages.map((one) => one.seq)).toEqual([1, 2, 3, 4]);
  });

  it("moves no mark back", () => {
    const talk = new Conversation();
    talk.apply(answer({ last: 2, messages: [message(1, true), message(2, true)], theirs: { delivered: 2, read: 1 } }));
    talk.apply(answer({ last: 2, theirs: { delivered: 1, read: 0 } }));
    expect(talk.messages.map((one) => talk.stateOf(one))).toEqual(["read", "delivered"]);
  });

  it("keeps a withdrawn message withdrawn", () => {
    const talk = new Conversation();
    talk.apply(answer({ last: 1, messages: [message(1)], withdrawn: [1] }));
    talk.apply(answer({ last: 1, messages: [message(1)] }));
    expect(talk.messages[0]?.is_withdrawn).toBe(true);
    expect(talk.unread).toBe(0);
  });

  it("shows a correction of what it has had, and lets its writer change it for a while only", () => {
    let now = 0;
    const talk = new Conversation(() => now);
    talk.apply(answer({ last: 1, messages: [{ ...message(1, true), correctable_s: 10 }] }));
    const corrected = { ...message(1, true), parts: [{ text: "Better", redaction: "" }], is_corrected: true, correctable_s: 5 };
    talk.apply(answer({ last: 1, corrected: [corrected] }));
    expect(talk.messages.map((one) => [one.is_corrected, talk.canChange(one)])).toEqual([[true, true]]);
    now = 5_001;
    expect(talk.messages.map((one) => talk.canChange(one))).toEqual([false]);
  });

  it("begins anew with another conversation", () => {
    const talk = new Conversation();
    talk.apply(answer({ last: 1, messages: [message(1)] }));
    talk.apply(answer({ chat: "two", last: 1, messages: [message(1, true)] }));
    expect(talk.has("c1")).toBe(true);
    expect(talk.messages).toHaveLength(1);
  });
});

describe("links", () => {
  it("makes links of web addresses, without what follows them", () => {
    expect(pieces("See https://a.example/x?y=1, please").map((one) => [one.text, one.href])).toEqual([
      ["See ", ""],
      ["https://a.example/x?y=1", "https://a.example/x?y=1"],
      [", please", ""],
    ]);
  });

  it.each(["javascript:alert(1)", "data:text/html,x", "https://bank.example@evil.example/", "ftp://a.example", "http://"])(
    "leaves %s text",
    (text) => expect(pieces(text).every((one) => one.href === "")).toBe(true),
  );
});

describe("host", () => {
  it("listens to the embedding page at a listed origin only", () => {
    const parent = {} as Window;
    const origins = ["https://exchange.example"];
    expect(isFromHost({ source: parent, origin: "https://exchange.example" }, parent, origins)).toBe(true);
    expect(isFromHost({ source: parent, origin: "https://exchange.example.evil" }, parent, origins)).toBe(false);
    expect(isFromHost({ source: {} as Window, origin: "https://exchange.example" }, parent, origins)).toBe(false);
  });
});

describe("banner", () => {
  const well = { hasToken: true, isLive: true, isReached: true, isOver: false };
  it("says what lasts and nothing else", () => {
    expect(bannerFor(well, true, true)).toBe("");
    expect(bannerFor({ ...well, isLive: false }, true, false)).toBe("");
    expect(bannerFor({ ...well, isLive: false }, true, true)).toBe("polling");
    expect(bannerFor({ ...well, isReached: false }, true, true)).toBe("unreached");
    expect(bannerFor(well, false, true)).toBe("offline");
  });
});
