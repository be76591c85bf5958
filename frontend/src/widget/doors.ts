/** How every door of the visitors' API is asked: the token in a header, bounded patience, refusals with words. */
import { Refusal, refusalOf } from "./refusal";
import type { Store } from "./storage";

export const TOKEN = "token";
const PATIENCE_MS = 15_000;
// A piece of a file on a slow line.
const PART_PATIENCE_MS = 40_000;

export class Doors {
  constructor(
    private readonly base: string,
    protected readonly store: Store,
    protected readonly origin: () => string,
    protected readonly language: string,
    private readonly reach: (url: string, init: RequestInit) => Promise<Response> = (url, init) => fetch(url, init),
  ) {}

  get token(): string {
    return this.store.get(TOKEN) ?? "";
  }

  /** Forget a token that counts no more; another one, of another tab, stays. */
  forget(token: string): void {
    if (this.token === token) this.store.remove(TOKEN);
  }

  protected post(path: string, body: object): Promise<Response> {
    return this.ask(path, { method: "POST", body: JSON.stringify(body) });
  }

  /** Throws Refusal; its status is 0 when there was no answer. */
  protected async ask(path: string, init: RequestInit, alsoFine: readonly number[] = []): Promise<Response> {
    const headers = new Headers(init.headers ?? { "Content-Type": "application/json" });
    headers.set("X-Chat-Origin", this.origin());
    const patience = AbortSignal.timeout(init.body instanceof Blob ? PART_PATIENCE_MS : PATIENCE_MS);
    if (this.token) headers.set("Authorization", `Bearer ${this.token}`);
    let response: Response;
    try {
      response = await this.reach(this.base + path, { credentials: "omit", ...init, headers, signal: patience });
    } catch {
      throw new Refusal(0, "", 0);
    }
    if (!response.ok && !alsoFine.includes(response.status)) throw await refusalOf(response);
    return response;
  }
}
