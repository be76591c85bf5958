/** Who sits there, by the exchange's signed word: asked at each visit, so that nobody sees the chat of who sat there before. */
import { waitMs } from "../desk/backoff";
import type { Api } from "./api";
import { exclusively } from "./locks";
import { Refusal } from "./refusal";
import type { Store } from "./storage";

export interface IdentityOptions {
  api: Pick<Api, "token" | "identify" | "signOut" | "forget">;
  store: Store;
  /** Ask the embedding page for the exchange's word, bound to `nonce`. */
  ask: (nonce: string) => void;
  /** It is known who sits there: who sat there before, or an anonymous visitor. */
  onSettled: () => void;
  /** Who sat there before is gone: nothing of theirs may stay in this browser. */
  onGone: () => Promise<void>;
  /** What is in memory and on the page goes with the page. */
  reload: () => void;
  later?: (run: () => void, ms: number) => unknown;
}

/** Whom the exchange has named, and whom the server has named by the portal's cookie: kept beside the token. */
const PERSON = "person";
const BY_WORD = "word:";
/** Whoever it was is gone, and what was theirs is not all forgotten yet. */
const LEAVING = "leaving";
// A page that names people does so soon after the frame is there.
const PATIENCE_MS = 5_000;

export class Identity {
  /** Until it is settled, nothing is sent, and nothing that was said before is read or shown. */
  isSettled = false;
  /** Whether the page can say who is signed in. */
  canAsk = false;
  private shown = "";
  private secret = "";
  private nonce = "";
  private attempt = 0;

  constructor(private readonly options: IdentityOptions) {}

  /** Whether this tab shows somebody who sits there no more, or whom another tab has signed out. */
  get isOther(): boolean {
    return this.isSettled && this.shown !== "" && this.shown !== this.person;
  }

  private get person(): string {
    return this.options.store.get(PERSON) ?? "";
  }

  /** The page is there, and says whether it can name people. */
  hello(canAsk: boolean): void {
    if (canAsk) return void this.begin();
    if (this.person === LEAVING) return void this.nobody();
    if (!this.person.startsWith(BY_WORD)) return this.settled();
    this.later(() => void (this.canAsk || this.isSettled || this.nobody()), PATIENCE_MS);
  }

  /** Ask who it is. The secret stays here: a word that is bound to it is of no use to anybody else. */
  async begin(): Promise<void> {
    this.canAsk = true;
    this.isSettled = false;
    this.secret = base64url(crypto.getRandomValues(new Uint8Array(32)));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(this.secret));
    this.nonce = base64url(new Uint8Array(digest));
    this.options.ask(this.nonce);
  }

  /** The page's answer to the last question; null is nobody, undefined that it could not be had. */
  async take(token: string | null | undefined, nonce: string): Promise<void> {
    if (nonce === "" || nonce !== this.nonce) return;
    const { secret } = this;
    this.nonce = this.secret = "";
    if (token === undefined) return this.again();
    if (token === null) return this.nobody();
    try {
      let named = "";
      // One tab after the other: the second shows the token that the first was given.
      await exclusively("pharos-chat-identify", async () => {
        named = BY_WORD + (await this.options.api.identify(token, secret));
      });
      await this.becomes(named);
    } catch (error) {
      // What the server will not believe makes nobody somebody.
      if (error instanceof Refusal && error.isFinal) await this.nobody();
      else this.again();
    }
  }

  /** Nobody is signed in, or the page says that they sign out: an answer that is still on its way counts no more. */
  async nobody(): Promise<void> {
    const { api, store } = this.options;
    this.nonce = this.secret = "";
    if (!this.person) return this.settled();
    this.isSettled = false;
    store.set(PERSON, LEAVING);
    const { token } = api;
    await api.signOut().catch(() => undefined);
    api.forget(token);
    await this.gone("");
  }

  /** The server knows this browser's person by the portal's cookie. */
  known(person: string): void {
    if (!person || this.person) return;
    this.options.store.set(PERSON, `cookie:${person}`);
    this.shown = this.person;
  }

  /** Our token counts no more: whoever was named is asked for again. */
  lost(): void {
    if (this.canAsk && this.person && this.isSettled) void this.begin();
  }

  private async becomes(named: string): Promise<void> {
    const before = this.person;
    if (before && before !== named) return this.gone(named);
    this.options.store.set(PERSON, named);
    this.settled();
  }

  /** A page that is left in the middle of it finds that somebody is leaving, and begins again. */
  private async gone(next: string): Promise<void> {
    const { store } = this.options;
    store.set(PERSON, LEAVING);
    await this.options.onGone();
    if (next) store.set(PERSON, next);
    else store.remove(PERSON);
    this.options.reload();
  }

  private settled(): void {
    this.attempt = 0;
    this.shown = this.person;
    this.isSettled = true;
    this.options.onSettled();
  }

  private again(): void {
    this.later(() => void this.begin(), waitMs(this.attempt++));
  }

  private later(run: () => void, ms: number): void {
    (this.options.later ?? ((act, pause) => setTimeout(act, pause)))(run, ms);
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
