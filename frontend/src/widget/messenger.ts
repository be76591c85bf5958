/** Keeps the conversation in step with the server: reads what is missing, sends what waits, marks what was seen. */
import { waitMs } from "../desk/backoff";
import { type Api, exclusively, Refusal } from "./api";
import { Conversation } from "./conversation";
import type { Outbox } from "./outbox";

export interface MessengerOptions {
  api: Api;
  outbox: Outbox;
  onChange: () => void;
  /** There is a token now, or the one there was counts no more. */
  onToken: (has: boolean) => void;
  /** Something was masked before it was stored. */
  onMasked: () => void;
}

const RETRY_ANYWAY = new Set([0, 408, 429]);

export class Messenger {
  readonly conversation = new Conversation();
  /** Whether the last request was answered. */
  isReached = true;
  private syncing: Promise<void> | null = null;
  private again = false;
  private flushing = false;
  private attempt = 0;
  private timer: number | undefined;
  private marked = { chat: "", delivered: 0, read: 0 };

  constructor(private readonly options: MessengerOptions) {}

  /** Read everything after what is known. Calls that come meanwhile lead to one more round. */
  sync(): Promise<void> {
    if (!this.options.api.token) return Promise.resolve();
    if (this.syncing) {
      this.again = true;
      return this.syncing;
    }
    this.syncing = this.read().finally(() => {
      this.syncing = null;
      if (!this.again) return;
      this.again = false;
      void this.sync();
    });
    return this.syncing;
  }

  /** Send what waits, oldest first, until nothing is left or nobody answers. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    if (this.flushing || !this.options.outbox.next()) return;
    this.flushing = true;
    try {
      if (!this.options.api.token) await this.begin();
      await exclusively("pharos-chat-send", async () => {
        for (let next = this.options.outbox.next(); next; next = this.options.outbox.next()) await this.send(next.id, next.text);
      });
      this.attempt = 0;
    } catch (error) {
      this.failed(error);
    } finally {
      this.flushing = false;
      this.options.onChange();
    }
  }

  /** Tell the server how far we have received and, when the reader has seen it, read. */
  async saw(isRead: boolean): Promise<void> {
    const { chat, since, mine } = this.conversation;
    const read = isRead ? since : mine.read;
    const known = this.marked.chat === chat ? this.marked : { delivered: mine.delivered, read: mine.read };
    if (!chat || (since <= known.delivered && read <= known.read)) return;
    this.marked = { chat, delivered: Math.max(known.delivered, since), read: Math.max(known.read, read) };
    try {
      await this.options.api.saw(chat, this.marked.delivered, this.marked.read);
    } catch {
      this.marked = { chat: "", delivered: 0, read: 0 };
      return;
    }
    if (this.conversation.chat !== chat) return;
    this.conversation.mine = { delivered: this.marked.delivered, read: this.marked.read };
    this.options.onChange();
  }

  async end(): Promise<void> {
    await this.options.api.end(this.conversation.chat);
    await this.sync();
  }

  private async begin(): Promise<void> {
    await this.options.api.start();
    this.options.onToken(true);
  }

  private async read(): Promise<void> {
    try {
      for (let more = true; more; ) {
        const { chat, since } = this.conversation;
        more = this.conversation.apply(await this.options.api.messages(chat, since));
      }
      this.isReached = true;
    } catch (error) {
      this.isReached = !(error instanceof Refusal && (error.status === 0 || error.status >= 500));
      if (error instanceof Refusal && error.status === 401) this.unknown();
    }
    for (const waiting of this.options.outbox.all()) if (this.conversation.has(waiting.id)) this.options.outbox.remove(waiting.id);
    this.options.onChange();
  }

  private async send(id: string, text: string): Promise<void> {
    try {
      const said = await this.options.api.say(id, text);
      this.conversation.add(said.chat, said.message);
      this.options.outbox.remove(id);
      this.isReached = true;
      if (said.redactions.length) this.options.onMasked();
      this.options.onChange();
      // Between what was known and this message others may have come.
      if (this.conversation.since < said.message.seq) void this.sync();
    } catch (error) {
      const refused = error instanceof Refusal ? error : null;
      const isFinal = refused && refused.status < 500 && refused.status !== 401 && !RETRY_ANYWAY.has(refused.status);
      if (!isFinal) throw error;
      const waiting = this.options.outbox.all().find((one) => one.id === id);
      if (waiting) this.options.outbox.refuse(waiting, refused.detail || String(refused.status));
    }
  }

  private failed(error: unknown): void {
    const refused = error instanceof Refusal ? error : new Refusal(0, "", 0);
    this.isReached = refused.status !== 0 && refused.status < 500;
    if (refused.status === 401) this.unknown();
    const pause = refused.waitS ? refused.waitS * 1000 : waitMs(this.attempt);
    this.attempt += 1;
    this.timer = window.setTimeout(() => void this.flush(), pause);
  }

  /** The token counts no more: what was said under it is not shown any longer, what waits is sent as somebody new. */
  private unknown(): void {
    this.options.api.forget(this.options.api.token);
    this.conversation.apply({ chat: "", is_over: false, last: 0, messages: [], withdrawn: [], mine: {}, theirs: {}, queue: null, agent: "" });
    this.options.onToken(false);
  }
}
