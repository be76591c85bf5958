import { afterEach, expect, it, vi } from "vitest";
import { Api } from "./api";
import { RelayedStore } from "./storage";

afterEach(() => vi.unstubAllGlobals());

it("becomes one visitor when two ask at once in a frame that has no locks", async () => {
  let asked = 0;
  const reach = () => {
    asked += 1;
    return Promise.resolve(new Response(JSON.stringify({ token: `token ${asked}`, person: "" }), { status: 201 }));
  };
  vi.stubGlobal("navigator", { locks: { request: () => Promise.reject(new DOMException("denied", "SecurityError")) } });
  const api = new Api("/chat/site/", new RelayedStore(() => undefined), () => "https://shop.test", "en", reach);
  await Promise.all([api.start("omit"), api.start("omit")]);
  await api.start("omit");
  expect([asked, api.token]).toEqual([1, "token 1"]);
});
