/** What lies beside a visitor's tabs: storage that they share, doors that note what was acknowledged. */
import { Api, type Said } from "../widget/api";
import type { Waiting } from "../widget/outbox";
import type { Store } from "../widget/storage";
import { type Network, now } from "./network";

export interface Site {
  base: string;
  socketUrl: string;
  inbox: string;
  /** Origin of the page that embeds the chat, and of the frame itself. */
  origin: string;
  ours: string;
}

/** What all tabs of one visitor share, as they share localStorage: whoever writes, the others are told. */
export class SharedStore {
  private readonly kept = new Map<string, string>();
  private readonly tabs: (() => void)[] = [];

  of(index: number, changed: () => void): Store {
    this.tabs[index] = changed;
    return {
      get: (key) => this.kept.get(key) ?? null,
      keys: () => [...this.kept.keys()],
      set: (key, value) => {
        this.kept.set(key, value);
        this.tell(index);
      },
      remove: (key) => {
        if (this.kept.delete(key)) this.tell(index);
      },
    };
  }

  private tell(from: number): void {
    this.tabs.forEach((changed, index) => index !== from && queueMicrotask(changed));
  }
}

/** When each text was written and acknowledged, and when the other side's were there: for the whole crowd. */
export class Journal {
  readonly written = new Map<string, number>();
  readonly acknowledged = new Map<string, number>();
  readonly arrived = new Map<string, number>();
}

export class JournalledApi extends Api {
  constructor(
    site: Site,
    store: Store,
    private readonly network: Network,
    private readonly journal: Journal,
  ) {
    super(site.base, store, () => site.origin, "en", (url, init) => this.network.fetch(url, init));
  }

  override async say(waiting: Waiting): Promise<Said> {
    const said = await super.say(waiting);
    if (!this.journal.acknowledged.has(waiting.text)) this.journal.acknowledged.set(waiting.text, now());
    return said;
  }
}
