/** A customer's field in full: off the screen after a minute, or when the page is left; copying it is noted. */
import htmx from "htmx.org";
import { announce, find, on, whenPresent } from "../shared/dom";
import { getFragment, postForm } from "../shared/http";

/** Take the value off the page at once, then bring the form back, masked. */
async function hide(shown: HTMLElement): Promise<void> {
  if (!shown.isConnected) return;
  const url = shown.dataset["form"] ?? "";
  const box = shown.parentElement;
  shown.remove();
  announce(shown.dataset["gone"] ?? "");
  const html = await getFragment(url).catch(() => "");
  if (!box?.isConnected || !html.trim()) return;
  box.outerHTML = html;
  const fresh = find("#reveal");
  if (fresh) htmx.process(fresh);
}

export function startRevealed(): void {
  whenPresent("[data-revealed]", (shown) => {
    shown.focus();
    const hideIt = (): void => void hide(shown);
    window.setTimeout(hideIt, 1000 * Number(shown.dataset["seconds"] ?? "0"));
    // A page that the browser keeps for going back keeps no value.
    window.addEventListener("pagehide", hideIt, { once: true });
  });
  for (const how of ["copy", "cut", "dragstart"] as const) {
    on(how, "[data-revealed]", (shown) => {
      const body = new URLSearchParams({ reveal: shown.dataset["revealed"] ?? "" });
      void postForm(shown.dataset["copied"] ?? "", body, true).catch(() => undefined);
    });
  }
}
