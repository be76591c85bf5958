/** Talking with the page that embeds the frame: only with it, and only from an origin that the inbox lists. */
export interface Host {
  /** Who embeds us; "" until they have said so. */
  origin: string;
  tell: (open: boolean, unread: number, bubblePx: number) => void;
  /** Let the page keep something for us, or forget it. */
  keep: (key: string, value: string | null) => void;
  /** Ask the page for the exchange's word on who is signed in. */
  who: (nonce: string) => void;
}

/** What who embeds us says. */
export interface HostCalls {
  /** Whether the page can say who is signed in. */
  onHello: (isIdentifiable: boolean) => void;
  onIdentifiable: () => void;
  /** The exchange's word for a nonce; null for nobody, undefined when it could not be had. */
  onIdentity: (token: string | null | undefined, nonce: string) => void;
  onSignOut: () => void;
  /** What the page keeps for us, at the beginning and when another tab has changed it. */
  onKept: (key: string, value: string | null) => void;
  /** The path of the page that embeds us. */
  onPage: (path: unknown) => void;
  onOpen: () => void;
  onClose: () => void;
}

export interface HostOptions extends HostCalls {
  origins: readonly string[];
  theme: string;
  self?: Window;
}

interface FromHost {
  pharos?: unknown;
  type?: unknown;
  kept?: Record<string, unknown>;
  path?: unknown;
  identify?: unknown;
  token?: unknown;
  nonce?: unknown;
}

/** Whether a message comes from the embedding page itself, at one of its listed origins. */
export function isFromHost(event: Pick<MessageEvent, "source" | "origin">, parent: unknown, origins: readonly string[]): boolean {
  return event.source === parent && origins.includes(event.origin);
}

export function startHost(options: HostOptions): Host {
  const self = options.self ?? window;
  const host: Host = {
    origin: "",
    tell: (open, unread, bubblePx) => {
      if (host.origin) self.parent.postMessage({ pharos: 1, type: "state", open, unread, bubble: bubblePx }, host.origin);
    },
    keep: (key, value) => {
      if (host.origin) self.parent.postMessage({ pharos: 1, type: "keep", key, value }, host.origin);
    },
    who: (nonce) => self.parent.postMessage({ pharos: 1, type: "who", nonce }, host.origin),
  };
  self.addEventListener("message", (event: MessageEvent<FromHost | null>) => {
    if (!isFromHost(event, self.parent, options.origins) || event.data?.pharos !== 1) return;
    const { type, kept } = event.data;
    if (type === "hello" || type === "kept") {
      for (const [key, value] of Object.entries(kept ?? {})) options.onKept(key, typeof value === "string" ? value : null);
    }
    if (type === "hello" || type === "page") options.onPage(event.data.path);
    if (type === "hello" && !host.origin) {
      host.origin = event.origin;
      options.onHello(event.data.identify === true);
    } else if (type === "identifiable" && host.origin) options.onIdentifiable();
    else if (type === "identity" && host.origin) {
      const { token } = event.data;
      options.onIdentity(typeof token === "string" || token === null ? token : undefined, String(event.data.nonce ?? ""));
    } else if (type === "sign-out" && host.origin) options.onSignOut();
    else if (type === "open") options.onOpen();
    else if (type === "close") options.onClose();
  });
  // Says nothing but that we are here: whoever embeds us may hear it.
  self.parent.postMessage({ pharos: 1, type: "ready", theme: options.theme }, "*");
  return host;
}
