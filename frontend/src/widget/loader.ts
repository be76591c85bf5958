/** The script that a site pastes: shows the chat's frame and hands a small API to the page, `window.Pharos`. No imports. */
(() => {
  interface FromFrame {
    pharos?: unknown;
    type?: unknown;
    open?: unknown;
    unread?: unknown;
    bubble?: unknown;
    theme?: unknown;
    key?: unknown;
    value?: unknown;
    nonce?: unknown;
  }
  /** Gives the exchange's signed word on who is signed in, for this nonce; null for nobody. */
  type Identify = (nonce: string) => Promise<string | null>;
  type OnUnread = (count: number) => void;

  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement) || "Pharos" in window) return;
  const base = new URL(".", script.src);
  const listeners: OnUnread[] = [];
  const frame = document.createElement("iframe");
  let isReady = false;
  // What is wished for before the frame is there: the last of each kind.
  const wishes = new Map<string, object>();
  let unread = 0;

  const place = (styles: Record<string, string>): void => {
    for (const [name, value] of Object.entries(styles)) frame.style.setProperty(name, value);
  };

  const ask = (type: string, more: object = {}): void => {
    if (isReady) frame.contentWindow?.postMessage({ pharos: 1, type, path: location.pathname, ...more }, base.origin);
    else wishes.set(type, more);
  };

  // Some browsers deny frames of other sites any storage: then this page keeps for the frame what must outlive it.
  const prefix = `pharos-chat:${base.pathname}:`;
  const kept = (): Record<string, string> => {
    try {
      const mine = Object.entries(localStorage as unknown as Record<string, string>);
      return Object.fromEntries(mine.filter(([key]) => key.startsWith(prefix)).map(([key, value]) => [key.slice(prefix.length), value]));
    } catch {
      return {};
    }
  };
  const keep = (key: string, value: unknown): void => {
    try {
      if (typeof value === "string") localStorage.setItem(prefix + key, value);
      else localStorage.removeItem(prefix + key);
    } catch {
      // Nothing is kept then; what was acknowledged is safe all the same.
    }
  };
  addEventListener("storage", (event) => {
    if (event.key?.startsWith(prefix)) ask("kept", { kept: { [event.key.slice(prefix.length)]: event.newValue } });
  });

  // A page that changes its address without loading: path alone, nothing of the query.
  let path = location.pathname;
  const moved = (): void => {
    if (location.pathname !== path && isReady) ask("page");
    path = location.pathname;
  };
  addEventListener("popstate", moved);
  (window as { navigation?: EventTarget }).navigation?.addEventListener("navigatesuccess", moved);

  const url = script.dataset["identify"];
  let identify: Identify | null = url
    ? async (nonce) => {
        const address = new URL(url, location.href);
        address.searchParams.set("nonce", nonce);
        const answer = await fetch(address, { credentials: "same-origin", cache: "no-store" });
        if (answer.status === 401 || answer.status === 403) return null;
        return ((await answer.json()) as { token: string }).token;
      }
    : null;
  const tellWho = (nonce: string): void => {
    (identify?.(nonce) ?? Promise.resolve(null)).then(
      (token) => ask("identity", { token, nonce }),
      () => ask("identity", { nonce }),
    );
  };

  let isOpen = false;
  // Height of a message that stands beside the launcher.
  let bubble = 0;
  const shape = (): void => {
    const isSmall = isOpen && innerWidth < 500;
    // The frame knows by this very width that there is a page around it.
    place({
      width: isSmall ? "100%" : isOpen ? "424px" : bubble ? "min(384px, 100%)" : "88px",
      height: isSmall ? "100%" : isOpen ? "min(680px, 100%)" : `${Math.max(bubble, 88)}px`,
    });
  };
  addEventListener("resize", shape);

  addEventListener("message", (event: MessageEvent<FromFrame | null>) => {
    const told = event.data;
    // Only our own frame may say anything; other frames and windows are not listened to.
    if (event.source !== frame.contentWindow || event.origin !== base.origin || told?.pharos !== 1) return;
    if (told.type === "ready") {
      place({ "color-scheme": told.theme === "light" || told.theme === "dark" ? told.theme : "light dark" });
      isReady = true;
      ask("hello", { kept: kept(), identify: identify !== null });
      for (const [type, more] of wishes) ask(type, more);
      wishes.clear();
    } else if (told.type === "who" && typeof told.nonce === "string") tellWho(told.nonce);
    else if (told.type === "keep" && typeof told.key === "string") keep(told.key, told.value);
    else if (told.type === "state") {
      isOpen = told.open === true;
      bubble = Math.min(Number(told.bubble) || 0, 320);
      shape();
      const count = Number(told.unread) || 0;
      if (count === unread) return;
      unread = count;
      for (const listener of listeners) listener(unread);
    }
  });

  const start = (): void => {
    const address = new URL("frame/", base);
    for (const [name, value] of [["lang", script.dataset["lang"] ?? document.documentElement.lang], ["theme", script.dataset["theme"]]]) {
      if (name && value) address.searchParams.set(name, value);
    }
    frame.src = address.href;
    frame.title = script.dataset["title"] ?? "Chat";
    frame.allow = "publickey-credentials-get";
    place({ position: "fixed", "inset-block-end": "0", "inset-inline-end": "0", border: "0", "z-index": "2147483000" });
    shape();
    document.body.append(frame);
  };

  Object.defineProperty(window, "Pharos", {
    value: Object.freeze({
      open: () => ask("open"),
      close: () => ask("close"),
      identify: (by: Identify) => {
        identify = by;
        if (isReady) ask("identifiable");
      },
      signOut: () => ask("sign-out"),
      on: (name: "unread", listener: OnUnread) => {
        if (name === "unread") listeners.push(listener);
      },
    }),
  });
  if (document.body) start();
  else addEventListener("DOMContentLoaded", start, { once: true });
})();
