/** The chat's frame: joins storage, doors, socket and page. A socket only hints; what counts is read from the server. */
import "../styles/widget.css";
import { TypingHint } from "../shared/typing";
import { word } from "../shared/words";
import { Api } from "./api";
import { Attachments } from "./attachments";
import { Corrections } from "./corrections";
import { receive } from "./events";
import { startHost } from "./host";
import { Messenger } from "./messenger";
import { Outbox } from "./outbox";
import { Pages } from "./pages";
import { Panel } from "./panel";
import { Watch, whenBack } from "./reach";
import { ChatSocket } from "./socket";
import { steps } from "./steps";
import { openStore, RelayedStore } from "./storage";
import { MessageList } from "./view";

const page = document.body.dataset;
const inbox = page["inbox"] ?? "";
const relayed = new RelayedStore((key, value) => host.keep(key, value));
const store = openStore(`pharos-chat:${inbox}:`, relayed);
const outbox = new Outbox(store);
const api = new Api(page["api"] ?? "", store, () => host.origin, document.documentElement.lang);
const attachments = new Attachments({ api, outbox, messenger: () => messenger, onChange: () => show(), tell: (words) => panel.notice(words) });
const pages = new Pages(store, (told) => api.pages(told));
const list = new MessageList(
  document.querySelector("[data-messages]") as HTMLElement,
  document.querySelector("[data-log]") as HTMLElement,
  document.getElementById("t-message") as HTMLTemplateElement,
  attachments,
);

const messenger = new Messenger({
  api,
  outbox,
  onChange: () => show(),
  onToken: (has) => {
    if (!has) return show();
    socket.restart();
    void pages.flush();
  },
  onMasked: () => panel.notice(word("secret")),
  onSent: (waiting) => attachments.forget(waiting),
  onVanished: (waiting) => attachments.again(waiting),
});

const { conversation } = messenger;
const corrections = new Corrections({ api, conversation, onChange: () => show(), onMasked: () => panel.notice(word("secret")), tell: (words) => panel.notice(words), sync: () => messenger.sync() });

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
    isOver: conversation.isOver,
  }),
  (name) => panel.banner(name),
  () => resync(),
);

const panel = new Panel({
  onSend: (text) => {
    panel.notice("");
    if (corrections.isEditing) return void corrections.save(text);
    attachments.send(text);
    show();
    list.toEnd();
    flush();
  },
  hasFiles: () => !attachments.tray.isEmpty,
  onInput: () => typing.typed(),
  onEnd: () => void messenger.end().catch(() => panel.banner("polling")),
  onRetry: (id) => {
    outbox.retry(id);
    flush();
    show();
  },
  onDiscard: (id) => {
    attachments.discard(id);
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

const { show, flush, resync, wake, changedElsewhere } = steps({
  ...{ api, attachments, list, messenger, outbox, pages },
  // These are made after the steps that they lead to.
  host: () => host,
  panel: () => panel,
  socket: () => socket,
  watch: () => watch,
});

function begin(): void {
  show();
  if (api.token) socket.connect();
  resync();
  watch.changed();
}

document.querySelector("[data-log]")?.addEventListener("scroll", () => list.isAtEnd && conversation.unread && show(), { passive: true });
whenBack({ wake, changedElsewhere, offline: () => watch.show() });
