/** Who sits there, by the exchange's signed word: asked at each visit, so that nobody sees the chat of who sat there before. */
import { waitMs } from "../desk/backoff";
import type { Api } from "./api";
import { Refusal } from "./refusal";
import type { Store } from "./storage";

export interface IdentityOptions {
  api: Pick<Api, "token" | "identify" | "signOut" | "forget">;
  store: Store;
  /** Ask the embedding page. */
  ask: (nonce: string) => void;
  /** Known now, or known to be nobody; `isOther` when it is somebody else than before. */
  onSettled: (isOther: boolean) => void;
  later?: (run: () => void, ms: number) => unknown;
}

const PROVEN = "proven";

export class Identity {
  /** Until it is settled, nothing that was said before is shown. */
  isSettled = true;
  private secret = "";
  private attempt = 0;
  private canAsk = false;

  constructor(private readonly options: IdentityOptions) {}

  get isProven(): boolean {
    return this.options.store.get(PROVEN) === "yes";
  }

  /** Ask who it is. The secret stays here: a word that is bound to it is of no use to anybody else. */
  async begin(): Promise<void> {
    this.canAsk = true;
    this.isSettled = false;
    this.secret = base64url(crypto.getRandomValues(new Uint8Array(32)));
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(this.secret));
    this.options.ask(base64url(new Uint8Array(digest)));
  }

  /** Our token counts no more: whoever was proven is asked for again. */
  lost(): void {
    if (this.canAsk && this.isProven && this.isSettled) void this.begin();
  }

  async take(token: string | null | undefined): Promise<void> {
    if (token === undefined) return this.again();
    if (token === null) return this.nobody();
    try {
      const isOther = await this.options.api.identify(token, this.secret);
      this.options.store.set(PROVEN, "yes");
      this.settled(isOther);
    } catch (error) {
      // What the server will not believe makes nobody somebody.
      if (error instanceof Refusal && error.isFinal) await this.nobody();
      else this.again();
    }
  }

  /** Nobody is signed in: who was until now leaves, an anonymous visitor stays. */
  private async nobody(): Promise<void> {
    const wasProven = this.isProven;
    if (wasProven) {
      const { api, store } = this.options;
      await api.signOut().catch(() => undefined);
      api.forget(api.token);
      store.remove(PROVEN);
    }
    this.settled(wasProven);
  }

  private settled(isOther: boolean): void {
    this.attempt = 0;
    this.isSettled = true;
    this.options.onSettled(isOther);
  }

  private again(): void {
    const later = this.options.later ?? ((run, ms) => setTimeout(run, ms));
    later(() => void this.begin(), waitMs(this.attempt++));
  }
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
