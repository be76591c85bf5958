/** Bytes of files that wait to be sent: in IndexedDB where the browser lets us, and else in this page alone. */
const FILES = "files";
const KEPT_MS = 7 * 86_400_000;

interface Kept {
  bytes: ArrayBuffer;
  type: string;
  at: number;
}

export class BlobStore {
  private readonly here = new Map<string, Blob>();
  private readonly urls = new Map<string, string>();
  private opened: Promise<IDBDatabase | null> | null = null;

  constructor(
    private readonly name: string,
    private readonly factory: () => IDBFactory = () => indexedDB,
  ) {}

  /** Keep a file; returns whether it is still there after this page. */
  async put(id: string, blob: Blob): Promise<boolean> {
    this.here.set(id, blob);
    try {
      const kept: Kept = { bytes: await blob.arrayBuffer(), type: blob.type, at: Date.now() };
      return (await this.ask("readwrite", (files) => files.put(kept, id))) !== null;
    } catch {
      return false;
    }
  }

  async get(id: string): Promise<Blob | null> {
    const known = this.here.get(id);
    if (known) return known;
    const kept = (await this.ask<Kept | undefined>("readonly", (files) => files.get(id)).catch(() => null)) ?? null;
    return kept && new Blob([kept.bytes], { type: kept.type });
  }

  async remove(id: string): Promise<void> {
    const url = this.urls.get(id);
    if (url) URL.revokeObjectURL(url);
    this.urls.delete(id);
    this.here.delete(id);
    await this.ask("readwrite", (files) => files.delete(id)).catch(() => null);
  }

  /** An address for an <img>, for what this page has in memory. */
  url(id: string): string {
    const blob = this.here.get(id);
    if (!blob?.type.startsWith("image/")) return "";
    const url = this.urls.get(id) ?? URL.createObjectURL(blob);
    this.urls.set(id, url);
    return url;
  }

  /** Forget what nobody has come back for. */
  async tidy(now = Date.now()): Promise<void> {
    const ids = (await this.ask<IDBValidKey[]>("readonly", (files) => files.getAllKeys()).catch(() => null)) ?? [];
    for (const id of ids) {
      const kept = await this.ask<Kept | undefined>("readonly", (files) => files.get(id)).catch(() => null);
      if (kept && now - kept.at > KEPT_MS) await this.remove(String(id));
    }
  }

  /** One request, when it is on disk; null where there is no database. */
  private async ask<T>(mode: IDBTransactionMode, act: (files: IDBObjectStore) => IDBRequest<T>): Promise<T | null> {
    const database = await (this.opened ??= this.open());
    if (!database) return null;
    return new Promise<T>((resolve, reject) => {
      const transaction = database.transaction(FILES, mode);
      const request = act(transaction.objectStore(FILES));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("not kept"));
    });
  }

  /** A frame without storage throws here, or answers with an error. */
  private open(): Promise<IDBDatabase | null> {
    return new Promise((resolve) => {
      try {
        const request = this.factory().open(this.name, 1);
        request.onupgradeneeded = () => request.result.createObjectStore(FILES);
        request.onsuccess = () => resolve(request.result);
        request.onerror = request.onblocked = () => resolve(null);
      } catch {
        resolve(null);
      }
    });
  }
}
