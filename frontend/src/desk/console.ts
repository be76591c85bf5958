/** The agent console: one's presence, the chat that rings and one's chats, read again at every hint. */
import htmx from "htmx.org";
import { announce, find, findAll, on, whenPresent } from "../shared/dom";
import { getFragment, postForm, Problem } from "../shared/http";
import { keepActive } from "./activity";
import { welcome } from "./handed";
import { problemOf } from "./panes";
import { contentOf } from "./rows";
import { dropRing, startRing } from "./ring";
import { toast } from "./toasts";

const PAUSE_MS = 250;
// Hints may be lost: what rings is looked for all the same.
const LOOK_EVERY_MS = 15_000;
let timer: number | undefined;
let isReading = false;
let isStale = false;

const url = (): string => document.body.dataset["consoleUrl"] ?? "";
const placeOf = (name: string): HTMLElement | null => find(`[data-console="${name}"]`);

async function read(): Promise<void> {
  if (!url() || isReading) {
    isStale = isReading;
    return;
  }
  isReading = true;
  const html = await getFragment(url()).catch(() => "");
  isReading = false;
  if (html) {
    const page = document.createElement("template");
    page.innerHTML = html;
    for (const part of page.content.querySelectorAll<HTMLElement>("[data-part]")) put(part);
  }
  if (isStale) consoleSoon();
  isStale = false;
}

/** Put a part into its place, unless it says the same, or somebody is choosing in it. */
function put(part: HTMLElement): void {
  const place = placeOf(part.dataset["part"] ?? "");
  if (!place || find("details[open]", place)) return;
  welcome(part, place);
  const [ring, shown] = [find("[data-ring]", part), find("[data-ring]", place)];
  if (ring && ring.dataset["ring"] === shown?.dataset["ring"]) return;
  if (!ring && contentOf(part) === contentOf(place)) return;
  const focused = place.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  const href = focused?.getAttribute("href");
  place.replaceChildren(...part.childNodes);
  if (href) find(`[href="${CSS.escape(href)}"]`, place)?.focus();
  else if (focused?.matches("summary")) find("summary", place)?.focus();
  dress(place);
}

/** Where a ticket can be opened beside the list, it is; elsewhere the link leads there. */
function dress(place: HTMLElement): void {
  for (const link of findAll("[data-my-chat]", place)) {
    if (location.pathname.includes(`/tickets/${link.dataset["myChat"]}/`)) link.setAttribute("aria-current", "page");
    if (!find("#case")) continue;
    link.dataset["hxGet"] = link.getAttribute("href") ?? "";
    link.dataset["hxTarget"] = "#case";
    link.dataset["hxPushUrl"] = "true";
    htmx.process(link);
  }
  const ask = find("[data-ask-notifications]", place);
  if (ask) ask.hidden = !("Notification" in window) || Notification.permission !== "default";
}

function failed(error: unknown): void {
  const status = error instanceof Problem ? error.status : 0;
  if (status === 401) return void window.dispatchEvent(new Event("pharos:signed-out"));
  const { title, text } = problemOf(status);
  toast(error instanceof Problem && error.detail ? error.detail : `${title}. ${text}`, true);
}

/** Many events in a burst lead to one reading. */
export function consoleSoon(): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => void read(), PAUSE_MS);
}

/** A message came in: what is mine may wait for me now. */
export function chatMoved(ticket: string): void {
  if (find(`[data-my-chat="${CSS.escape(ticket)}"]`)) consoleSoon();
}

async function say(button: HTMLButtonElement, form: HTMLFormElement): Promise<void> {
  button.closest("details")?.removeAttribute("open");
  await postForm(form.action, new URLSearchParams({ state: button.value })).catch(failed);
  announce(button.textContent?.trim() ?? "");
  find("summary", form.parentElement ?? document)?.focus();
  void read();
}

async function accept(button: HTMLButtonElement): Promise<void> {
  button.disabled = true;
  try {
    const answer = await postForm(button.dataset["ringAccept"] ?? "", new URLSearchParams());
    location.assign(((await answer.json()) as { url: string }).url);
  } catch (error) {
    failed(error);
    dropRing();
    void read();
  }
}

export function startConsole(): void {
  if (!url()) return;
  whenPresent("[data-console]", dress);
  whenPresent("[data-ring]", (ring) => startRing(ring, consoleSoon));
  // An open case, another one, or one that was put away: the list says which is looked at.
  whenPresent("[data-case]", () => {
    for (const link of findAll("[data-my-chat]")) {
      if (find(`[data-case="${CSS.escape(link.dataset["myChat"] ?? "")}"]`)) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
    consoleSoon();
  });
  on("submit", "[data-presence-form]", (form, event) => {
    event.preventDefault();
    const button = (event as SubmitEvent).submitter;
    if (button instanceof HTMLButtonElement) void say(button, form as HTMLFormElement);
  });
  on("click", "[data-ring-accept]", (button) => void accept(button as HTMLButtonElement));
  on("click", "[data-ring-decline]", (button) => {
    dropRing();
    void postForm(button.dataset["ringDecline"] ?? "", new URLSearchParams()).catch(failed).then(() => read());
  });
  on("click", "[data-ask-notifications]", (button) => {
    void Notification.requestPermission().then(() => {
      button.hidden = true;
    });
  });
  window.addEventListener("pharos:console", consoleSoon);
  document.addEventListener("visibilitychange", () => !document.hidden && consoleSoon());
  document.addEventListener("htmx:after:swap", (event) => {
    const target = ((event as CustomEvent).detail as { ctx?: { target?: Element } }).ctx?.target;
    if (target?.matches("#chat-panel, #composer")) consoleSoon();
  });
  setInterval(() => void read(), LOOK_EVERY_MS);
  keepActive(() => void postForm(document.body.dataset["activeUrl"] ?? "", new URLSearchParams()).catch(() => null));
  void read();
}
