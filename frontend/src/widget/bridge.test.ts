import { describe, expect, it } from "vitest";
import { type BridgeOptions, nativeOf, nonceOf, startBridge } from "./bridge";

const SITE = "https://support.example";
const word = (nonce: string): string => `e30.${btoa(JSON.stringify({ nonce }))}.x`;

interface App {
  identify: (token?: string | null) => void;
  signOut: () => void;
  back: () => boolean;
}

async function started(more: object = {}, closes = false) {
  const did: unknown[] = [];
  const posted: Record<string, unknown>[] = [];
  const heard: string[] = [];
  const listen = { addEventListener: (name: string) => heard.push(name) };
  const document = { ...listen, body: { dataset: {} }, hidden: false, documentElement: { style: { setProperty: () => undefined } } };
  const ReactNativeWebView = { postMessage: (json: string) => posted.push(JSON.parse(json) as Record<string, unknown>) };
  const self: Record<string, unknown> = { ...listen, location: { origin: SITE }, document, innerHeight: 800, scrollTo: () => undefined, ReactNativeWebView, ...more };
  if (!("top" in more)) self["top"] = self;
  const waits: (() => void)[] = [];
  const options: BridgeOptions = {
    origins: [SITE],
    theme: "system",
    onHello: (can) => did.push(["hello", can]),
    onIdentifiable: () => did.push("identifiable"),
    onIdentity: (token, nonce) => did.push(["identity", token, nonce]),
    onSignOut: () => did.push("sign-out"),
    onKept: () => did.push("kept"),
    onPage: () => did.push("page"),
    onOpen: () => did.push("open"),
    onClose: () => did.push("close"),
    onBack: () => closes,
    later: (run) => waits.push(run),
    self: self as unknown as Window,
  };
  const host = startBridge(options);
  await Promise.resolve();
  return { host, did, posted, heard, waits, app: self["PharosApp"] as App };
}

describe("the bridge of an app", () => {
  it("speaks through the first way that exists", () => {
    const said: unknown[] = [];
    const postMessage = (told: unknown) => said.push(told);
    nativeOf({ webkit: { messageHandlers: { pharos: { postMessage } } }, PharosNative: { postMessage } })?.({ type: "a" });
    nativeOf({ PharosNative: { postMessage }, ReactNativeWebView: { postMessage } })?.({ type: "b" });
    expect(said).toEqual([{ type: "a" }, '{"type":"b"}']);
    expect(nativeOf({})).toBeNull();
  });

  it("opens, says that it is there and whether an app can name people", async () => {
    const { did, posted } = await started();
    expect(did).toEqual(["open", ["hello", true]]);
    expect(posted).toEqual([{ pharos: 1, type: "ready", theme: "system" }]);
    expect((await started({ ReactNativeWebView: undefined })).did).toEqual(["open", ["hello", false]]);
  });

  it("hands on a word for the question that it answers, by its own nonce", async () => {
    const { host, app, did, posted, waits } = await started();
    host.who("one");
    expect(posted.at(-1)).toEqual({ pharos: 1, type: "nonce", nonce: "one" });
    app.identify(word("other"));
    app.identify("no token");
    app.identify(word("one"));
    expect(did.slice(2)).toEqual([["identity", word("other"), "other"], ["identity", "no token", ""], ["identity", word("one"), "one"]]);
    waits[0]?.();
    expect(did).toHaveLength(5);
    expect(nonceOf(word("one"))).toBe("one");
  });

  it("takes null for nobody, nothing for somebody new, and silence for a question to ask again", async () => {
    const { host, app, did, waits } = await started();
    host.who("one");
    app.identify(null);
    app.identify();
    host.who("two");
    waits[1]?.();
    expect(did.slice(2)).toEqual([["identity", null, "one"], "identifiable", ["identity", undefined, "two"]]);
  });

  it("tells of unread answers once for each number, and that the visitor leaves", async () => {
    const { host, posted } = await started();
    for (const [open, unread] of [[true, 0], [true, 2], [true, 2], [false, 2], [false, 0]] as const) host.tell(open, unread, 0);
    expect(posted.slice(1).map(({ type, count }) => [type, count])).toEqual([["unread", 2], ["close", undefined], ["unread", 0]]);
  });

  it("goes back by a step, else leaves", async () => {
    expect((await started({}, true)).app.back()).toBe(true);
    const { app, did } = await started();
    expect(app.back()).toBe(false);
    expect(did.at(-1)).toBe("close");
  });

  it("hears no message of any window, and does nothing in a frame or at another site", async () => {
    expect((await started()).heard).not.toContain("message");
    for (const more of [{ top: {} }, { location: { origin: "https://evil.example" } }]) {
      const { host, app, did, posted } = await started(more);
      expect([host.origin, app, did, posted]).toEqual(["", undefined, [], []]);
    }
  });
});
