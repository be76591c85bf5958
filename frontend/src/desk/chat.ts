/** A chat at the desk: tells the visitor that one reads and writes, and shows quietly how far they have read. */
import { find, on, whenPresent } from "../shared/dom";
import type { DeskEvent } from "../generated/events";
import { getJson, postForm } from "../shared/http";
import { TypingHint } from "../shared/typing";

interface VisitorState {
  delivered: number;
  read: number;
  is_over: boolean;
  /** Whether the inbox shows what is typed and not sent, and what that is. */
  shows_typing: boolean;
  typed: string;
}

const TYPING_MS = 5_000;
let typingTimer: number | undefined;
let told = { ticket: "", delivered: 0, read: 0 };

const place = (): HTMLElement | null => find("[data-chat-state]");
const ticketOf = (element: HTMLElement): string => element.dataset["chatState"] ?? "";
const doorOf = (ticket: string): string => `/desk/chats/${ticket}/`;

/** Public numbers of what stands on the page: all of it, and the last one of ours. */
function numbers(): { last: number; ours: number } {
  const shown = (selector: string): number[] =>
    [...document.querySelectorAll<HTMLElement>(selector)].map((message) => Number(message.dataset["publicSeq"]));
  return { last: Math.max(0, ...shown("[data-public-seq]")), ours: Math.max(0, ...shown(".msg-out[data-public-seq]")) };
}

async function refresh(): Promise<void> {
  const element = place();
  if (!element) return;
  const state = await getJson<VisitorState>(doorOf(ticketOf(element))).catch(() => null);
  if (!state || place() !== element) return;
  const { ours } = numbers();
  const name = ours === 0 ? "" : ours <= state.read ? "read" : ours <= state.delivered ? "delivered" : "sent";
  element.dataset["seen"] = state.is_over ? "over" : name;
  element.dataset["shows"] = state.shows_typing ? "yes" : "no";
  preview(element.dataset["typing"] === "yes" ? state.typed : "");
  show(element);
}

/** What the customer types and has not sent. */
function preview(words: string): void {
  const [line, place] = [find("[data-typed]"), find("[data-typed-words]")];
  if (!line || !place) return;
  line.hidden = !words;
  place.textContent = words;
}

function show(element: HTMLElement): void {
  const name = element.dataset["typing"] === "yes" ? "writes" : (element.dataset["seen"] ?? "");
  const key = `text${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const text = name ? (element.dataset[key] ?? "") : "";
  if (element.textContent !== text) element.textContent = text;
}

/** What stands on a visible page has been received; what the composer counts as seen has been read. */
async function tell(): Promise<void> {
  const element = place();
  const seen = find<HTMLInputElement>("[data-seen-seq]");
  if (!element || !seen || document.hidden) return;
  const now = { ticket: ticketOf(element), delivered: numbers().last, read: Number(seen.value) };
  if (now.ticket === told.ticket && now.delivered <= told.delivered && now.read <= told.read) return;
  told = now;
  const body = new URLSearchParams({ delivered: String(now.delivered), read: String(now.read) });
  await postForm(`${doorOf(now.ticket)}seen/`, body).catch(() => {
    told = { ticket: "", delivered: 0, read: 0 };
  });
}

const typing = new TypingHint(() => {
  const element = place();
  if (!element || find<HTMLInputElement>("[data-composer] [name=mode]:checked")?.value === "note") return false;
  void postForm(`${doorOf(ticketOf(element))}typing/`, new URLSearchParams()).catch(() => typing.lost());
  return true;
});

function heard(event: DeskEvent): void {
  const element = place();
  if (!element || !("ticket" in event) || event.ticket !== ticketOf(element)) return;
  if (event.type === "customer.saw") return void refresh();
  element.dataset["typing"] = "yes";
  show(element);
  if (element.dataset["shows"] === "yes") void refresh();
  clearTimeout(typingTimer);
  typingTimer = window.setTimeout(() => {
    element.dataset["typing"] = "no";
    preview("");
    show(element);
  }, TYPING_MS);
}

export function startChat(): void {
  window.addEventListener("pharos:chat", (event) => heard((event as CustomEvent<DeskEvent>).detail));
  on("input", "[data-composer-text]", () => typing.typed());
  const look = (): void => void Promise.all([tell(), refresh()]);
  whenPresent("[data-chat-state]", look);
  whenPresent("[data-messages] > [data-public-seq]", () => place() && requestAnimationFrame(look));
  document.addEventListener("visibilitychange", () => place() && look());
  document.addEventListener("scroll", () => place() && void tell(), { passive: true, capture: true });
}
