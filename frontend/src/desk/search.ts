/** The search box: ways to go on while typing, and what was searched for before in this browser, and nowhere else. */
import { find, findAll, on } from "../shared/dom";
import { getJson } from "../shared/http";
import { remembered } from "./searched";

interface Suggestion {
  query: string;
  label: string;
  hint: string;
}

const KEY = "pharos-searches";
const WAIT_MS = 120;
let timer = 0;
let asked = 0;

const listOf = (field: HTMLElement): HTMLElement | null => find("[data-search-list]", field.closest("[data-search]") ?? undefined);
const optionsOf = (list: HTMLElement): HTMLElement[] => findAll("[role=option]", list);

function before(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((one): one is string => typeof one === "string") : [];
  } catch {
    return [];
  }
}

function remember(query: string): void {
  try {
    localStorage.setItem(KEY, JSON.stringify(remembered(before(), query)));
  } catch {
    // A browser that keeps nothing searches all the same.
  }
}

function close(field: HTMLElement): void {
  const list = listOf(field);
  if (list) list.hidden = true;
  field.setAttribute("aria-expanded", "false");
  field.removeAttribute("aria-activedescendant");
}

function show(field: HTMLInputElement, suggestions: readonly Suggestion[]): void {
  const list = listOf(field);
  if (!list) return;
  list.replaceChildren(...suggestions.map((one, index) => option(field, list, one, index)));
  list.hidden = suggestions.length === 0;
  field.setAttribute("aria-expanded", String(suggestions.length > 0));
  field.removeAttribute("aria-activedescendant");
}

function option(field: HTMLInputElement, list: HTMLElement, one: Suggestion, index: number): HTMLElement {
  const item = document.createElement("div");
  item.className = "menu-item";
  item.id = `${list.id}-${index}`;
  item.role = "option";
  item.setAttribute("aria-selected", "false");
  item.dataset["query"] = one.query;
  const label = document.createElement("span");
  label.className = "truncate";
  label.textContent = one.label;
  item.append(label);
  if (one.hint) {
    const hint = document.createElement("span");
    hint.className = "push truncate text-xs text-ink-3";
    hint.textContent = one.hint;
    item.append(hint);
  }
  // Before the field loses the focus.
  item.addEventListener("mousedown", (event) => {
    event.preventDefault();
    take(field, one.query);
  });
  return item;
}

function choose(field: HTMLInputElement, by: 1 | -1): void {
  const list = listOf(field);
  if (!list || list.hidden) return;
  const options = optionsOf(list);
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const next = at < 0 ? (by > 0 ? 0 : options.length - 1) : (at + by + options.length) % options.length;
  options.forEach((one, index) => one.setAttribute("aria-selected", String(index === next)));
  options[next]?.scrollIntoView({ block: "nearest" });
  field.setAttribute("aria-activedescendant", options[next]?.id ?? "");
}

/** Put it into the box; what is whole is searched for by Enter. */
function take(field: HTMLInputElement, query: string): void {
  field.value = query;
  field.focus();
  close(field);
  offer(field);
}

function offer(field: HTMLInputElement): void {
  clearTimeout(timer);
  const box = field.closest<HTMLElement>("[data-search]");
  const url = box?.dataset["suggestUrl"];
  if (!url) return;
  if (!field.value.trim()) {
    asked += 1;
    const hint = box.dataset["textRecent"] ?? "";
    return show(field, before().map((query) => ({ query, label: query, hint })));
  }
  timer = window.setTimeout(() => void ask(field, url), WAIT_MS);
}

async function ask(field: HTMLInputElement, url: string): Promise<void> {
  const mine = (asked += 1);
  const answer = await getJson<{ suggestions: Suggestion[] }>(`${url}?q=${encodeURIComponent(field.value)}`).catch(() => null);
  // A later keystroke has asked again, or the person has gone elsewhere.
  if (mine === asked && document.activeElement === field) show(field, answer?.suggestions ?? []);
}

export function startSearch(): void {
  on("input", "[data-search-field]", (field) => offer(field as HTMLInputElement));
  on("focusin", "[data-search-field]", (field) => offer(field as HTMLInputElement));
  on("focusout", "[data-search-field]", close);
  on("submit", "[data-search]", (form) => remember(find<HTMLInputElement>("[data-search-field]", form)?.value ?? ""));
  on("keydown", "[data-search-field]", (element, event) => {
    const field = element as HTMLInputElement;
    const list = listOf(field);
    const chosen = list && !list.hidden ? find("[aria-selected=true]", list) : null;
    if (event.key === "ArrowDown") choose(field, 1);
    else if (event.key === "ArrowUp") choose(field, -1);
    else if (event.key === "Enter" && chosen) take(field, chosen.dataset["query"] ?? "");
    else if (event.key === "Escape" && list && !list.hidden) close(field);
    else return;
    event.preventDefault();
  });
}
