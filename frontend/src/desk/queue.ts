/** The list of tickets: selection, rows brought up to date in place, "3 new" instead of jumping. */
import htmx from "htmx.org";
import { announce, find, findAll, insertHtml, on, whenPresent } from "../shared/dom";
import { getFragment } from "../shared/http";
import { counted, word } from "../shared/words";
import { Gathered } from "./gathered";
import { contentOf, rowsIn } from "./rows";

const waiting = new Set<string>();
const BURST_MS = 80;
// As many as the server answers at once.
const AT_ONCE = 50;
const moved = new Gathered(BURST_MS, AT_ONCE, readRows);
let shownView = "";

const queue = (): HTMLElement | null => find("[data-queue]");
const rowOf = (ticket: string): HTMLElement | null => find(`[data-row="${CSS.escape(ticket)}"]`);

export function currentView(): string | null {
  return queue()?.dataset["view"] ?? null;
}

/** Tickets came or changed; one act often brings several events, which lead to one reading. */
export function ticketsMoved(tickets: readonly string[]): void {
  if (queue()) moved.add(tickets);
}

/** Mend the rows where they stand, and count as new those that are not here. */
async function readRows(tickets: readonly string[]): Promise<void> {
  const box = queue();
  if (!box) return;
  const only = tickets.map((ticket) => `&only=${encodeURIComponent(ticket)}`).join("");
  const html = await getFragment(`${box.dataset["rowsUrl"]}${only}`).catch(() => null);
  if (html === null || queue() !== box) return;
  const rows = new Map(rowsIn(html).map((row) => [row.dataset["row"], row]));
  const before = waiting.size;
  for (const ticket of tickets) {
    const [row, fresh] = [rowOf(ticket), rows.get(ticket)];
    if (row && fresh) replaceRow(row, fresh.outerHTML);
    else if (row) leave(row);
    else if (fresh) waiting.add(ticket);
  }
  if (waiting.size > before) showNews();
}

function replaceRow(row: HTMLElement, html: string): void {
  const link = find("[data-row-link]", row);
  const hadFocus = link === document.activeElement;
  const isOpen = link?.getAttribute("aria-current") === "true";
  const [fresh] = insertHtml(row, "afterend", html);
  row.remove();
  const freshLink = fresh && find("[data-row-link]", fresh);
  if (!freshLink) return;
  if (isOpen) {
    freshLink.setAttribute("aria-current", "true");
    delete fresh.dataset["unread"];
  }
  if (hadFocus) freshLink.focus({ preventScroll: true });
}

/** It no longer belongs here, but the list does not move under the hand: the row only fades. */
function leave(row: HTMLElement): void {
  row.dataset["gone"] = "";
  row.title = word("moved");
}

function showNews(): void {
  const news = find("[data-news]");
  const text = news && find("[data-news-text]", news);
  if (!news || !text) return;
  news.hidden = waiting.size === 0;
  if (waiting.size === 0) return;
  text.textContent = counted(text, waiting.size);
  announce(waiting.size === 1 ? word("new-tickets-one") : word("new-tickets-many").replace("{n}", String(waiting.size)));
}

/** Read the first page again. */
export async function refreshRows(): Promise<void> {
  const box = queue();
  const list = find("[data-rows]");
  if (!box || !list) return;
  const open = find("[data-case]")?.dataset["case"];
  const html = await getFragment(`${box.dataset["rowsUrl"]}`).catch(() => null);
  if (html === null || queue() !== box) return;
  waiting.clear();
  list.innerHTML = html;
  htmx.process(list);
  markOpen(open ?? null);
  showNews();
}

/** After a gap without events: say that there is something new, without touching the rows. */
export async function checkForNews(): Promise<void> {
  const box = queue();
  if (!box) return;
  const html = await getFragment(`${box.dataset["rowsUrl"]}`).catch(() => null);
  if (html === null || queue() !== box) return;
  for (const row of rowsIn(html)) {
    const ticket = row.dataset["row"] ?? "";
    const here = rowOf(ticket);
    if (!here) waiting.add(ticket);
    else if (contentOf(here) !== contentOf(row)) replaceRow(here, row.outerHTML);
  }
  showNews();
}

export function markOpen(ticket: string | null): void {
  for (const link of findAll("[data-row-link]")) {
    const row = link.closest<HTMLElement>("[data-row]");
    const isOpen = row?.dataset["row"] === ticket;
    if (isOpen) {
      link.setAttribute("aria-current", "true");
      delete row?.dataset["unread"];
    } else link.removeAttribute("aria-current");
  }
}

/** j and k: the row after or before the focused (or open) one. */
export function step(by: 1 | -1): void {
  const links = findAll("[data-row-link]");
  const focused = links.indexOf(document.activeElement as HTMLElement);
  const from = focused >= 0 ? focused : links.findIndex((link) => link.getAttribute("aria-current") === "true");
  const next = links[from < 0 ? (by > 0 ? 0 : links.length - 1) : from + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

export function startQueue(): void {
  on("click", "[data-queue-refresh]", () => void refreshRows());
  on("click", "[data-row-link]", (link) => markOpen(link.closest<HTMLElement>("[data-row]")?.dataset["row"] ?? null));
  whenPresent("[data-queue]", (box) => {
    if (box.dataset["view"] !== shownView) waiting.clear();
    shownView = box.dataset["view"] ?? "";
    const known = find(`.pane-views [data-count="${CSS.escape(shownView)}"]`)?.textContent;
    const count = find("[data-count]", box);
    if (known && count) count.textContent = known;
  });
}
