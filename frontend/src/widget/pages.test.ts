import { describe, expect, it } from "vitest";
import { Pages, type Told } from "./pages";
import { RelayedStore } from "./storage";

function trail(fails = false): { pages: Pages; told: Told[][]; clock: { now: number } } {
  const told: Told[][] = [];
  const clock = { now: 1_000_000 };
  const tell = (pages: Told[]): Promise<void> => {
    if (fails) return Promise.reject(new Error("away"));
    told.push(pages);
    return Promise.resolve();
  };
  return { pages: new Pages(new RelayedStore(() => undefined), tell, () => clock.now), told, clock };
}

describe("pages of the embedding site", () => {
  it("are told once, without query and fragment, with how long ago it was", async () => {
    const { pages, told, clock } = trail();
    for (const path of ["/deposit?secret=1", "/deposit#top", "/withdraw", "javascript:1", 7]) {
      pages.came(path);
      clock.now += 5_000;
    }
    await pages.flush();
    await pages.flush();
    expect(told).toEqual([[{ path: "/deposit", ago_s: 25 }, { path: "/withdraw", ago_s: 15 }]]);
  });

  it("are kept while nobody answers, the last twenty", async () => {
    const { pages, told, clock } = trail(true);
    for (let number = 0; number < 30; number += 1) {
      pages.came(`/page/${number}`);
      clock.now += 1;
    }
    await pages.flush();
    expect(told).toEqual([]);
    const kept = JSON.parse((pages as unknown as { store: RelayedStore }).store.get("pages") ?? "[]") as unknown[];
    expect(kept.length).toBe(20);
  });
});
