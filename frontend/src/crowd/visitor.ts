/** A visitor with one or two tabs, joined from the widget's own modules; only the page is missing. */
import type { Api } from "../widget/api";
import { reactions, receive } from "../widget/events";
import { Messenger } from "../widget/messenger";
import { Outbox } from "../widget/outbox";
import { Watch } from "../widget/reach";
import { ChatSocket } from "../widget/socket";
import type { Store } from "../widget/storage";
import { Locks, running } from "./browser";
import { type Journal, JournalledApi, SharedStore, type Site } from "./kept";
import { Network, now } from "./network";

export class Tab {
  readonly messenger: Messenger;
  readonly network: Network;
  private readonly outbox: Outbox;
  private readonly api: Api;
  private readonly socket: ChatSocket;
  private readonly watch: Watch;

  constructor(
    site: Site,
    store: (changed: () => void) => Store,
    address: string,
    private readonly browser: Locks,
    private readonly journal: Journal,
  ) {
    this.network = new Network(site.ours, address, browser, Math.random);
    const kept = store(() => this.wake());
    this.outbox = new Outbox(kept);
    this.api = new JournalledApi(site, kept, this.network, journal);
    this.messenger = new Messenger({
      api: this.api,
      outbox: this.outbox,
      onChange: () => this.note(),
      onToken: (has) => has && this.socket.restart(),
      onMasked: () => undefined,
      onSent: (waiting) => this.outbox.remove(waiting.id),
      onVanished: () => undefined,
      start: async () => void (await this.api.start("omit")),
      isSettled: () => true,
    });
    const reacting = { ...reactions(this.messenger, () => this.note()), typing: () => undefined };
    this.socket = new ChatSocket({
      url: site.socketUrl,
      hello: () => ({ type: "hello", inbox: site.inbox, origin: site.origin, token: this.api.token }),
      onEvent: (event) => receive(event, reacting),
      onLive: (isLive) => {
        if (isLive) this.resync();
        this.watch.changed();
      },
      open: this.network.open,
    });
    this.api.wire = this.socket.wire;
    this.watch = new Watch(
      () => ({ hasToken: this.api.token !== "", isLive: this.socket.isLive, isReached: this.messenger.isReached, isOver: false }),
      () => undefined,
      () => this.socket.isComing || this.resync(),
    );
    running.run(browser, () => this.watch.changed());
  }

  get isLive(): boolean {
    return this.socket.isLive;
  }

  get unsent(): number {
    return this.outbox.all().length;
  }

  has(chat: string, seq: number): boolean {
    const { conversation } = this.messenger;
    return conversation.chat === chat && conversation.since >= seq;
  }

  write(text: string): void {
    this.journal.written.set(text, now());
    running.run(this.browser, () => {
      this.outbox.add(text);
      void this.messenger.flush();
    });
  }

  wake(): void {
    running.run(this.browser, () => {
      void this.messenger.flush();
      if (this.api.token && this.network.isOnline) this.socket.whenReady(() => this.resync());
      else this.resync();
    });
  }

  private resync(): void {
    void this.messenger.sync();
    void this.messenger.flush();
  }

  private note(): void {
    for (const message of this.messenger.conversation.messages) {
      const text = message.parts.map((part) => part.text).join("");
      // One's own is stored when it is read, whatever became of the answer.
      const moments = message.is_mine ? this.journal.acknowledged : this.journal.arrived;
      if (!moments.has(text)) moments.set(text, now());
    }
  }
}

export class Visitor {
  readonly tabs: Tab[];

  constructor(site: Site, address: string, journal: Journal, tabs: number) {
    const shared = new SharedStore();
    const browser = new Locks();
    this.tabs = Array.from({ length: tabs }, (_, index) => new Tab(site, (changed) => shared.of(index, changed), address, browser, journal));
  }

  get chat(): string {
    return this.tabs.map((tab) => tab.messenger.conversation.chat).find(Boolean) ?? "";
  }

  get isSettled(): boolean {
    return this.tabs.every((tab) => tab.isLive && tab.messenger.conversation.chat !== "");
  }
}
