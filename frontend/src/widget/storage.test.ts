import { describe, expect, it } from "vitest";
import { Outbox } from "./outbox";
import { openStore, RelayedStore } from "./storage";

function relayed(): { store: RelayedStore; told: [string, string | null][] } {
  const told: [string, string | null][] = [];
  return { store: new RelayedStore((key, value) => told.push([key, value])), told };
}

function storageOf(entries: Record<string, string>, isFull = false): Storage {
  return Object.create(
    {
      getItem: (key: string) => entries[key] ?? null,
      setItem: (key: string, value: string) => {
        if (isFull) throw new DOMException("full", "QuotaExceededError");
        entries[key] = value;
      },
      removeItem: (key: string) => delete entries[key],
    },
    {},
  ) as Storage;
}

describe("storage", () => {
  it("is relayed to the page where the browser denies any", () => {
    const { store: spare, told } = relayed();
    const store = openStore("p:", spare, () => {
      throw new DOMException("denied", "SecurityError");
    });
    store.set("token", "abc");
    store.remove("token");
    store.remove("token");
    expect(told).toEqual([["token", "abc"], ["token", null]]);
  });

  it("keeps what no longer fits in memory", () => {
    const { store: spare } = relayed();
    const store = openStore("p:", spare, () => storageOf({}, true));
    store.set("out:1", "x");
    expect(store.get("out:1")).toBe("x");
    expect(store.keys()).toEqual(["out:1"]);
  });

  it("holds its own keys only", () => {
    const entries = { "other:token": "theirs" };
    const store = openStore("p:", relayed().store, () => storageOf(entries));
    expect(store.get("token")).toBeNull();
    store.set("token", "mine");
    expect(entries).toEqual({ "other:token": "theirs", "p:token": "mine" });
  });
});

describe("storage of our own", () => {
  it("wins over what the page has kept", () => {
    const { store: spare } = relayed();
    const store = openStore("p:", spare, () => storageOf({ "p:token": "mine" }));
    spare.load("token", "of the page");
    spare.load("out:1", "kept there");
    expect(store.get("token")).toBe("mine");
    expect(store.get("out:1")).toBe("kept there");
  });
});

describe("outbox", () => {
  it("keeps order, whatever the clock does", () => {
    let now = 1000;
    const outbox = new Outbox(relayed().store, () => now);
    const first = outbox.add("one");
    now = 10;
    const second = outbox.add("two");
    expect(outbox.all().map((one) => one.text)).toEqual(["one", "two"]);
    outbox.refuse(first, "too long");
    expect(outbox.next()?.id).toBe(second.id);
    outbox.retry(first.id);
    expect(outbox.next()?.id).toBe(first.id);
    outbox.remove(first.id);
    outbox.remove(second.id);
    expect(outbox.next()).toBeNull();
  });

  it("drops what is no message of its own", () => {
    const { store } = relayed();
    store.set("out:x", "{not json");
    store.set("out:y", '{"id": 1}');
    expect(new Outbox(store).all()).toEqual([]);
    expect(store.keys()).toEqual([]);
  });
});
