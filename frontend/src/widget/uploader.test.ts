import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Api } from "./api";
import type { BlobStore } from "./blobs";
import { Outbox } from "./outbox";
import { Refusal } from "./refusal";
import { RelayedStore } from "./storage";
import { Uploader } from "./uploader";

const PART = 4;

/** A server that keeps files, and does not answer when it is told so. */
class FakeServer {
  kept = new Map<string, string>();
  refusal: Refusal | null = null;
  failsAfter = Infinity;
  token = "t";

  announce(id: string): Promise<{ received: number; part: number }> {
    if (this.refusal) return Promise.reject(this.refusal);
    return Promise.resolve({ received: this.kept.get(id)?.length ?? 0, part: PART });
  }

  async part(id: string, start: number, piece: Blob): Promise<number> {
    if (this.failsAfter-- <= 0) throw new Refusal(0, "", 0);
    const known = this.kept.get(id) ?? "";
    if (known.length === start) this.kept.set(id, known + (await piece.text()));
    return this.kept.get(id)?.length ?? 0;
  }
}

function scene(bytes: Record<string, string>): { server: FakeServer; outbox: Outbox; uploader: Uploader; ready: string[] } {
  const server = new FakeServer();
  const outbox = new Outbox(new RelayedStore(() => undefined));
  const ready: string[] = [];
  const uploader = new Uploader({
    api: server as unknown as Api,
    outbox,
    blobs: { get: (id: string) => Promise.resolve(id in bytes ? new Blob([bytes[id] ?? ""]) : null) } as unknown as BlobStore,
    begin: () => Promise.resolve(),
    onReady: () => ready.push("ready"),
    onChange: () => undefined,
    lost: () => "lost",
  });
  return { server, outbox, uploader, ready };
}

describe("uploader", () => {
  beforeEach(() => {
    vi.stubGlobal("window", { setTimeout: () => 1 });
    vi.stubGlobal("navigator", {});
  });

  it("sends each file in pieces and then lets the message go", async () => {
    const { server, outbox, uploader, ready } = scene({ a: "0123456789", b: "" });
    const waiting = outbox.add("", [{ id: "a", name: "a", size: 10 }, { id: "b", name: "b", size: 0 }]);
    expect(outbox.next()).toBeNull();
    await uploader.run();
    expect(server.kept.get("a")).toBe("0123456789");
    expect(outbox.next()?.id).toBe(waiting.id);
    expect(ready).toEqual(["ready"]);
  });

  it("goes on from where the server has come to, after a break and in another page", async () => {
    const { server, outbox, uploader } = scene({ a: "0123456789" });
    outbox.share(outbox.add("", [{ id: "a", name: "a", size: 10 }]).id);
    server.failsAfter = 1;
    await uploader.run();
    expect(server.kept.get("a")).toBe("0123");
    expect(outbox.next()).toBeNull();
    server.failsAfter = Infinity;
    await uploader.run();
    expect(server.kept.get("a")).toBe("0123456789");
    expect(outbox.next()).not.toBeNull();
  });

  it("waits longer each time while no piece arrives, although the server still says how far it has come", async () => {
    const { server, outbox, uploader } = scene({ a: "0123456789" });
    const waits: number[] = [];
    vi.stubGlobal("window", { setTimeout: (_act: unknown, wait: number) => waits.push(wait) });
    vi.spyOn(Math, "random").mockReturnValue(0.5);
    outbox.share(outbox.add("", [{ id: "a", name: "a", size: 10 }]).id);
    server.failsAfter = 0;
    for (let round = 0; round < 4; round += 1) await uploader.run();
    expect(waits).toEqual([375, 750, 1_500, 3_000]);
  });

  it("says why a file is not taken, and keeps no text behind it waiting", async () => {
    const { server, outbox, uploader } = scene({ a: "0123456789" });
    const refused = outbox.add("", [{ id: "a", name: "a", size: 10 }]);
    const text = outbox.add("Hello");
    server.refusal = new Refusal(413, "Too large.", 0);
    await uploader.run();
    expect(outbox.find(refused.id)?.problem).toBe("Too large.");
    expect(outbox.next()?.id).toBe(text.id);
  });

  it("tells honestly that bytes are gone, and leaves alone what another page has", async () => {
    const { outbox, uploader } = scene({});
    const gone = outbox.add("", [{ id: "a", name: "a", size: 1 }]);
    outbox.share(gone.id);
    await uploader.run();
    expect(outbox.find(gone.id)?.problem).toBe("lost");
    const waiting = outbox.add("", [{ id: "b", name: "b", size: 1 }]);
    expect(outbox.hasFiles({ ...waiting, page: "another" })).toBe(false);
  });

  it("stops when its message is discarded", async () => {
    const { server, outbox, uploader, ready } = scene({ a: "0123456789" });
    const waiting = outbox.add("", [{ id: "a", name: "a", size: 10 }]);
    const part = server.part.bind(server);
    server.part = (id, start, piece) => {
      outbox.remove(waiting.id);
      return part(id, start, piece);
    };
    await uploader.run();
    expect(server.kept.get("a")).toBe("0123");
    expect(ready).toEqual([]);
  });
});
