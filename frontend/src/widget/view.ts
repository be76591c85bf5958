/** The list of messages: what the server has and, below it, what still waits; each keeps its element. */
import { fill, word } from "../shared/words";
import type { Conversation, Message, Part } from "./conversation";
import { pieces } from "./links";
import type { Waiting } from "./outbox";

const NEAR_END_PX = 80;

interface Shown {
  element: HTMLElement;
  signature: string;
}

export class MessageList {
  private readonly shown = new Map<string, Shown>();

  constructor(
    private readonly list: HTMLElement,
    private readonly box: HTMLElement,
    private readonly template: HTMLTemplateElement,
  ) {}

  /** Whether the newest message is in view. */
  get isAtEnd(): boolean {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR_END_PX;
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
      put(key, `${state}${isTold}${message.is_withdrawn}`, (element) => dressMessage(element, message, state, isTold));
    }
    for (const one of waiting) {
      if (conversation.has(one.id)) continue;
      put(`c${one.id}`, `queued${one.problem}`, (element) => dressWaiting(element, one));
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

function part<T extends HTMLElement = HTMLElement>(element: HTMLElement, name: string): T {
  return element.querySelector<T>(`[data-${name}]`) as T;
}

function dressMessage(element: HTMLElement, message: Message, state: string, isTold: boolean): void {
  element.dataset["state"] = state || "theirs";
  element.dataset["seq"] = String(message.seq);
  element.classList.toggle("is-mine", message.is_mine);
  part(element, "who").textContent = message.is_mine ? word("you") : message.name || word("support");
  const text = part(element, "text");
  text.replaceChildren();
  if (message.is_withdrawn) text.append(word("withdrawn"));
  else for (const one of message.parts) text.append(...nodesOf(one));
  for (const name of message.is_withdrawn ? [] : message.files) text.append(line(fill(word("file"), { name })));
  text.classList.toggle("is-withdrawn", message.is_withdrawn);
  const time = part<HTMLTimeElement>(element, "at");
  const at = new Date(message.at);
  time.dateTime = message.at;
  time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" }).format(at);
  time.title = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" }).format(at);
  part(element, "sent").textContent = isTold ? word(state) : "";
  part(element, "tools").hidden = true;
}

function dressWaiting(element: HTMLElement, waiting: Waiting): void {
  element.dataset["state"] = waiting.problem ? "failed" : "queued";
  element.dataset["id"] = waiting.id;
  element.classList.add("is-mine");
  part(element, "who").textContent = word("you");
  part(element, "text").textContent = waiting.text;
  part(element, "sent").textContent = waiting.problem ? fill(word("failed"), { why: waiting.problem }) : word("queued");
  part(element, "tools").hidden = !waiting.problem;
}

function nodesOf(one: Part): Node[] {
  if (one.redaction) {
    const mark = document.createElement("span");
    mark.className = "chat-masked";
    mark.textContent = word("masked");
    return [mark];
  }
  return pieces(one.text).map(({ text, href }) => {
    if (!href) return document.createTextNode(text);
    const link = document.createElement("a");
    Object.assign(link, { href, textContent: text, target: "_blank", rel: "noopener noreferrer nofollow ugc" });
    return link;
  });
}

function line(text: string): HTMLElement {
  const element = document.createElement("span");
  element.className = "chat-file";
  element.textContent = text;
  return element;
}
