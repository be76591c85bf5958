/** The chat as a page of its own in a WebView of the exchange's app: the app's bridge in the place of the embedding page. */
import type { Host, HostOptions } from "./host";

type Post = (told: object) => void;
type Tell = (type: string, more?: object) => void;

/** What apps give a page to talk to them by: WKWebView, Android's WebView, React Native. */
interface Natives {
  webkit?: { messageHandlers?: { pharos?: { postMessage: (told: object) => void } } };
  PharosNative?: { postMessage: (json: string) => void };
  ReactNativeWebView?: { postMessage: (json: string) => void };
}

export interface BridgeOptions extends HostOptions {
  /** Close what stands above the conversation; false when nothing does. */
  onBack: () => boolean;
  later?: (run: () => void, ms: number) => unknown;
}

// An app that was not yet there when it was asked, or whose exchange is slow, is asked again.
const PATIENCE_MS = 30_000;

/** The first of the ways that exist; null in a browser. */
export function nativeOf({ webkit, PharosNative, ReactNativeWebView }: Natives): Post | null {
  const ios = webkit?.messageHandlers?.pharos;
  if (ios) return (told) => ios.postMessage(told);
  const other = PharosNative ?? ReactNativeWebView;
  return other ? (told) => other.postMessage(JSON.stringify(told)) : null;
}

/** Which question a word answers: read, not believed; the server verifies it. */
export function nonceOf(token: string): string {
  try {
    const claims = atob((token.split(".")[1] ?? "").replaceAll("-", "+").replaceAll("_", "/"));
    return String((JSON.parse(claims) as { nonce?: unknown }).nonce ?? "");
  } catch {
    return "";
  }
}

/** Takes the place of `startHost`. It listens to no message of any window: only this very page's `PharosApp` is heard. */
export function startBridge(options: BridgeOptions): Host {
  const self = options.self ?? window;
  const native = nativeOf(self as unknown as Natives);
  const post: Tell = (type, more = {}) => native?.({ pharos: 1, type, ...more });
  let asked = "";
  let told = { open: false, unread: 0 };
  const host: Host = {
    // Nobody embeds it: in a frame it does nothing at all.
    origin: self.top === self && options.origins.includes(self.location.origin) ? self.location.origin : "",
    tell: (open, unread) => {
      if (unread !== told.unread) post("unread", { count: unread });
      const isLeft = told.open && !open;
      told = { open, unread };
      if (isLeft && native) post("close");
      // Without an app there is nowhere to go.
      else if (isLeft) queueMicrotask(options.onOpen);
    },
    // This page is nobody's frame: its storage is its own.
    keep: () => undefined,
    who: (nonce) => {
      asked = nonce;
      post("nonce", { nonce });
      const again = (): void => void (asked === nonce && options.onIdentity(undefined, nonce));
      (options.later ?? ((run, ms) => setTimeout(run, ms)))(again, PATIENCE_MS);
    },
  };
  if (!host.origin) return host;
  const identify = (token?: string | null): void => {
    if (token === undefined) return options.onIdentifiable();
    const nonce = token === null ? asked : nonceOf(String(token));
    if (nonce === asked) asked = "";
    options.onIdentity(token === null ? null : String(token), nonce);
  };
  const back = (): boolean => {
    if (options.onBack()) return true;
    options.onClose();
    return false;
  };
  const app = { identify, signOut: () => options.onSignOut(), open: () => options.onOpen(), back };
  Object.defineProperty(self, "PharosApp", { value: Object.freeze(app) });
  if (native) lead(self, post);
  stay(self, options.onOpen);
  // What is told first needs what is made after this.
  queueMicrotask(() => {
    options.onOpen();
    options.onHello(native !== null);
    post("ready", { theme: options.theme });
  });
  return host;
}

/** Links open outside: in the WebView there is no way back from them. */
function lead(self: Window, post: Tell): void {
  self.document.body.dataset["native"] = "yes";
  self.document.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>("a[href]") : null;
    if (!link) return;
    event.preventDefault();
    if (/^https?:$/.test(link.protocol)) post("open-link", { url: link.href });
  });
}

/** Fill what the on-screen keyboard leaves, and count as open again once somebody is back. */
function stay(self: Window, onOpen: () => void): void {
  const { document: page, visualViewport: seen } = self;
  page.addEventListener("pointerdown", onOpen);
  page.addEventListener("keydown", (event) => event.key !== "Escape" && onOpen());
  page.addEventListener("visibilitychange", () => page.hidden || onOpen());
  const fit = (): void => {
    page.documentElement.style.setProperty("--app-height", `${Math.round(seen?.height ?? self.innerHeight)}px`);
    self.scrollTo(0, 0);
  };
  seen?.addEventListener("resize", fit);
  fit();
}
