/** The leads' page of who takes chats: read again while it is looked at, and never under the hand. */
import { find, whenPresent } from "../shared/dom";
import { getFragment } from "../shared/http";
import { contentOf } from "./rows";

const EVERY_MS = 10_000;

async function refresh(): Promise<void> {
  const shown = find("[data-team]");
  if (!shown || document.hidden || shown.contains(document.activeElement)) return;
  const html = await getFragment(location.href).catch(() => "");
  const page = document.createElement("template");
  page.innerHTML = html;
  const fresh = page.content.querySelector<HTMLElement>("[data-team]");
  if (!fresh || shown.contains(document.activeElement) || contentOf(fresh) === contentOf(shown)) return;
  shown.replaceWith(fresh);
}

export function startTeam(): void {
  let timer: number | undefined;
  whenPresent("[data-team]", () => {
    clearInterval(timer);
    timer = window.setInterval(() => void refresh(), EVERY_MS);
  });
}
