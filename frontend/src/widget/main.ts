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
import { Panel } from "./panel";
import { Watch, whenBack } from "./reach";
import { ChatSocket } from "./socket";
import { openStore, RelayedStore } from "./storage";
import { MessageList } from "./view";

const page = document.body.dataset;
const inbox = page["inbox"] ?? "";
const relayed = new RelayedStore((key, value) => host.keep(key, value));
const store = openStore(`pharos-chat:${inbox}:`, relayed);
const outbox = new Outbox(store);
const api = new Api(page["api"] ?? "", store, () => host.origin, document.documentElement.lang);
const attachments = new Attachments({ api, outbox, messenger: () => messenger, onChange: show, tell: (words) => panel.notice(words) });
const list = new MessageList(
  document.querySelector("[data-messages]") as HTMLElement,
  document.querySelector("[data-log]") as HTMLElement,
  document.getElementById("t-message") as HTMLTemplateElement,
  attachments,
);

const messenger = new Messenger({
  api,
  outbox,
  onChange: show,
  onToken: (has) => (has ? socket.restart() : show()),
  onMasked: () => panel.notice(word("secret")),
  onSent: (waiting) => attachments.forget(waiting),
  onVanished: (waiting) => attachments.again(waiting),
});

const { conversation } = messenger;
const corrections = new Corrections({ api, conversation, onChange: show, onMasked: () => panel.notice(word("secret")), tell: (words) => panel.notice(words), sync: () => messenger.sync() });

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
  resync,
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
  onOpen: () => panel.show(true),
  onClose: () => panel.show(false),
});

function begin(): void {
  show();
  if (api.token) socket.connect();
  resync();
  watch.changed();
}

function flush(): void {
  void messenger.flush();
  void attachments.uploader.run();
}

function show(): void {
  const waiting = outbox.all();
  list.render(conversation, waiting);
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
  flush();
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
whenBack({ wake, changedElsewhere, offline: () => watch.show() });
