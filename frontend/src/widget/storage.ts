/** What the frame keeps: in its own, partitioned storage, or with the embedding page where the browser denies it any. */
export interface Store {
  get: (key: string) => string | null;
  set: (key: string, value: string) => void;
  remove: (key: string) => void;
  keys: () => string[];
}

/** Kept in memory, and told to whoever keeps it for longer. */
export class RelayedStore implements Store {
  private readonly kept = new Map<string, string>();

  constructor(private readonly relay: (key: string, value: string | null) => void) {}

  /** What has been kept for us: at the beginning, or just now by another tab. */
  load(key: string, value: string | null): void {
    if (value === null) this.kept.delete(key);
    else this.kept.set(key, value);
  }

  get = (key: string): string | null => this.kept.get(key) ?? null;
  keys = (): string[] => [...this.kept.keys()];

  set(key: string, value: string): void {
    this.kept.set(key, value);
    this.relay(key, value);
  }

  remove(key: string): void {
    if (this.kept.delete(key)) this.relay(key, null);
  }
}

/** A store whose keys all begin with `prefix`. A full storage never throws: what is new is then relayed. */
export function openStore(prefix: string, spare: RelayedStore, from: () => Storage = () => localStorage): Store {
  let storage: Storage;
  try {
    storage = from();
    storage.getItem(prefix);
  } catch {
    return spare;
  }
  return {
    // What the page keeps never stands in for what we have ourselves.
    get: (key) => storage.getItem(prefix + key) ?? spare.get(key),
    set: (key, value) => {
      try {
        storage.setItem(prefix + key, value);
      } catch {
        spare.set(key, value);
      }
    },
    remove: (key) => {
      spare.remove(key);
      storage.removeItem(prefix + key);
    },
    keys: () => {
      const own = Object.keys(storage).filter((key) => key.startsWith(prefix));
      return [...new Set([...own.map((key) => key.slice(prefix.length)), ...spare.keys()])];
    },
  };
}
