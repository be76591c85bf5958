/** The visitors' doors. The token travels in a header; no cookie is sent, but at the start, where one may say who it is. */
import type { Answer, Message } from "./conversation";
import { exclusively } from "./locks";
import type { Told } from "./pages";
import type { Store } from "./storage";

export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly detail: string,
    readonly waitS: number,
  ) {
    super(`${status} ${detail}`);
  }

  /** Whether the same again would be refused again. */
  get isFinal(): boolean {
    return this.status < 500 && this.status !== 401 && !RETRY_ANYWAY.has(this.status);
  }
}

export interface Said {
  chat: string;
  message: Message;
  redactions: string[];
}

/** How much of a file the server has, and how much it takes at once. */
export interface Begun {
  received: number;
  part: number;
}

const TOKEN = "token";
const PATIENCE_MS = 15_000;
// A piece of a file on a slow line.
const PART_PATIENCE_MS = 40_000;
export const CONFLICT = 409;
const RETRY_ANYWAY = new Set([0, 408, 429]);

export class Api {
  constructor(
    private readonly base: string,
    private readonly store: Store,
    private readonly origin: () => string,
    private readonly language: string,
    private readonly reach: (url: string, init: RequestInit) => Promise<Response> = (url, init) => fetch(url, init),
  ) {}

  get token(): string {
    return this.store.get(TOKEN) ?? "";
  }

  forget(token: string): void {
    if (this.token === token) this.store.remove(TOKEN);
  }

  /** Become a visitor, once for all tabs. */
  async start(): Promise<void> {
    await exclusively("pharos-chat-start", async () => {
      if (this.token) return;
      const body = { origin: this.origin(), language: this.language };
      const response = await this.ask("start/", { method: "POST", body: JSON.stringify(body), credentials: "same-origin" });
      this.store.set(TOKEN, ((await response.json()) as { token: string }).token);
    });
  }

  async messages(chat: string, since: number): Promise<Answer> {
    const query = new URLSearchParams({ chat, since: String(since) });
    return (await this.ask(`messages/?${query}`, {})).json() as Promise<Answer>;
  }

  async say(clientId: string, text: string, files: string[]): Promise<Said> {
    return (await this.post("say/", { client_id: clientId, text, files })).json() as Promise<Said>;
  }

  async correct(chat: string, seq: number, text: string): Promise<Said> {
    return (await this.post("correct/", { chat, seq, text })).json() as Promise<Said>;
  }

  async takeBack(chat: string, seq: number): Promise<void> {
    await this.post("take-back/", { chat, seq });
  }

  async announce(id: string, name: string, size: number): Promise<Begun> {
    return (await this.post("files/", { client_id: id, name, size })).json() as Promise<Begun>;
  }

  /** Send a piece; returns how much is there, also when it is another piece than we thought. */
  async part(id: string, start: number, piece: Blob): Promise<number> {
    const headers = { "Content-Type": "application/octet-stream" };
    const response = await this.ask(`files/${id}/?start=${start}`, { method: "POST", body: piece, headers }, CONFLICT);
    const { received } = (await response.json()) as { received?: number };
    // What is gone, or taken, begins anew.
    if (received === undefined) throw new Refusal(0, "", 1);
    return received;
  }

  async removeFile(id: string): Promise<void> {
    await this.post(`files/${id}/remove/`, {});
  }

  /** Where to save a file of the conversation, for a minute. */
  async link(id: string): Promise<string> {
    return ((await (await this.ask(`attachments/${id}/`, {})).json()) as { url: string }).url;
  }

  async saw(chat: string, delivered: number, read: number): Promise<void> {
    await this.post("saw/", { chat, delivered, read });
  }

  async end(chat: string): Promise<void> {
    await this.post("end/", { chat });
  }

  async pages(pages: readonly Told[]): Promise<void> {
    await this.post("pages/", { pages });
  }

  private post(path: string, body: object): Promise<Response> {
    return this.ask(path, { method: "POST", body: JSON.stringify(body) });
  }

  /** Throws Refusal; its status is 0 when there was no answer. */
  private async ask(path: string, init: RequestInit, alsoFine = 0): Promise<Response> {
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
    if (!response.ok && response.status !== alsoFine) throw new Refusal(response.status, await detailOf(response), Number(response.headers.get("Retry-After")) || 0);
    return response;
  }
}

async function detailOf(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { detail?: unknown };
    return typeof body.detail === "string" ? body.detail : "";
  } catch {
    return "";
  }
}
