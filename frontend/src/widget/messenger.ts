/** Keeps the conversation in step with the server: reads what is missing, sends what waits, marks what was seen. */
import { waitMs } from "../desk/backoff";
import type { Api } from "./api";
import { Conversation } from "./conversation";
import { exclusively } from "./locks";
import type { Outbox, Waiting } from "./outbox";
import { CONFLICT, Refusal } from "./refusal";

export interface MessengerOptions {
  api: Api;
  outbox: Outbox;
  /** Become a visitor. */
  start: () => Promise<void>;
  onChange: () => void;
  /** There is a token now, or the one there was counts no more. */
  onToken: (has: boolean) => void;
  /** Something was masked before it was stored. */
  onMasked: () => void;
  /** A message is acknowledged: it leaves the outbox, and nothing of it is kept here. */
  onSent: (waiting: Waiting) => void;
  /** The server has no more what it had of a message's files. */
  onVanished: (waiting: Waiting) => void;
  /** Whether it is known who sits there; before that nothing is said in anybody's name. */
  isSettled: () => boolean;
}

export class Messenger {
  readonly conversation = new Conversation();
  /** Whether the last request was answered. */
  isReached = true;
  private syncing: Promise<void> | null = null;
  private again = false;
  private flushing = false;
  private attempt = 0;
  private timer: number | undefined;
  /** The token that the conversation was read under: whatever comes of another one is not ours to show. */
  private owner = "";

  constructor(private readonly options: MessengerOptions) {}
  /** Whether nobody is in the middle of a conversation, as far as is known. */
  get isIdle(): boolean {
    return (this.conversation.isKnown || !this.options.api.token) && (!this.conversation.chat || this.conversation.isOver);
  }

  /** The token may be another one by now: then nothing of before is shown, and what waits is sent under the new one. */
  follow(): void {
    const { token } = this.options.api;
    if (token === this.owner) return;
    this.owner = token;
    this.conversation.forget();
    this.options.onToken(token !== "");
  }

  /** Read everything after what is known. Calls that come meanwhile lead to one more round. */
  sync(): Promise<void> {
    this.follow();
    if (!this.owner || !this.options.isSettled()) return Promise.resolve();
    this.again = this.syncing !== null;
    if (this.syncing) return this.syncing;
    this.syncing = this.read().finally(() => {
      this.syncing = null;
      if (!this.again) return;
      this.again = false;
      void this.sync();
    });
    return this.syncing;
  }

  /** Send what waits, oldest first, until nothing is left, nobody answers, or somebody else may sit there. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    if (this.flushing || !this.options.isSettled() || !this.options.outbox.next()) return;
    this.flushing = true;
    try {
      await this.begin();
      await exclusively("pharos-chat-send", async () => {
        for (let next = this.options.outbox.next(); next && this.options.isSettled(); next = this.options.outbox.next()) await this.send(next);
      });
      this.attempt = 0;
    } catch (error) {
      this.failed(error);
    } finally {
      this.flushing = false;
      this.options.onChange();
    }
  }

  async end(): Promise<void> {
    await this.options.api.end(this.conversation.chat);
    await this.sync();
  }

  /** Become a visitor, if we are none yet. Throws Refusal, also while it is not known who sits there. */
  async begin(): Promise<void> {
    if (!this.options.isSettled()) throw new Refusal(0, "", 0);
    if (!this.options.api.token) await this.options.start();
    this.follow();
  }

  private async read(): Promise<void> {
    try {
      for (let more = true; more; ) {
        const { owner, conversation } = this;
        const answer = await this.options.api.messages(conversation.chat, conversation.since);
        this.again ||= this.options.api.token !== owner;
        more = !this.again && conversation.apply(answer);
      }
      this.isReached = true;
    } catch (error) {
      this.isReached = !(error instanceof Refusal && (error.status === 0 || error.status >= 500));
      if (error instanceof Refusal && error.status === 401) this.unknown();
    }
    for (const waiting of this.options.outbox.all()) if (this.conversation.has(waiting.id)) this.options.onSent(waiting);
    this.options.onChange();
  }

  private async send(waiting: Waiting): Promise<void> {
    const { api, outbox, onMasked, onSent, onVanished, onChange } = this.options;
    const { owner } = this;
    try {
      const said = await api.say(waiting);
      onSent(waiting);
      if (api.token !== owner) return;
      this.conversation.add(said.chat, said.message);
      this.isReached = true;
      if (said.redactions.length) onMasked();
      onChange();
      // Between what was known and this message others may have come.
      if (this.conversation.since < said.message.seq) void this.sync();
    } catch (error) {
      if (!(error instanceof Refusal) || !error.isFinal) throw error;
      if (error.status === CONFLICT && waiting.files.length) return onVanished(waiting);
      const now = outbox.find(waiting.id);
      if (now) outbox.refuse(now, error.detail || String(error.status));
    }
  }

  private failed(error: unknown): void {
    const refused = error instanceof Refusal ? error : new Refusal(0, "", 0);
    this.isReached = refused.status !== 0 && refused.status < 500;
    if (refused.status === 401) this.unknown();
    const pause = refused.waitS ? refused.waitS * 1000 : waitMs(this.attempt++);
    this.timer = window.setTimeout(() => void this.flush(), pause);
  }

  private unknown(): void {
    this.options.api.forget(this.owner);
    this.follow();
  }
}
