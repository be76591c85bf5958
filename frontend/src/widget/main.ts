/** The first moments of the chat's frame: one presses, and writes, while the rest of it is still on its way. */
import "../styles/widget.css";
import { startBulletins } from "../shared/bulletins";
import type { Rest } from "./app";
import { startHost, type Host, type HostOptions } from "./host";
import { Late } from "./late";
import { Outbox } from "./outbox";
import { Panel } from "./panel";
import { openStore, RelayedStore } from "./storage";

const AGAIN_MS = 3_000;

const page = document.body.dataset;
const isApp = page["app"] === "yes";
// Where a form comes first, or nobody is there, one waits for the rest.
const isAtOnce = page["atOnce"] === "yes";
const rest = new Late<Rest>();
const relayed = new RelayedStore((key, value) => host.keep(key, value));
const store = openStore(`${isApp ? "pharos-app" : "pharos-chat"}:${page["inbox"] ?? ""}:`, relayed);
const outbox = new Outbox(store);

const panel = new Panel({
  // What is written before anything can be sent waits where all waits that is not acknowledged.
  onSend: (text) => (rest.here ? rest.here.onSend(text) : void outbox.add(text)),
  hasFiles: () => rest.here?.hasFiles() ?? false,
  onInput: () => rest.here?.onInput(),
  onEnd: () => rest.here?.onEnd(),
  onRetry: (id) => rest.here?.onRetry(id),
  onDiscard: (id) => rest.here?.onDiscard(id),
  onToggle: (isOpen) => {
    if (!rest.here) host.tell(isOpen, 0, 0);
    rest.do((it) => it.onToggle(isOpen));
  },
});

const told: HostOptions = {
  origins: JSON.parse(page["origins"] ?? "[]") as string[],
  theme: document.documentElement.dataset["theme"] ?? "system",
  onHello: (canAsk) => {
    if (panel.isOpen) host.tell(true, 0, 0);
    rest.do((it) => it.onHello(canAsk));
  },
  onIdentifiable: () => rest.do((it) => it.onIdentifiable()),
  onIdentity: (token, nonce) => rest.do((it) => it.onIdentity(token, nonce)),
  onSignOut: () => rest.do((it) => it.onSignOut()),
  onKept: (key, value) => rest.do((it) => it.onKept(key, value)),
  onPage: (path) => rest.do((it) => it.onPage(path)),
  onOpen: () => (isAtOnce ? panel.show(true) : rest.do(() => panel.show(true))),
  onClose: () => (isAtOnce ? panel.show(false) : rest.do(() => panel.show(false))),
};

// In an app the bridge is there as soon as the rest is.
let host: Host = isApp ? { origin: "", tell: () => undefined, keep: () => undefined, who: () => undefined } : startHost(told);

// What is pressed before it does anything is done as soon as it can be.
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest<HTMLElement>("button[type=button]:not([data-launcher], [data-close])") : null;
  if (button && !rest.here) rest.do(() => button.click());
}, true);

startBulletins({ getItem: store.get, setItem: (key, value) => store.set(key, value) });

let tries = 0;

/** A browser that could not fetch a module asks for it no more under that address: from then on it has others. */
function again<M>(address: string | undefined, first: () => Promise<M>): Promise<M> {
  return tries > 1 && address ? (import(/* @vite-ignore */ `${address}?again=${tries}`) as Promise<M>) : first();
}

async function load(): Promise<void> {
  tries += 1;
  const wanted = [again(page["rest"], () => import("./app")), isApp ? again(page["bridge"], () => import("./bridge")) : null] as const;
  const loaded = await Promise.all(wanted).catch(() => null);
  if (!loaded) {
    panel.banner("unreached");
    return void setTimeout(() => void load(), AGAIN_MS);
  }
  const [{ start }, bridge] = loaded;
  if (bridge) host = bridge.startBridge({ ...told, onBack: () => rest.here?.onBack() ?? false });
  rest.arrived(start({ host, panel, outbox, store, relayed }));
  panel.offer();
}

if (isAtOnce) panel.offer();
void load();
