/** Messages that have not been acknowledged yet. Each has a key of its own, so that two tabs never overwrite each other. */
import type { Store } from "./storage";

export interface WaitingFile {
  id: string;
  name: string;
  size: number;
}

/** What was answered before the chat. */
export interface FormAnswers {
  topic: string;
  answers: Record<string, string>;
}

export interface Waiting {
  id: string;
  text: string;
  at: number;
  /** Why the server will not have it; "" while it is to be sent. */
  problem: string;
  files: WaitingFile[];
  /** Whether the server has all of its files. */
  isReady: boolean;
  /** The page that alone has the bytes of its files; "" where each tab of this browser has them. */
  page: string;
  form: FormAnswers | null;
}

const PREFIX = "out:";

export class Outbox {
  /** Names this page, as long as it is open. */
  readonly page = newId();

  constructor(
    private readonly store: Store,
    private readonly now: () => number = Date.now,
  ) {}

  /** Keep a message until it is acknowledged; its files are with this page alone until `share`. Returns what waits. */
  add(text: string, files: WaitingFile[] = [], form: FormAnswers | null = null): Waiting {
    const last = this.all().at(-1)?.at ?? 0;
    const at = Math.max(this.now(), last + 1);
    const waiting = { id: newId(), text, at, problem: "", files, isReady: false, page: files.length ? this.page : "", form };
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

  find(id: string): Waiting | null {
    return parse(this.store.get(PREFIX + id));
  }

  /** The next one to send. One that was refused, or whose files are still on their way, keeps nothing waiting. */
  next(): Waiting | null {
    return this.all().find((waiting) => !waiting.problem && (waiting.isReady || !waiting.files.length)) ?? null;
  }

  /** The next one whose files are to be sent first, by this page. */
  nextToUpload(): Waiting | null {
    return this.all().find((one) => !one.problem && one.files.length && !one.isReady && this.hasFiles(one)) ?? null;
  }

  /** Whether this page may have the bytes of its files. */
  hasFiles(waiting: Waiting): boolean {
    return waiting.page === "" || waiting.page === this.page;
  }

  refuse(waiting: Waiting, problem: string): void {
    this.keep({ ...waiting, problem });
  }

  retry(id: string): void {
    const waiting = this.find(id);
    if (waiting) this.keep({ ...waiting, problem: "" });
  }

  /** The server has all of its files, or has them no more. */
  ready(id: string, isReady: boolean): void {
    const waiting = this.find(id);
    if (waiting) this.keep({ ...waiting, isReady });
  }

  /** Its files are kept where every page of this browser finds them. */
  share(id: string): void {
    const waiting = this.find(id);
    if (waiting) this.keep({ ...waiting, page: "" });
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
    if (typeof found?.id !== "string" || typeof found.text !== "string" || typeof found.at !== "number") return null;
    const files = Array.isArray(found.files) ? found.files : [];
    const { id, text: words, at, page = "", form = null } = found;
    return { id, text: words, at, problem: String(found.problem ?? ""), files, isReady: found.isReady === true, page, form };
  } catch {
    return null;
  }
}

/** randomUUID exists on secure pages only. */
export function newId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
