/** The wallboard: asks for its figures again by itself, and says how old they are. */
import { find, on, whenPresent } from "../shared/dom";
import { getFragment } from "../shared/http";

export const EVERY_MS = 10_000;
/** Three readings missed: whoever looks has to know. */
export const STALE_MS = 35_000;

/** What is said about figures of an age. */
export function ageText(element: HTMLElement, ageMs: number): string {
  const text = element.dataset[ageMs > STALE_MS ? "textStale" : "textFresh"] ?? "";
  return text.replace("{seconds}", String(Math.floor(ageMs / 1000)));
}

/** Put a fresh reading in place of what is shown; whether there was one. */
export function replaceWith(shown: HTMLElement, html: string): boolean {
  const page = document.createElement("template");
  page.innerHTML = html;
  const fresh = page.content.querySelector<HTMLElement>("[data-wallboard]");
  if (!fresh) return false;
  shown.replaceWith(fresh);
  return true;
}

export function startWallboard(): void {
  whenPresent("[data-wallboard-page]", (page) => {
    // By a clock that nobody can set.
    let readAt = performance.now();
    const read = async (): Promise<void> => {
      const html = await getFragment(location.href).catch(() => "");
      const shown = find("[data-wallboard]", page);
      if (shown && html && replaceWith(shown, html)) readAt = performance.now();
    };
    const tell = (): void => {
      const ageMs = performance.now() - readAt;
      const isStale = ageMs > STALE_MS;
      const age = find("[data-wallboard-age]", page);
      if (age) age.textContent = ageText(age, ageMs);
      page.toggleAttribute("data-stale", isStale);
      const status = find("[data-wallboard-stale]", page);
      const said = isStale ? (status?.dataset["text"] ?? "") : "";
      if (status && status.textContent !== said) status.textContent = said;
    };
    const timers = [window.setInterval(() => void read(), EVERY_MS), window.setInterval(tell, 1_000)];
    const gone = new MutationObserver(() => {
      if (page.isConnected) return;
      timers.forEach((timer) => clearInterval(timer));
      gone.disconnect();
    });
    gone.observe(document.body, { childList: true, subtree: true });
  });
  on("click", "[data-wallboard-whole]", () => {
    if (document.fullscreenElement) void document.exitFullscreen();
    else void find("[data-wallboard-page]")?.requestFullscreen();
  });
}
