/** Mail as it was sent: the sandboxed frame is loaded when asked for, with remote images only when asked again. */
import { find, on } from "../shared/dom";

interface Parts {
  frame: HTMLIFrameElement;
  holder: HTMLElement;
  text: HTMLElement | null;
  bar: HTMLElement;
}

function partsOf(button: HTMLElement): Parts | null {
  const card = button.closest<HTMLElement>(".msg-card");
  const holder = card && find("[data-frame-holder]", card);
  const frame = holder && find<HTMLIFrameElement>("iframe", holder);
  const bar = card && find("[data-frame-bar]", card);
  return card && holder && frame && bar ? { frame, holder, bar, text: find("[data-message-text]", card) } : null;
}

function show(button: HTMLElement, asSent: boolean): void {
  const parts = partsOf(button);
  if (!parts) return;
  parts.holder.hidden = !asSent;
  if (parts.text) parts.text.hidden = asSent;
  find("[data-frame-open]", parts.bar)?.setAttribute("aria-pressed", String(asSent));
  find("[data-frame-text]", parts.bar)?.setAttribute("aria-pressed", String(!asSent));
  for (const name of ["images", "tall"]) {
    const extra = find(`[data-frame-${name}]`, parts.bar);
    if (extra) extra.hidden = !asSent || extra.dataset["used"] === "yes";
  }
}

export function startFrames(): void {
  on("click", "[data-frame-open]", (button) => {
    const parts = partsOf(button);
    if (parts && !parts.frame.hasAttribute("src")) parts.frame.src = button.dataset["frameOpen"] ?? "";
    show(button, true);
  });
  on("click", "[data-frame-text]", (button) => show(button, false));
  on("click", "[data-frame-images]", (button) => {
    const parts = partsOf(button);
    if (!parts) return;
    parts.frame.src = button.dataset["frameImages"] ?? "";
    button.dataset["used"] = "yes";
    button.hidden = true;
    parts.frame.focus();
  });
  on("click", "[data-frame-tall]", (button) => {
    const parts = partsOf(button);
    if (!parts) return;
    const isTall = parts.frame.toggleAttribute("data-tall");
    button.setAttribute("aria-pressed", String(isTall));
  });
}
