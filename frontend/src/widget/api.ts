/** The visitors' doors. The token travels in a header; no cookie is sent, but at the start, where one may say who it is. */
import type { Answer, Message } from "./conversation";
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
}

export interface Said {
  chat: string;
  message: Message;
  redactions: string[];
}

const TOKEN = "token";
const PATIENCE_MS = 15_000;

export class Api {
  constructor(
    private readonly base: string,
    private readonly store: Store,
    private readonly origin: () => string,
    private readonly language: string,
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

  async say(clientId: string, text: string): Promise<Said> {
    return (await this.post("say/", { client_id: clientId, text })).json() as Promise<Said>;
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
  private async ask(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers({ "Content-Type": "application/json", "X-Chat-Origin": this.origin() });
    if (this.token) headers.set("Authorization", `Bearer ${this.token}`);
    let response: Response;
    try {
      response = await fetch(this.base + path, { credentials: "omit", ...init, headers, signal: AbortSignal.timeout(PATIENCE_MS) });
    } catch {
      throw new Refusal(0, "", 0);
    }
    if (!response.ok) throw new Refusal(response.status, await detailOf(response), Number(response.headers.get("Retry-After")) || 0);
    return response;
  }
}

/** One tab at a time, where the browser can tell; doubled sending does no harm, it only costs. */
export async function exclusively(name: string, act: () => Promise<void>): Promise<void> {
  const locks = navigator.locks as LockManager | undefined;
  await (locks ? locks.request(name, act).catch((error: unknown) => retold(error, act)) : act());
}

/** A frame without storage has no locks either; what `act` itself has thrown is passed on. */
function retold(error: unknown, act: () => Promise<void>): Promise<void> {
  if (error instanceof DOMException && error.name === "SecurityError") return act();
  throw error;
}

async function detailOf(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { detail?: unknown };
    return typeof body.detail === "string" ? body.detail : "";
  } catch {
    return "";
  }
}
