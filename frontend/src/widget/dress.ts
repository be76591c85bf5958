/** How one message looks: stored, waiting, failed or taken back. */
import { fill, word } from "../shared/words";
import type { Message, Part } from "./conversation";
import { showSent, showWaiting } from "./fileview";
import { pieces } from "./links";
import type { Waiting } from "./outbox";

export function part<T extends HTMLElement = HTMLElement>(element: HTMLElement, name: string): T {
  return element.querySelector<T>(`[data-${name}]`) as T;
}

export function dressMessage(element: HTMLElement, message: Message, state: string, isTold: boolean, canChange: boolean): void {
  element.dataset["state"] = state || "theirs";
  element.dataset["seq"] = String(message.seq);
  element.classList.toggle("is-mine", message.is_mine);
  part(element, "who").textContent = message.is_mine ? word("you") : message.is_bot ? fill(word("bot"), { name: message.name }) : message.name || word("support");
  const text = part(element, "text");
  text.replaceChildren();
  if (message.is_withdrawn) text.append(word("withdrawn"));
  else for (const one of message.parts) text.append(...nodesOf(one));
  text.hidden = !text.textContent;
  text.classList.toggle("is-withdrawn", message.is_withdrawn);
  showSent(part(element, "attached"), message.is_withdrawn ? [] : message.files);
  const time = part<HTMLTimeElement>(element, "at");
  const at = new Date(message.at);
  time.dateTime = message.at;
  time.textContent = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "numeric", minute: "2-digit" }).format(at);
  time.title = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short" }).format(at);
  part(element, "sent").textContent = isTold ? word(state) : "";
  part(element, "corrected").hidden = !message.is_corrected || message.is_withdrawn;
  part(element, "own").hidden = !canChange;
  part(element, "edit").hidden = message.parts.length === 0;
  part(element, "tools").hidden = true;
}

/** `problem` is why it is not sent, "" while it is on its way. */
export function dressWaiting(element: HTMLElement, waiting: Waiting, problem: string, urlOf: (id: string) => string): void {
  element.dataset["state"] = problem ? "failed" : "queued";
  element.dataset["id"] = waiting.id;
  element.classList.add("is-mine");
  part(element, "who").textContent = word("you");
  const text = part(element, "text");
  text.textContent = waiting.text;
  text.hidden = !waiting.text.trim();
  showWaiting(part(element, "attached"), waiting.files, urlOf);
  part(element, "sent").textContent = problem ? fill(word("failed"), { why: problem }) : word("queued");
  // What takes long can be called off.
  part(element, "tools").hidden = !problem && !waiting.files.length;
  part(element, "retry").hidden = !problem;
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
