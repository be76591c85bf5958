/** The visitors' doors. The token travels in a header; no cookie is sent, but at the start, where one may say who it is. */
import type { Suggested } from "../shared/suggest";
import type { PublicKeyCredentialRequestOptionsJSON } from "@simplewebauthn/browser";
import type { Answer, Message } from "./conversation";
import { TOKEN } from "./doors";
import { FileDoors } from "./file_doors";
import { exclusively } from "./locks";
import type { Waiting } from "./outbox";
import type { Told } from "./pages";
import { Refusal } from "./refusal";
import type { Wire } from "./wire";

export { Refusal };

/** A passkey's challenge, and the check that it belongs to. */
export interface Challenge {
  options: PublicKeyCredentialRequestOptionsJSON;
  check: string;
}

export interface Said {
  chat: string;
  message: Message;
  redactions: string[];
}

export class Api extends FileDoors {
  /** The socket that may answer instead of a door, once there is one. */
  wire: Wire | null = null;

  private starting: Promise<string> | null = null;

  /** Become a visitor, once for all tabs; returns who that is where the portal's cookie may say so, else "". */
  start(credentials: RequestCredentials): Promise<string> {
    // A frame without storage has no locks: within the tab, too, two who ask at once become one.
    this.starting ??= this.become(credentials).finally(() => (this.starting = null));
    return this.starting;
  }

  private async become(credentials: RequestCredentials): Promise<string> {
    let person = "";
    await exclusively("pharos-chat-start", async () => {
      if (this.token) return;
      const body = JSON.stringify({ origin: this.origin(), language: this.language });
      const found = (await (await this.ask("start/", { method: "POST", body, credentials })).json()) as { token: string; person: string };
      this.store.set(TOKEN, found.token);
      person = found.person;
    });
    return person;
  }

  async messages(chat: string, since: number): Promise<Answer> {
    const read = await this.wire?.ask<Answer>({ type: "read", chat, since }, this.token);
    if (read) return read;
    const query = new URLSearchParams({ chat, since: String(since) });
    return (await this.ask(`messages/?${query}`, {})).json() as Promise<Answer>;
  }

  async say({ id, text, files, form }: Waiting): Promise<Said> {
    const isPlain = files.length === 0 && !form;
    const said = isPlain && (await this.wire?.ask<Said>({ type: "say", client_id: id, text }, this.token));
    if (said) return said;
    const body = { client_id: id, text, files: files.map((file) => file.id), form };
    return (await this.post("say/", body)).json() as Promise<Said>;
  }

  /** Throws Refusal with what is wrong with the answers; returns what may answer the question already. */
  async checkForm(topic: string, answers: Record<string, string>, text: string): Promise<Suggested[]> {
    const answer = await this.post("form/", { topic, answers, text });
    return ((await answer.json()) as { suggestions: Suggested[] }).suggestions;
  }

  /** Leave a question that is answered by mail; returns its number. */
  async leave(id: string, text: string, address: string): Promise<number> {
    return ((await (await this.post("leave/", { client_id: id, text, address })).json()) as { number: number }).number;
  }

  async correct(chat: string, seq: number, text: string): Promise<Said> {
    return (await this.post("correct/", { chat, seq, text })).json() as Promise<Said>;
  }

  async takeBack(chat: string, seq: number): Promise<void> {
    await this.post("take-back/", { chat, seq });
  }

  async saw(chat: string, delivered: number, read: number): Promise<void> {
    await this.post("saw/", { chat, delivered, read });
  }

  async end(chat: string): Promise<void> {
    await this.post("end/", { chat });
  }

  /** Answer the survey about this conversation, or change the answer; returns it as it is kept, masked. */
  async rate(chat: string, survey: string, rating: number, comment: string): Promise<{ rating: number; comment: string; redactions: string[] }> {
    return (await this.post("rate/", { chat, survey, rating, comment })).json() as Promise<{ rating: number; comment: string; redactions: string[] }>;
  }

  async skipRating(chat: string, survey: string): Promise<void> {
    await this.post("skip-rating/", { chat, survey });
  }

  /** Ask whether there is a message for this page; `show` is "" for none. */
  async proactive(path: string, stayedS: number): Promise<{ show: string; text: string }> {
    return (await this.post("proactive/", { path, stayed_s: stayedS })).json() as Promise<{ show: string; text: string }>;
  }

  async answerProactive(show: string, answer: "opened" | "dismissed"): Promise<void> {
    await this.post("proactive/answer/", { show, answer });
  }

  async pages(pages: readonly Told[]): Promise<void> {
    await this.post("pages/", { pages });
  }

  /** The trust panel as it stands, or after something was done in it: HTML of ours, problems included. */
  async trust(door: string, body?: object): Promise<string> {
    const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
    return (await this.ask(`trust/${door}`, init, [422, 429])).text();
  }

  /** The panel of the chat by mail, or what stands there after something was done in it. */
  async byMail(door: string, body?: object): Promise<string> {
    const init = body ? { method: "POST", body: JSON.stringify(body) } : {};
    return (await this.ask(`mail/${door}`, init, [422])).text();
  }

  async challenge(action: string): Promise<Challenge> {
    return (await this.post("trust/options/", { action })).json() as Promise<Challenge>;
  }

  /** Become the customer of the exchange's word; returns who that is, in a word that means nothing elsewhere. */
  async identify(token: string, secret: string): Promise<string> {
    const body = { origin: this.origin(), language: this.language, token, secret };
    const found = (await (await this.post("identify/", body)).json()) as { token: string; person: string };
    if (found.token) this.store.set(TOKEN, found.token);
    return found.person;
  }

  async signOut(): Promise<void> {
    await this.post("sign-out/", {});
  }
}
