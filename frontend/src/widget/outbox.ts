/** Messages that have not been acknowledged yet. Each has a key of its own, so that two tabs never overwrite each other. */
import type { Store } from "./storage";

export interface Waiting {
  id: string;
  text: string;
  at: number;
  /** Why the server will not have it; "" while it is to be sent. */
  problem: string;
}

const PREFIX = "out:";

export class Outbox {
  constructor(
    private readonly store: Store,
    private readonly now: () => number = Date.now,
  ) {}

  /** Keep a text until it is acknowledged; returns what waits. */
  add(text: string): Waiting {
    const last = this.all().at(-1)?.at ?? 0;
    const waiting = { id: newId(), text, at: Math.max(this.now(), last + 1), problem: "" };
    this.keep(waiting);
    return waiting;
  }

  /** What waits, in the order it was written. */
  all(): Waiting[] {
    const found: Waiting[] = [];
    for (const key of this.store.keys()) {
      if (!key.startsWith(PREFIX)) continue;
      const waiting = parse(this.store.get(key));
      if (waiting) found.push(waiting);
      else this.store.remove(key);
    }
    return found.sort((a, b) => a.at - b.at);
  }

  /** The next one to send. One that was refused keeps nothing behind it waiting. */
  next(): Waiting | null {
    return this.all().find((waiting) => !waiting.problem) ?? null;
  }

  refuse(waiting: Waiting, problem: string): void {
    this.keep({ ...waiting, problem });
  }

  retry(id: string): void {
    const waiting = this.all().find((one) => one.id === id);
    if (waiting) this.keep({ ...waiting, problem: "" });
  }

  remove(id: string): void {
    this.store.remove(PREFIX + id);
  }

  private keep(waiting: Waiting): void {
    this.store.set(PREFIX + waiting.id, JSON.stringify(waiting));
  }
}

function parse(text: string | null): Waiting | null {
  try {
    const found = JSON.parse(text ?? "null") as Partial<Waiting> | null;
    const isWhole = typeof found?.id === "string" && typeof found.text === "string" && typeof found.at === "number";
    return isWhole ? { id: found.id, text: found.text, at: found.at, problem: String(found.problem ?? "") } as Waiting : null;
  } catch {
    return null;
  }
}

/** randomUUID exists on secure pages only. */
function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
