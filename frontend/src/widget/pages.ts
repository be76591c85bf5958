/** Pages of the embedding site that the visitor has been on: kept until there is a token, then told. Paths only. */
import type { Store } from "./storage";

const KEY = "pages";
const MOST = 20;
const MOST_PATH = 2_000;

interface Kept {
  path: string;
  at: number;
}

export interface Told {
  path: string;
  ago_s: number;
}

export class Pages {
  private isTelling = false;

  constructor(
    private readonly store: Store,
    private readonly tell: (pages: Told[]) => Promise<void>,
    private readonly now: () => number = Date.now,
  ) {}

  /** The visitor came to a page; the same one twice in a row is once. */
  came(path: unknown): void {
    if (typeof path !== "string" || !path.startsWith("/")) return;
    const bare = (path.split(/[?#]/)[0] ?? "/").slice(0, MOST_PATH);
    const kept = this.kept();
    if (kept.at(-1)?.path === bare) return;
    this.keep([...kept, { path: bare, at: this.now() }]);
  }

  /** Tell what was kept; what could not be told is told another time. */
  async flush(): Promise<void> {
    const kept = this.kept();
    if (!kept.length || this.isTelling) return;
    this.isTelling = true;
    try {
      await this.tell(kept.map(({ path, at }) => ({ path, ago_s: Math.max(0, Math.round((this.now() - at) / 1000)) })));
      const told = new Set(kept.map((one) => one.at));
      this.keep(this.kept().filter((one) => !told.has(one.at)));
    } catch {
      // Nobody misses it: it is there next time.
    } finally {
      this.isTelling = false;
    }
  }

  forget(): void {
    this.store.remove(KEY);
  }

  private kept(): Kept[] {
    try {
      const found = JSON.parse(this.store.get(KEY) ?? "[]") as unknown;
      return Array.isArray(found) ? (found as Kept[]) : [];
    } catch {
      return [];
    }
  }

  private keep(pages: Kept[]): void {
    this.store.set(KEY, JSON.stringify(pages.slice(-MOST)));
  }
}
