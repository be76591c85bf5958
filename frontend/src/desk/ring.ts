/** A chat that rings: counts down, says so once, and tells the device when the page is not looked at. */
import { announce, find } from "../shared/dom";
import { secondsLeft } from "../shared/dates";

let shown: Notification | null = null;
let announced = "";

export function startRing(ring: HTMLElement, onOver: () => void): void {
  const seconds = Number(ring.dataset["seconds"] ?? 0);
  const place = find("[data-ring-left]", ring);
  const start = performance.now();
  tell(ring);
  const timer = setInterval(() => {
    const left = secondsLeft(seconds, start, performance.now());
    if (place) place.textContent = String(left);
    if (left > 0 && ring.isConnected) return;
    clearInterval(timer);
    shown?.close();
    if (!ring.isConnected) return;
    ring.remove();
    onOver();
  }, 250);
}

/** Answered here: it rings no more. */
export function dropRing(): void {
  find("[data-ring]")?.remove();
}

/** Says who, and nothing of what they wrote: a device may lie open on a table. */
function tell(ring: HTMLElement): void {
  const id = ring.dataset["ring"] ?? "";
  if (announced === id) return;
  announced = id;
  const text = ring.dataset["announceText"] ?? "";
  announce(text, "assertive");
  if (!document.hidden || !("Notification" in window) || Notification.permission !== "granted") return;
  shown = new Notification(text, { tag: id, silent: true });
  shown.onclick = () => window.focus();
}
