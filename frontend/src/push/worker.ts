/** The desk's service worker: shows what is pushed to this device, and opens it when pressed. It keeps and fetches nothing. */
interface Extendable extends Event {
  waitUntil: (done: Promise<unknown>) => void;
}
interface Pushed extends Extendable {
  readonly data: { json: () => unknown } | null;
}
interface Pressed extends Extendable {
  readonly notification: Notification;
}
interface Page {
  readonly url: string;
  focus: () => Promise<unknown>;
}
/** What this script uses of ServiceWorkerGlobalScope. */
interface Scope {
  readonly location: Location;
  readonly registration: ServiceWorkerRegistration;
  readonly clients: {
    matchAll: (options: { type: "window"; includeUncontrolled: boolean }) => Promise<readonly Page[]>;
    openWindow: (url: string) => Promise<unknown>;
  };
  skipWaiting: () => Promise<void>;
  addEventListener: <E extends Extendable>(name: string, handle: (event: E) => void) => void;
}

const scope = self as unknown as Scope;
const HOME = "/desk/";
const ACCOUNT = "/account/#devices";

scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener<Pushed>("push", (event) => event.waitUntil(show(event)));
scope.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(lost()));
scope.addEventListener<Pressed>("notificationclick", (event) => event.waitUntil(open(event.notification)));

/** Something is always shown: browsers take the permission from who does not. */
async function show(event: Pushed): Promise<void> {
  const said = read(event);
  const path = text(said["path"]) || HOME;
  // `renotify` is not in TypeScript's DOM: what takes another's place makes itself heard again.
  const options = { body: text(said["body"]), data: { path }, tag: text(said["tag"]), renotify: text(said["tag"]) !== "" };
  await scope.registration.showNotification(text(said["title"]) || "Pharos", options);
}

/** The push service gave this browser up. A new address needs its person, signed in: they are told, in both languages. */
async function lost(): Promise<void> {
  const body = "Notifications have stopped on this device. · 此设备已停止接收通知。";
  await scope.registration.showNotification("Pharos", { body, data: { path: ACCOUNT }, tag: "lost" });
}

function read(event: Pushed): Record<string, unknown> {
  try {
    const said = event.data?.json();
    return typeof said === "object" && said !== null ? (said as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

async function open(notification: Notification): Promise<void> {
  notification.close();
  const data = notification.data as { path?: unknown } | null;
  const wanted = new URL(text(data?.path) || HOME, scope.location.origin);
  // Nothing that is pushed leads anywhere else.
  const url = wanted.origin === scope.location.origin ? wanted.href : new URL(HOME, scope.location.origin).href;
  const pages = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const there = pages.find((page) => page.url === url);
  await (there ? there.focus() : scope.clients.openWindow(url));
}
