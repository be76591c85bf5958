/** Short messages at the edge, among them "sent, undo" with its countdown. */
import { secondsLeft } from "../shared/dates";
import { announce, cloneOf, find, whenPresent } from "../shared/dom";
import { refreshMessage } from "./timeline";

const STAY_MS = 6000;

export function toast(text: string, isBad = false): void {
  const box = find("[data-toasts]");
  if (!box || !text) return;
  const item = cloneOf("t-toast");
  const place = find("[data-text]", item);
  if (place) place.textContent = text;
  item.classList.toggle("toast-bad", isBad);
  box.append(item);
  announce(text, isBad ? "assertive" : "polite");
  setTimeout(() => item.remove(), STAY_MS);
}

function countDown(item: HTMLElement): void {
  const seconds = Number(item.dataset["seconds"] ?? 10);
  const place = find("[data-undo-left]", item);
  const start = performance.now();
  const timer = setInterval(() => {
    const left = secondsLeft(seconds, start, performance.now());
    if (place) place.textContent = String(left);
    if (left > 0 && item.isConnected) return;
    clearInterval(timer);
    item.remove();
  }, 250);
}

export function startToasts(): void {
  whenPresent("[data-undo]", countDown);
  document.addEventListener("htmx:after:request", (event) => {
    const { ctx } = (event as CustomEvent).detail as { ctx?: { sourceElement?: Element; response?: { status: number } } };
    const form = ctx?.sourceElement?.closest<HTMLElement>("[data-undo-form]");
    if (!form) return;
    if (ctx?.response?.status === 409) toast(form.dataset["tooLate"] ?? "", true);
    else if (ctx?.response?.status === 200) void refreshMessage(Number(form.dataset["seq"]));
    form.closest(".toast")?.remove();
  });
}
