import { beforeEach, expect, it, vi } from "vitest";
import { Identity } from "./identity";
import { Refusal } from "./refusal";
import { RelayedStore } from "./storage";

vi.stubGlobal("navigator", {});

class Scene {
  store = new RelayedStore(() => undefined);
  asked: string[] = [];
  log: string[] = [];
  waiting: (() => void)[] = [];
  forgetting = Promise.resolve();
  /** What the server makes of a word. */
  answers: Record<string, string | Refusal> = { a: "A", b: "B" };
  api = {
    token: "t0",
    identify: (token: string): Promise<string> => {
      const answer = this.answers[token] ?? new Refusal(403, "", 0);
      return answer instanceof Refusal ? Promise.reject(answer) : Promise.resolve(answer);
    },
    signOut: (): Promise<void> => {
      this.log.push("signed out");
      return Promise.resolve();
    },
    forget: (token: string): void => void this.log.push(`forgot ${token}`),
  };

  tab(): Identity {
    return new Identity({
      ...{ api: this.api, store: this.store },
      ask: (nonce) => this.asked.push(nonce),
      onSettled: () => this.log.push("settled"),
      onGone: () => (this.log.push("gone"), this.forgetting),
      reload: () => this.log.push("reloaded"),
      later: (run) => this.waiting.push(run),
    });
  }

  /** A tab in which the page has named this person. */
  async named(token: string): Promise<Identity> {
    const tab = this.tab();
    await tab.begin();
    await tab.take(token, this.asked.at(-1) ?? "");
    return tab;
  }
}

let scene: Scene;
beforeEach(() => void (scene = new Scene()));

it("is settled by the exchange's word, and keeps everything for the same person", async () => {
  expect(scene.tab().isSettled).toBe(false);
  await scene.named("a");
  const again = await scene.named("a");
  expect(again.isSettled).toBe(true);
  expect(scene.log).toEqual(["settled", "settled"]);
});

it("leaves nothing of one person to the next", async () => {
  const first = await scene.named("a");
  const second = await scene.named("b");
  expect(scene.log).toEqual(["settled", "gone", "reloaded"]);
  expect(second.isSettled).toBe(false);
  // The first tab shows somebody who sits there no more.
  expect(first.isOther).toBe(true);
});

it("signs out at the server when nobody is signed in, and before what waits there", async () => {
  const tab = await scene.named("a");
  await tab.begin();
  await tab.take(null, scene.asked.at(-1) ?? "");
  expect(scene.log).toEqual(["settled", "signed out", "forgot t0", "gone", "reloaded"]);
  expect(scene.store.keys()).toEqual([]);
});

it("forgets once more when the page was left before everything was forgotten", async () => {
  const tab = await scene.named("a");
  scene.forgetting = new Promise<void>(() => undefined);
  scene.log = [];
  void tab.nobody();
  await vi.waitFor(() => expect(scene.log).toContain("gone"));

  scene.forgetting = Promise.resolve();
  scene.log = [];
  await scene.named("b");
  expect(scene.log).toEqual(["gone", "reloaded"]);
  await scene.named("b");
  expect(scene.log.at(-1)).toBe("settled");
});

it("forgets once more on a page that names nobody", async () => {
  const tab = await scene.named("a");
  scene.forgetting = new Promise<void>(() => undefined);
  void tab.nobody();
  await vi.waitFor(() => expect(scene.log).toContain("gone"));
  scene.forgetting = Promise.resolve();
  scene.log = [];
  scene.tab().hello(false);
  await vi.waitFor(() => expect(scene.log).toContain("reloaded"));
  expect(scene.log).not.toContain("settled");
  expect(scene.store.keys()).toEqual([]);
});

it("takes only the answer to its last question, and none after a sign-out", async () => {
  const tab = scene.tab();
  await tab.begin();
  await tab.begin();
  await tab.take("b", scene.asked[0] ?? "");
  expect(tab.isSettled).toBe(false);
  await tab.nobody();
  await tab.take("a", scene.asked[1] ?? "");
  expect(scene.store.keys()).toEqual([]);
});

it("asks again when the answer could not be had, and believes no refusal", async () => {
  const tab = scene.tab();
  await tab.begin();
  await tab.take(undefined, scene.asked[0] ?? "");
  expect([tab.isSettled, scene.waiting.length]).toEqual([false, 1]);
  scene.answers["c"] = new Refusal(503, "", 0);
  await tab.begin();
  await tab.take("c", scene.asked[1] ?? "");
  expect([tab.isSettled, scene.waiting.length]).toEqual([false, 2]);
  await tab.begin();
  await tab.take("forged", scene.asked[2] ?? "");
  expect(scene.log).toEqual(["settled"]);
});

it("waits for a page that named somebody last time, and then takes it for a sign-out", async () => {
  await scene.named("a");
  const tab = scene.tab();
  tab.hello(false);
  expect(tab.isSettled).toBe(false);
  scene.waiting[0]?.();
  await vi.waitFor(() => expect(scene.log).toContain("gone"));
});

it("asks for a named person again when the token counts no more", async () => {
  const tab = await scene.named("a");
  tab.lost();
  await vi.waitFor(() => expect(scene.asked.length).toBe(2));
  expect(tab.isSettled).toBe(false);
  await scene.tab().take("a", "");
  await tab.take("a", scene.asked[1] ?? "");
  expect(scene.log).toEqual(["settled", "settled"]);
});
