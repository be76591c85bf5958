/** The list of messages: what the server has and, below it, what still waits; each keeps its element. */
import { word } from "../shared/words";
import type { Conversation } from "./conversation";
import { dressMessage, dressWaiting, part } from "./dress";
import { showProgress } from "./fileview";
import type { Waiting } from "./outbox";

const NEAR_END_PX = 80;

/** What the list asks about files that wait. */
export interface WaitingFiles {
  /** An address of what this page has in memory, or "". */
  urlOf: (id: string) => string;
  progress: ReadonlyMap<string, number>;
  /** Whether this page can have them at all. */
  has: (waiting: Waiting) => boolean;
}

interface Shown {
  element: HTMLElement;
  signature: string;
}

export class MessageList {
  private readonly shown = new Map<string, Shown>();

  private readonly list = document.querySelector("[data-messages]") as HTMLElement;
  private readonly box = document.querySelector("[data-log]") as HTMLElement;
  private readonly template = document.getElementById("t-message") as HTMLTemplateElement;

  constructor(
    private readonly files: WaitingFiles,
    onEnd: () => void,
  ) {
    this.box.addEventListener("scroll", () => this.isAtEnd && onEnd(), { passive: true });
  }

  /** Whether the newest message is in view: not while a form stands in the list's place. */
  get isAtEnd(): boolean {
    return !this.box.hidden && this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_END_PX;
  }

  toEnd(): void {
    this.box.scrollTop = this.box.scrollHeight;
  }

  render(conversation: Conversation, waiting: readonly Waiting[]): void {
    const wasAtEnd = this.isAtEnd;
    const messages = conversation.messages;
    const lastMine = messages.findLast((one) => one.is_mine)?.seq;
    const keys = new Set<string>();
    let after: Element | null = null;
    const put = (key: string, signature: string, dress: (element: HTMLElement) => void): void => {
      const element = this.elementOf(key, signature, dress);
      keys.add(key);
      const expected: Element | null = after ? after.nextElementSibling : this.list.firstElementChild;
      if (element !== expected) this.list.insertBefore(element, expected);
      after = element;
    };
    for (const message of messages) {
      const state = message.is_mine ? conversation.stateOf(message) : "";
      const isTold = message.seq === lastMine;
      const key = message.is_mine && message.client_id ? `c${message.client_id}` : `s${conversation.chat}.${message.seq}`;
      const canChange = conversation.canChange(message);
      const words = message.parts.map((one) => one.text).join("");
      const signature = JSON.stringify([state, isTold, message.is_withdrawn, canChange, words]);
      put(key, signature, (element) => dressMessage(element, message, state, isTold, canChange));
    }
    for (const one of waiting) {
      if (conversation.has(one.id)) continue;
      const problem = one.problem || (this.files.has(one) ? "" : word("file-elsewhere"));
      put(`c${one.id}`, `queued${problem}`, (element) => dressWaiting(element, one, problem, this.files.urlOf));
      const element = this.shown.get(`c${one.id}`)?.element;
      if (element) showProgress(part(element, "attached"), one.isReady ? 1 : this.files.progress.get(one.id), problem !== "");
    }
    for (const [key, { element }] of this.shown) {
      if (keys.has(key)) continue;
      element.remove();
      this.shown.delete(key);
    }
    if (wasAtEnd) this.toEnd();
  }

  private elementOf(key: string, signature: string, dress: (element: HTMLElement) => void): HTMLElement {
    const known = this.shown.get(key);
    if (known?.signature === signature) return known.element;
    const element = known?.element ?? (this.template.content.firstElementChild?.cloneNode(true) as HTMLElement);
    dress(element);
    this.shown.set(key, { element, signature });
    return element;
  }
}
