/** Suggests how long a ticket has been open and looked at here; nothing is written down unless somebody sends the form. */
import { find, on, whenPresent } from "../shared/dom";
import { Looked } from "./looked";

const EVERY_MS = 15_000;
const looked = new Map<string, Looked>();

export function startSpent(): void {
  whenPresent("[data-time]", (form) => {
    const ticket = form.dataset["time"] ?? "";
    const clock = looked.get(ticket) ?? new Looked();
    looked.set(ticket, clock);
    const timer = window.setInterval(() => {
      if (!form.isConnected) return clearInterval(timer);
      clock.tick(Date.now(), !document.hidden, EVERY_MS * 2);
      show(form, clock.minutes);
    }, EVERY_MS);
    clock.tick(Date.now(), false, EVERY_MS * 2);
    show(form, clock.minutes);
  });
  on("click", "[data-time-suggest] button", (button) => {
    const form = button.closest<HTMLElement>("[data-time]");
    const field = form && find<HTMLInputElement>('[name="minutes"]', form);
    if (!form || !field) return;
    field.value = String(looked.get(form.dataset["time"] ?? "")?.minutes ?? "");
    field.focus();
  });
}

function show(form: HTMLElement, minutes: number): void {
  const place = find("[data-time-suggest]", form);
  const text = place && find("span", place);
  if (!place || !text) return;
  place.hidden = minutes < 1;
  text.textContent = (place.dataset["text"] ?? "").replace("{minutes}", String(minutes));
}
