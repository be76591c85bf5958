/** Canned replies and macros in the composer: a slash opens the list, arrows choose, Enter or Tab inserts, Escape closes. */
import { announce, find, findAll, on, whenPresent } from "../shared/dom";
import { getJson, postForm } from "../shared/http";
import { chooseMacro } from "./macros";
import { type Canned, finds, slashBefore } from "./slash";

const FRESH_MS = 60_000;
let known: { url: string; at: number; replies: Canned[] } = { url: "", at: -FRESH_MS, replies: [] };
let shown: Canned[] = [];
let at = 0;
// What was closed by Escape stays closed until the slash is gone.
let isDismissed = false;

const box = (): HTMLElement | null => find("[data-canned]");
const field = (): HTMLTextAreaElement | null => find<HTMLTextAreaElement>("[data-composer-text]");
const isOpen = (): boolean => box()?.hidden === false;

async function replies(url: string): Promise<Canned[]> {
  if (known.url === url && performance.now() - known.at < FRESH_MS) return known.replies;
  const answer = await getJson<{ replies: Canned[] }>(url).catch(() => null);
  if (answer) known = { url, at: performance.now(), replies: answer.replies };
  return answer?.replies ?? [];
}

async function look(): Promise<void> {
  const [place, text] = [box(), field()];
  if (!place || !text) return;
  const slash = slashBefore(text.value, text.selectionStart);
  if (!slash) isDismissed = false;
  if (!slash || isDismissed) return close();
  const all = await replies(place.dataset["canned"] ?? "");
  const now = slashBefore(text.value, text.selectionStart);
  if (!now || place !== box()) return close();
  const found = finds(all, now.word);
  if (!found.length) return close();
  draw(place, found);
}

function draw(place: HTMLElement, found: Canned[]): void {
  const wasOpen = isOpen();
  shown = found;
  find("[data-canned-list]", place)?.replaceChildren(...found.map(option));
  place.hidden = false;
  field()?.setAttribute("aria-controls", "canned-list");
  if (!wasOpen) announce((place.dataset["opened"] ?? "").replace("{n}", String(found.length)));
  choose(0);
}

function option(one: Canned, index: number): HTMLElement {
  const [item, shortcut, title, scope] = [document.createElement("li"), ...["span", "span", "span"].map((name) => document.createElement(name))] as HTMLElement[];
  if (!item || !shortcut || !title || !scope) throw new Error("unreachable");
  Object.assign(item, { id: `canned-${index}`, role: "option", className: "menu-item" });
  Object.assign(shortcut, { className: "data", textContent: `/${one.shortcut}` });
  Object.assign(title, { className: "truncate", textContent: one.title });
  Object.assign(scope, { className: "push hint", textContent: one.scope === "own" ? (box()?.dataset["own"] ?? "") : one.scope });
  item.append(shortcut, title, scope);
  item.addEventListener("mousedown", (event) => event.preventDefault());
  item.addEventListener("click", () => insert(index));
  return item;
}

function choose(index: number): void {
  at = (index + shown.length) % shown.length;
  findAll("[data-canned-list] [role=option]").forEach((item, n) => {
    item.setAttribute("aria-selected", String(n === at));
    if (n === at) item.scrollIntoView({ block: "nearest" });
  });
  field()?.setAttribute("aria-activedescendant", `canned-${at}`);
  const preview = find("[data-canned-preview]");
  const one = shown[at];
  if (preview) preview.textContent = [one?.text, ...(one?.actions ?? []).map((said) => `• ${said}`)].filter(Boolean).join("\n");
}

function close(): void {
  const place = box();
  if (place) place.hidden = true;
  field()?.removeAttribute("aria-activedescendant");
  field()?.removeAttribute("aria-controls");
}

function insert(index: number): void {
  const [place, text, one] = [box(), field(), shown[index]];
  const slash = text ? slashBefore(text.value, text.selectionStart) : null;
  if (!place || !text || !one || !slash) return close();
  text.setRangeText(one.text, slash.from, text.selectionStart, "end");
  close();
  chooseMacro(one);
  text.focus();
  // The draft and the typing hint hear of it as of any typing.
  text.dispatchEvent(new Event("input", { bubbles: true }));
  announce(place.dataset["inserted"] ?? "");
  void postForm((place.dataset["used"] ?? "").replace("none", one.id), new URLSearchParams()).catch(() => null);
}

function pressed(event: KeyboardEvent): void {
  if (!isOpen() || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "ArrowDown") choose(at + 1);
  else if (event.key === "ArrowUp") choose(at - 1);
  else if ((event.key === "Enter" && !event.shiftKey) || (event.key === "Tab" && !event.shiftKey)) insert(at);
  else if (event.key === "Escape") {
    isDismissed = true;
    close();
  } else return;
  event.preventDefault();
}

export function startCanned(): void {
  // Before the keyboard of the page: Escape closes the list alone.
  document.addEventListener("keydown", (event) => event.target === field() && pressed(event), { capture: true });
  on("input", "[data-composer-text]", () => void look());
  on("click", "[data-composer-text]", () => void look());
  on("focusout", "[data-composer-text]", close);
  whenPresent("[data-canned]", close);
  on("click", "[data-canned-open]", () => {
    const text = field();
    if (!text) return;
    const before = text.value.slice(0, text.selectionStart);
    text.focus();
    isDismissed = false;
    text.setRangeText(before && !/\s$/.test(before) ? " /" : "/", text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new Event("input", { bubbles: true }));
  });
}
