/** What Node lacks of a browser, as far as the widget's own modules ask for it. Imported before them. */
import { AsyncLocalStorage } from "node:async_hooks";

/** Locks of one browser: its tabs wait for each other, and for nobody else's. */
export class Locks {
  private readonly last = new Map<string, Promise<unknown>>();

  request<T>(name: string, act: () => Promise<T>): Promise<T> {
    const before = this.last.get(name) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(act);
    this.last.set(name, mine);
    return mine;
  }
}

/** Whose tab is running, so that the one `navigator` of this process can tell. */
export const running = new AsyncLocalStorage<Locks>();

function mine(): Locks {
  const locks = running.getStore();
  if (!locks) throw new Error("A tab asks for a lock outside its browser.");
  return locks;
}

const locks = { request: <T>(name: string, act: () => Promise<T>) => mine().request(name, act) };
Object.defineProperty(globalThis, "navigator", { value: { onLine: true, locks }, configurable: true });
Object.defineProperty(globalThis, "window", { value: globalThis });
