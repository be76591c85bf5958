/** The rest of the chat's frame: joins storage, doors, socket and page. A socket only hints; what counts is read from the server. */
import { toggleEmoji } from "../shared/emoji/open";
import { word } from "../shared/words";
import { Api } from "./api";
import { Attachments } from "./attachments";
import { showBlocked } from "./blocked";
import { startChoices } from "./choices";
import { Corrections } from "./corrections";
import { Prechat, type TopicForm } from "./prechat";
import { reactions, receive } from "./events";
import type { Host, HostCalls } from "./host";
import { AfterHours, type Hours } from "./hours";
import { Messenger } from "./messenger";
import type { Outbox } from "./outbox";
import { Pages } from "./pages";
import type { Panel, PanelOptions } from "./panel";
import { Watch, whenBack } from "./reach";
import { Proactive, type Trigger } from "./proactive";
import { Rating } from "./rating";
import { ChatSocket } from "./socket";
import { steps } from "./steps";
import type { RelayedStore, Store } from "./storage";
import { startTyping } from "./typed";
import { MessageList } from "./view";
import { startTrust } from "./who";

/** What was there first: who embeds us, what one presses and writes in, and what keeps it. */
export interface First {
  host: Host;
  panel: Panel;
  outbox: Outbox;
  store: Store;
  relayed: RelayedStore;
}

/** What is done from then on with what is pressed, written and told. */
export interface Rest extends PanelOptions, HostCalls {
  /** Close what stands above the conversation; false when nothing does. */
  onBack: () => boolean;
}

export function start({ host, panel, outbox, store, relayed }: First): Rest {
  const page = document.body.dataset;
  const inbox = page["inbox"] ?? "";
  const api = new Api(page["api"] ?? "", store, () => host.origin, document.documentElement.lang);
  const attachments = new Attachments({ api, outbox, messenger: () => messenger, onChange: () => show(), tell: (words) => panel.notice(words) });
  const pages = new Pages(store, (told) => api.pages(told));
  const list = new MessageList(attachments, () => conversation.unread && show());
  const messenger = new Messenger({
    api,
    outbox,
    // Where the page says who sits there, no cookie does.
    start: async () => identity.known(await api.start(identity.canAsk ? "omit" : "same-origin")),
    onChange: () => show(),
    onToken: (has) => {
      if (!has) return identity.lost(), show();
      socket.restart();
      void pages.flush();
    },
    onMasked: () => panel.notice(word("secret")),
    onSent: (waiting) => attachments.forget(waiting),
    onVanished: (waiting) => attachments.again(waiting),
    isSettled: () => identity.isSettled && !identity.isOther,
  });

  const { conversation } = messenger;
  const judged = { api, conversation, onMasked: () => panel.notice(word("secret")), sync: () => messenger.sync() };
  const corrections = new Corrections({ ...judged, onChange: () => show(), tell: (words) => panel.notice(words) });
  const rating = new Rating(judged);
  const reacting = { ...reactions(messenger, () => show()), typing: (is: boolean) => panel.typing(is) };
  const socket = new ChatSocket({
    url: page["socketUrl"] ?? "",
    hello: () => ({ type: "hello", inbox, origin: host.origin, token: api.token }),
    onEvent: (event) => receive(event, reacting),
    onLive: (isLive) => (isLive && resync(), watch.changed()),
  });
  api.wire = socket.wire;

  const asking = { api, begin: () => messenger.begin(), onChange: () => show() };
  const afterHours = new AfterHours({ ...asking, hours: JSON.parse(page["hours"] ?? "{}") as Hours });
  const forms = JSON.parse(page["forms"] ?? "[]") as TopicForm[];
  const prechat = new Prechat({ ...asking, forms, onSend: (text, form) => sent(() => outbox.add(text, [], form)) });

  const typing = startTyping((words) => socket.typing(words));
  const stands = () => ({ hasToken: api.token !== "", isLive: socket.isLive, isReached: messenger.isReached, isOver: conversation.isOver && !conversation.blockedUntil });
  const watch = new Watch(stands, (name) => panel.banner(name), () => socket.isComing || resync());

  const [emoji, openEmoji, field] = ["[data-emoji]", "[data-emoji-open]", "[data-field]"].map((one) => document.querySelector(one)) as [HTMLElement, HTMLElement, HTMLTextAreaElement];
  openEmoji.addEventListener("click", () => void toggleEmoji(emoji, openEmoji, field, store));
  startChoices((words) => sent(() => attachments.send(words)));

  const { identity, trust, byMail } = startTrust({ ...{ api, store, messenger, pages, attachments }, host: () => host, isOpen: () => panel.isOpen, begin: () => begin() });

  const proactive = new Proactive({
    ...{ ...asking, triggers: JSON.parse(page["proactive"] ?? "[]") as Trigger[] },
    isOpen: () => panel.isOpen,
    canShow: () => !panel.isOpen && identity.isSettled && host.origin !== "" && messenger.isIdle && outbox.all().length === 0,
    onOpen: () => panel.show(true),
  });

  let isGreeted = false;
  const rest: Rest = {
    onSend: (text) => (corrections.isEditing ? void corrections.save(text) : sent(() => attachments.send(text))),
    hasFiles: () => !attachments.tray.isEmpty,
    onInput: () => typing.typed(),
    onEnd: () => void messenger.end().catch(() => panel.notice(word("unchanged"))),
    onRetry: (id) => changed(() => outbox.retry(id)),
    onDiscard: (id) => changed(() => attachments.discard(id)),
    onToggle: (isOpen) => {
      proactive.toggled(isOpen);
      changed(resync);
      list.toEnd();
      void trust.look();
      void byMail.look();
    },
    onHello: (canAsk) => ((isGreeted = true), identity.hello(canAsk)),
    onIdentifiable: () => void identity.begin(),
    onIdentity: (token, nonce) => void identity.take(token, nonce),
    onSignOut: () => void identity.nobody(),
    onKept: (key, value) => {
      relayed.load(key, value);
      if (isGreeted) changedElsewhere();
    },
    onPage: (path) => {
      for (const one of [pages, proactive]) one.came(path);
      if (api.token && isGreeted) void pages.flush();
    },
    onOpen: () => panel.show(true),
    onClose: () => panel.show(false),
    onBack: () => panel.back() || [trust, byMail].some((one) => one.isOpen && (one.show(false), true)),
  };

  const { show, resync, wake, changedElsewhere, begin, changed, sent } = steps({
    ...{ api, attachments, list, messenger, outbox, pages },
    isSettled: () => identity.isSettled,
    isOther: () => identity.isOther,
    whenNew: (isNew) => (
      rating.show(), prechat.show(isNew, afterHours.show(isNew), conversation.messages.length > 0), showBlocked(conversation)
    ),
    bubblePx: () => proactive.heightPx,
    // These are made after the steps that they lead to.
    host: () => host,
    panel: () => panel,
    socket: () => socket,
    watch: () => watch,
  });

  whenBack({ wake, changedElsewhere, offline: () => watch.show() });
  return rest;
}
