import { describe, expect, it, vi } from "vitest";
import type { ChatFrame } from "../generated/events";
import { Wire } from "./wire";

function wired() {
  const sent: ChatFrame[] = [];
  const timers: (() => void)[] = [];
  let [isOpen, now] = [true, 0];
  const wire = new Wire((frame) => isOpen && sent.push(frame) > 0, { later: (run) => timers.push(run), cancel: () => undefined, now: () => now });
  const welcome = () => (wire.noted({ type: "hello", inbox: "site", origin: "https://a.test", token: "mine" }), wire.welcomed());
  welcome();
  return { wire, welcome, sent, timers, close: () => (isOpen = false), pass: (ms: number) => (now += ms) };
}
const READ = { type: "read", chat: "c", since: 3 } as const;

describe("a call over the socket", () => {
  it("is answered under its own number, whatever order answers come in", async () => {
    const { wire, sent } = wired();
    const [one, two] = [wire.ask(READ, "mine"), wire.ask(READ, "mine")];
    expect(sent.map((frame) => "id" in frame && frame.id)).toEqual([1, 2]);
    wire.answered({ id: 2, status: 200, body: { chat: "two" } });
    wire.answered({ id: 1, status: 200, body: { chat: "one" } });
    expect([await one, await two]).toEqual([{ chat: "one" }, { chat: "two" }]);
  });

  it("is left to the door when the server says so, and so are the next ones for a while", async () => {
    const { wire, sent, pass } = wired();
    const call = wire.ask(READ, "mine");
    wire.answered({ id: 1, status: 421 });
    expect(await call).toBeNull();
    expect(await wire.ask(READ, "mine")).toBeNull();
    pass(2_000);
    void wire.ask(READ, "mine");
    expect(sent.length).toBe(2);
  });

  it("is left to the door when nobody answers, the socket goes, or takes no frame", async () => {
    const { wire, welcome, timers, close } = wired();
    const silent = wire.ask(READ, "mine");
    timers[0]?.();
    expect(await silent).toBeNull();
    wire.lost();
    welcome();
    const lost = wire.ask(READ, "mine");
    wire.lost();
    expect(await lost).toBeNull();
    welcome();
    close();
    expect(await wire.ask(READ, "mine")).toBeNull();
  });

  it("is not asked while the browser says that it is offline", async () => {
    const { wire, sent } = wired();
    vi.stubGlobal("navigator", { onLine: false });
    expect(await wire.ask(READ, "mine")).toBeNull();
    vi.unstubAllGlobals();
    expect(sent).toEqual([]);
  });

  it("is asked in nobody else's name", async () => {
    const { wire, sent } = wired();
    expect(await wire.ask(READ, "another")).toBeNull();
    expect(await wire.ask(READ, "")).toBeNull();
    expect(sent).toEqual([]);
  });
});
