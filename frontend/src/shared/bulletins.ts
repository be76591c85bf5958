/** Bulletins that a reader has put away stay away in this browser; critical ones have no button. */
const KEY = "pharos-bulletins-closed";
const MOST_KEPT = 20;

interface Kept {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export function startBulletins(store: Kept | null = ownStore()): void {
  const closed = (read(store) ?? "").split(" ").filter(Boolean);
  document.querySelectorAll<HTMLElement>("[data-bulletin]").forEach((bulletin) => {
    const id = bulletin.dataset["bulletin"] ?? "";
    const button = bulletin.querySelector<HTMLButtonElement>("[data-bulletin-close]");
    bulletin.hidden = closed.includes(id);
    if (!button) return;
    button.hidden = false;
    button.addEventListener("click", () => {
      bulletin.hidden = true;
      closed.push(id);
      keep(store, closed.slice(-MOST_KEPT).join(" "));
    });
  });
}

/** Browsers may refuse storage to a page; then a bulletin comes back with the next one. */
function ownStore(): Kept | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}

function read(store: Kept | null): string | null {
  try {
    return store?.getItem(KEY) ?? null;
  } catch {
    return null;
  }
}

function keep(store: Kept | null, ids: string): void {
  try {
    store?.setItem(KEY, ids);
  } catch {
    return;
  }
}
