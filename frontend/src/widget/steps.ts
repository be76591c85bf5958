/** What the frame does again and again: show what is known, send what waits, read what is missing, come back. */
import type { Api } from "./api";
import type { Attachments } from "./attachments";
import { showChoices } from "./choices";
import type { Host } from "./host";
import { Marks } from "./marks";
import type { Messenger } from "./messenger";
import type { Outbox } from "./outbox";
import type { Pages } from "./pages";
import type { Panel } from "./panel";
import { showQueue } from "./queue";
import type { Watch } from "./reach";
import type { ChatSocket } from "./socket";
import type { MessageList } from "./view";

export interface Parts {
  api: Api;
  attachments: Attachments;
  list: MessageList;
  messenger: Messenger;
  outbox: Outbox;
  pages: Pages;
  /** Whether it is known who sits there; before that nothing is sent and nothing read. */
  isSettled: () => boolean;
  /** Whether what is written next begins a conversation: then a form may come before it. */
  whenNew: (isNew: boolean) => void;
  /** Whether somebody else sits there than this tab shows. */
  isOther: () => boolean;
  /** How much height the proactive message beside the launcher needs; 0 for none. */
  bubblePx: () => number;
  host: () => Host;
  panel: () => Panel;
  socket: () => ChatSocket;
  watch: () => Watch;
}

export interface Steps extends Record<"show" | "flush" | "resync" | "wake" | "changedElsewhere" | "begin", () => void> {
  /** Do what changes something to be shown and sent. */
  changed: (act: () => void) => void;
  /** Keep what was written, to be sent, and show the end. */
  sent: (keep: () => void) => void;
}

export function steps({ api, attachments, list, messenger, outbox, pages, ...later }: Parts): Steps {
  const { conversation } = messenger;
  const marks = new Marks(api, conversation, () => show());

  const show = (): void => {
    const waiting = outbox.all();
    const [host, panel] = [later.host(), later.panel()];
    list.render(conversation, waiting);
    showQueue(conversation);
    showChoices(conversation, waiting.length > 0);
    panel.conversation(conversation.messages.length + waiting.length > 0, conversation.chat !== "" && !conversation.isOver, conversation.isOver);
    const isKnown = conversation.isKnown || !api.token;
    later.whenNew(isKnown && (conversation.chat === "" || conversation.isOver) && waiting.length === 0);
    const isRead = panel.isOpen && !document.hidden && list.isAtEnd;
    panel.unread(isRead ? 0 : conversation.unread);
    host.tell(panel.isOpen, isRead ? 0 : conversation.unread, later.bubblePx());
    if (host.origin) void marks.saw(isRead);
    later.watch().show();
  };

  const flush = (): void => {
    if (!later.isSettled()) return;
    void messenger.flush();
    void attachments.uploader.run();
  };

  const resync = (): void => {
    if (!later.host().origin || !later.isSettled()) return;
    void messenger.sync();
    flush();
    if (api.token) void pages.flush();
  };

  const wake = (): void => {
    if (document.hidden) return;
    const canListen = api.token !== "" && later.host().origin !== "" && later.isSettled();
    flush();
    if (canListen) later.socket().whenReady(resync);
    else resync();
  };

  /** Another tab has written, sent or begun something. */
  const changedElsewhere = (): void => {
    if (later.isOther()) return location.reload();
    show();
    wake();
  };

  /** It is settled who sits there. */
  const begin = (): void => {
    show();
    resync();
    later.watch().changed();
  };

  const changed = (act: () => void): void => {
    act();
    show();
    flush();
  };

  const sent = (keep: () => void): void => {
    later.panel().notice("");
    changed(keep);
    list.toEnd();
  };
  return { show, flush, resync, wake, changedElsewhere, begin, changed, sent };
}
