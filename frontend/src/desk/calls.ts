/** The page of calls asks again by itself who waits; what somebody is at by keyboard stays until they leave it. */
import { find, whenPresent } from "../shared/dom";
import { getFragment } from "../shared/http";

export const EVERY_MS = 5_000;

/** Put a fresh list in place of what is shown, unless somebody is within it; whether it was. */
export function replaceCalls(shown: HTMLElement, html: string): boolean {
  const page = document.createElement("template");
  page.innerHTML = html;
  const fresh = page.content.querySelector<HTMLElement>("[data-calls]");
  if (!fresh || shown.contains(document.activeElement)) return false;
  shown.replaceWith(fresh);
  return true;
}

export function startCalls(): void {
  whenPresent("[data-calls-page]", (page) => {
    const read = async (): Promise<void> => {
      const html = document.hidden ? "" : await getFragment(location.href).catch(() => "");
      const shown = find("[data-calls]", page);
      if (shown && html) replaceCalls(shown, html);
    };
    const timer = window.setInterval(() => {
      if (page.isConnected) void read();
      else clearInterval(timer);
    }, EVERY_MS);
  });
}
