/** The chat's frame: joins storage, doors, socket and page. A socket only hints; what counts is read from the server. */
import "../styles/widget.css";
import { TypingHint } from "../shared/typing";
import { Api } from "./api";
import { receive } from "./events";
import { startHost } from "./host";
import { Messenger } from "./messenger";
import { Outbox } from "./outbox";
import { Pages } from "./pages";
import { Panel } from "./panel";
import { showQueue } from "./queue";
import { Watch } from "./reach";
import { ChatSocket } from "./socket";
import { openStore, RelayedStore } from "./storage";
import { MessageList } from "./view";

const page = document.body.dataset;
const inbox = page["inbox"] ?? "";
const relayed = new RelayedStore((key, value) => host.keep(key, value));
const store = openStore(`pharos-chat:${inbox}:`, relayed);
const outbox = new Outbox(store);
const api = new Api(page["api"] ?? "", store, () => host.origin, document.documentElement.lang);
const pages = new Pages(store, (told) => api.pages(told));
const list = new MessageList(
  document.querySelector("[data-messages]") as HTMLElement,
  document.querySelector("[data-log]") as HTMLElement,
  document.getElementById("t-message") as HTMLTemplateElement,
);

const messenger = new Messenger({
  api,
  outbox,
  onChange: show,
  onToken: (has) => {
    if (!has) return show();
    socket.restart();
    void pages.flush();
  },
  onMasked: () => panel.notice("secret"),
});

const socket = new ChatSocket({
  url: page["socketUrl"] ?? "",
  hello: () => ({ type: "hello", inbox, origin: host.origin, token: api.token }),
  onEvent: (event) => receive(event, { sync: () => void messenger.sync(), typing: (is) => panel.typing(is) }),
  onLive: () => {
    resync();
    watch.changed();
  },
});

const typing = new TypingHint(() => socket.typing());

const watch = new Watch(
  () => ({
    hasToken: api.token !== "",
    isLive: socket.isLive,
    isReached: messenger.isReached,
    isOver: messenger.conversation.isOver,
  }),
  (name) => panel.banner(name),
  resync,
);

const panel = new Panel({
  onSend: (text) => {
    panel.notice("");
    outbox.add(text);
    show();
    list.toEnd();
    void messenger.flush();
  },
  onInput: () => typing.typed(),
  onEnd: () => void messenger.end().catch(() => panel.banner("polling")),
  onRetry: (id) => {
    outbox.retry(id);
    show();
    void messenger.flush();
  },
  onDiscard: (id) => {
    outbox.remove(id);
    show();
  },
  onToggle: () => {
    show();
    list.toEnd();
    resync();
  },
});

const host = startHost({
  origins: JSON.parse(page["origins"] ?? "[]") as string[],
  theme: document.documentElement.dataset["theme"] ?? "system",
  onHello: begin,
  onKept: (key, value) => {
    relayed.load(key, value);
    if (host.origin) changedElsewhere();
  },
  onPage: (path) => {
    pages.came(path);
    if (api.token && host.origin) void pages.flush();
  },
  onOpen: () => panel.show(true),
  onClose: () => panel.show(false),
});

function begin(): void {
  show();
  if (api.token) socket.connect();
  resync();
  watch.changed();
}

function show(): void {
  const { conversation } = messenger;
  const waiting = outbox.all();
  list.render(conversation, waiting);
  showQueue(conversation);
  panel.conversation(conversation.messages.length + waiting.length > 0, conversation.chat !== "" && !conversation.isOver);
  const isRead = panel.isOpen && !document.hidden && list.isAtEnd;
  panel.unread(isRead ? 0 : conversation.unread);
  host.tell(panel.isOpen, isRead ? 0 : conversation.unread);
  if (host.origin) void messenger.saw(isRead);
  watch.show();
}

function resync(): void {
  if (!host.origin) return;
  void messenger.sync();
  void messenger.flush();
  if (api.token) void pages.flush();
}

function wake(): void {
  if (document.hidden) return;
  if (api.token && host.origin) socket.wake();
  resync();
}

/** Another tab has written, sent or begun something. */
function changedElsewhere(): void {
  show();
  wake();
}

document.querySelector("[data-log]")?.addEventListener("scroll", () => list.isAtEnd && messenger.conversation.unread && show(), { passive: true });
document.addEventListener("visibilitychange", wake);
window.addEventListener("online", wake);
window.addEventListener("offline", () => watch.show());
window.addEventListener("storage", changedElsewhere);
