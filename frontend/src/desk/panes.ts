/** Which pane is shown, which view is current, and what a pane shows while it loads or when it fails. */
import htmx from "htmx.org";
import { cloneOf, find, findAll, on, whenPresent } from "../shared/dom";
import { word } from "../shared/words";

const SKELETON_AFTER_MS = 120;

export function showPane(name: "views" | "queue" | "case"): void {
  const desk = find(".desk");
  if (desk) desk.dataset["pane"] = name;
}

function markView(): void {
  const view = find("[data-queue]")?.dataset["view"];
  if (!view) return;
  for (const link of findAll(".pane-views .nav-item[href]")) {
    if (link.dataset["viewLink"] === view) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** What to say for a status code; 0 is no answer at all. */
export function problemOf(status: number): { title: string; text: string } {
  const name =
    status === 0 ? "network" : status === 403 ? "forbidden" : status === 404 ? "missing" : status === 409 ? "conflict"
    : status === 429 ? "busy" : "server";
  return { title: word(`problem-${name}`), text: word(`problem-${name}-text`) };
}

interface HtmxDetail {
  ctx?: { target?: Element; sourceElement?: Element; response?: { status: number }; request?: { action: string; method: string } };
}

const detailOf = (event: Event): HtmxDetail => ((event as CustomEvent).detail ?? {}) as HtmxDetail;
const timers = new WeakMap<Element, number>();

function startLoading(event: Event): void {
  const { ctx } = detailOf(event);
  const target = ctx?.target;
  if (!(target instanceof HTMLElement) || ctx?.request?.method !== "GET") return;
  if (target.id !== "case" && target.id !== "queue") return;
  if (target.id === "case") showPane("case");
  const timer = window.setTimeout(() => {
    if (target.id === "case") target.replaceChildren(cloneOf("t-case-loading"));
    else find("[data-rows]", target)?.replaceChildren(cloneOf("t-queue-loading"));
  }, SKELETON_AFTER_MS);
  timers.set(target, timer);
}

function stopLoading(event: Event): HTMLElement | null {
  const target = detailOf(event).ctx?.target;
  if (!(target instanceof HTMLElement)) return null;
  clearTimeout(timers.get(target));
  return target;
}

/** A pane that could not be loaded says so in place; the way out is a button. */
export function showProblem(target: HTMLElement, status: number, url: string): void {
  const box = cloneOf("t-problem");
  const { title, text } = problemOf(status);
  const set = (name: string, value: string): void => {
    const element = find(`[data-${name}]`, box);
    if (element) element.textContent = value;
  };
  set("title", title);
  set("text", text);
  find("[data-again]", box)?.addEventListener("click", () => {
    void htmx.ajax("GET", url, { target, swap: target.id === "queue" ? "outerHTML" : "innerHTML" });
  });
  if (target.id === "queue") find("[data-rows]", target)?.replaceChildren(box);
  else target.replaceChildren(box);
}

export function startPanes(): void {
  on("click", "[data-show-pane]", (button) => {
    const name = button.dataset["showPane"] as "views" | "queue";
    showPane(name);
    if (name === "queue") find('[data-row-link][aria-current="true"]')?.focus({ preventScroll: true });
  });
  on("click", "[data-toggle-side]", () => {
    const open = find("[data-case]");
    if (!open) return;
    const isOpen = open.dataset["side"] === "open";
    open.dataset["side"] = isOpen ? "" : "open";
    const opener = find(".side-open", open);
    opener?.setAttribute("aria-expanded", String(!isOpen));
    if (isOpen) opener?.focus();
    else find(".side-close", open)?.focus();
  });
  on("click", "[data-dismiss]", (button) => button.closest(".notice, .toast, .file")?.remove());
  document.addEventListener("htmx:before:request", startLoading);
  document.addEventListener("htmx:after:request", stopLoading);
  document.addEventListener("htmx:after:swap", (event) => {
    const target = stopLoading(event);
    if (target?.id === "case") find("#case-subject")?.focus({ preventScroll: true });
  });
  whenPresent("#queue", (queue) => {
    markView();
    // A view chosen by hand starts without a ticket; a page that opens on a ticket keeps it.
    if (document.body.dataset["started"]) {
      const pane = find("#case");
      if (pane && !location.pathname.includes("/tickets/")) pane.replaceChildren(cloneOf("t-case-empty"));
      if (!location.pathname.includes("/tickets/")) showPane("queue");
      find("[data-rows]", queue)?.parentElement?.scrollTo(0, 0);
    }
    document.body.dataset["started"] = "yes";
  });
}
