/** The chat's frame: joins storage, doors, socket and page. A socket only hints; what counts is read from the server. */
import "../styles/widget.css";
import { TypingHint } from "../shared/typing";
import { word } from "../shared/words";
import { Api } from "./api";
import { Attachments } from "./attachments";
import { Corrections } from "./corrections";
import { Prechat, type TopicForm } from "./prechat";
import { receive } from "./events";
import { startHost } from "./host";
import { AfterHours, type Hours } from "./hours";
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
const list = new MessageList(attachments, () => conversation.unread && show());

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

const asking = { api, begin: () => messenger.begin(), onChange: () => show() };
const afterHours = new AfterHours({ ...asking, hours: JSON.parse(page["hours"] ?? "{}") as Hours });
const prechat = new Prechat({
  ...asking,
  forms: JSON.parse(page["forms"] ?? "[]") as TopicForm[],
  onSend: (text, form) => sent(() => outbox.add(text, [], form)),
});

const typing = new TypingHint(() => socket.typing());

const watch = new Watch(
  () => ({ hasToken: api.token !== "", isLive: socket.isLive, isReached: messenger.isReached, isOver: conversation.isOver }),
  (name) => panel.banner(name),
  resync,
);

const panel = new Panel({
  onSend: (text) => (corrections.isEditing ? void corrections.save(text) : sent(() => attachments.send(text))),
  hasFiles: () => !attachments.tray.isEmpty,
  onInput: () => typing.typed(),
  onEnd: () => void messenger.end().catch(() => panel.banner("polling")),
  onRetry: (id) => changed(() => outbox.retry(id)),
  onDiscard: (id) => changed(() => attachments.discard(id)),
  onToggle: () => {
    changed(resync);
    list.toEnd();
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

function sent(keep: () => void): void {
  panel.notice("");
  changed(keep);
  list.toEnd();
}

function changed(act: () => void): void {
  act();
  show();
  flush();
}

function flush(): void {
  void messenger.flush();
  void attachments.uploader.run();
}

function show(): void {
  const waiting = outbox.all();
  list.render(conversation, waiting);
  panel.conversation(conversation.messages.length + waiting.length > 0, conversation.chat !== "" && !conversation.isOver);
  const isNew = (conversation.isKnown || !api.token) && (conversation.chat === "" || conversation.isOver) && waiting.length === 0;
  prechat.show(isNew, afterHours.show(isNew));
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

whenBack({ wake, changedElsewhere, offline: () => watch.show() });
